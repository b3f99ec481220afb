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
        where, port = cls(), data_dir / "mongodb/port"
        if where.mongo_url is not None:
            return where
        if not port.is_file():
            raise NoDatabaseError(data_dir)
        url = f"mongodb://{LOOPBACK}:{port.read_text().strip()}/?replicaSet={REPLICA_SET}"
        return where.model_copy(update={"mongo_url": url})
