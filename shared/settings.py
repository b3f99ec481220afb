"""What every service's settings have in common: where they come from and what all of them share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.keys import Keys

S = TypeVar("S", bound="Settings")
MONGO_URL: Final = r"^mongodb(\+srv)?://\S+$"
AMQP_URL: Final = r"^amqps?://\S+$"


def _readable_keys(value: SecretStr) -> SecretStr:
    try:
        Keys.parse(value.get_secret_value())
    except Exception as error:
        raise ValueError("must be a JWK or a JWK Set in JSON") from error
    return value


KeySetting = Annotated[SecretStr, AfterValidator(_readable_keys)]
"""A JWK or JWK Set in JSON (`portal keys` writes them)."""


class SettingsError(Exception):
    """The environment lacks a setting or has one that makes no sense; the text says which."""


class Settings(BaseSettings):
    """Settings come from `PORTAL_*` variables, or from files of the same (lower-case) names in the
    folder that PORTAL_SECRETS_DIR names; each is read once, at the start.
    """

    model_config = SettingsConfigDict(
        env_prefix="PORTAL_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int
    """Each service has its own by default."""
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level logged."
    )
    grace_seconds: float = Field(
        15, gt=0, le=300, description="How long a stop waits for requests and events under way."
    )


class ServiceSettings(Settings):
    """Settings of a service behind the gateway."""

    mongo_url: str = Field(
        validation_alias="MONGO_URL",
        pattern=MONGO_URL,
        description="MongoDB replica set, e.g. mongodb://db/?replicaSet=rs0.",
    )
    amqp_url: str = Field(
        validation_alias="AMQP_URL",
        pattern=AMQP_URL,
        description="RabbitMQ, e.g. amqp://user:pass@bus/.",
    )
    database_prefix: str = Field(
        "portal_",
        pattern="^[a-z0-9_]{0,32}$",
        description="Put before each service's database name.",
    )
    event_retries: str = Field(
        "1 5 15 45",
        pattern=r"^[0-9]{1,5}( [0-9]{1,5}){0,19}$",
        description="Seconds after which a failed event is tried again; then it is a dead letter.",
    )
    pass_public_keys: KeySetting = Field(
        description="Public JWK Set of the gateway: only passes signed by it open a service."
    )

    @property
    def ladder(self) -> tuple[timedelta, ...]:
        return tuple(timedelta(seconds=int(each)) for each in self.event_retries.split())


class _Where(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_ignore_empty=True, extra="ignore")

    secrets_dir: DirectoryPath | None = None


def read_settings(kind: type[S]) -> S:
    """Read settings of this kind, or raise SettingsError with a line per setting that is wrong."""
    with told_by_line():
        return kind(_secrets_dir=_Where().secrets_dir)


@contextmanager
def told_by_line() -> Iterator[None]:
    """What is wrong with settings that are made within becomes a SettingsError."""
    try:
        yield
    except ValidationError as error:
        raise SettingsError("\n".join(map(_sentence, error.errors()))) from error


def _sentence(flaw: Any) -> str:
    name = ".".join(map(str, flaw["loc"]))
    variable = name if name.isupper() else f"PORTAL_{name.upper()}"
    return f"{variable}: {flaw['msg'].removeprefix('Value error, ')}"
