"""Which database a command works on."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.mongod import REPLICA_SET
from portal.ports import LOOPBACK


class NoDatabaseError(Exception):
    """Nothing says where the database is."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Set MONGO_URL, or name the data folder of `portal up`: not {folder}.")


def is_of_portal(folder: Path) -> bool:
    """Whether `portal up` has run on this folder."""
    return _port(folder).is_file()


def _port(folder: Path) -> Path:
    return folder / "mongodb/port"


class Where(BaseSettings):
    """Which database; the variables are the services' own."""

    model_config = SettingsConfigDict(
        env_prefix="PORTAL_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    mongo_url: str | None = Field(None, validation_alias="MONGO_URL")
    database_prefix: str = "portal_"

    @classmethod
    def of(cls, data_dir: Path) -> "Where":
        """As the environment says, else the MongoDB that `portal up` runs on this folder."""
        where = cls()
        if where.mongo_url is not None:
            return where
        if not is_of_portal(data_dir):
            raise NoDatabaseError(data_dir)
        url = (
            f"mongodb://{LOOPBACK}:{_port(data_dir).read_text().strip()}/?replicaSet={REPLICA_SET}"
        )
        return where.model_copy(update={"mongo_url": url})
