"""One database: its collections, looks at several of them at once, and transactions."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from shared.mongo.collection import Collection, Document, Filter, Session
from shared.mongo.errors import away_becomes_ours
from shared.mongo.transactions import transact

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """Which documents of a collection a look at several takes in, and what it adds to each."""

    collection: str
    where: Filter
    then: tuple[Filter, ...] = ()
    """Further stages of an aggregation pipeline."""

    @property
    def stages(self) -> list[Filter]:
        named = {self.collection: "$$ROOT"}
        return [{"$match": self.where}, *self.then, {"$replaceWith": named}]


class Mongo:
    """A client of one database; one per event loop, closed at the end of the process."""

    def __init__(self, client: "AsyncIOMotorClient[Document]", name: str) -> None:
        self._client = client
        self._database: AsyncIOMotorDatabase[Document] = client.get_database(
            name,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )

    def collection(self, name: str) -> Collection:
        return Collection(self._database.get_collection(name))

    async def look(self, *parts: Part) -> dict[str, list[Document]]:
        """Documents of several collections in one round trip, by the collection's name.

        A round trip costs more than what is done in it, so this is for what is asked often.
        """
        first, *others = parts
        unions = [
            {"$unionWith": {"coll": part.collection, "pipeline": part.stages}} for part in others
        ]
        found: dict[str, list[Document]] = {part.collection: [] for part in parts}
        with away_becomes_ours():
            cursor = self._database.get_collection(first.collection).aggregate(
                [*first.stages, *unions]
            )
            for row in await cursor.to_list(None):
                for name, document in row.items():
                    found[name].append(document)
        return found

    async def ping(self) -> bool:
        try:
            await self._database.command("ping")
        except PyMongoError:
            return False
        return True

    async def drop(self) -> None:
        """Delete the whole database (tests and benchmarks clean up with it)."""
        await self._client.drop_database(self._database.name)

    async def transact(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run `work` in a transaction and commit it.

        `work` may run several times, so it only reads and writes through the session it is given.
        Two attempts that collide are told apart by MongoDB: the later one runs again. After five
        seconds the caller gets StoreAwayError.
        """
        with away_becomes_ours():
            async with await self._client.start_session() as session:
                return await transact(session, work)


@asynccontextmanager
async def open_mongo(url: str, name: str) -> AsyncIterator[Mongo]:
    """A client for the running loop. Requests wait at most five seconds for a primary."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        url,
        serverSelectionTimeoutMS=5000,
        connectTimeoutMS=2000,
        socketTimeoutMS=10000,
        maxPoolSize=64,
        tz_aware=True,
    )
    try:
        yield Mongo(client, name)
    finally:
        client.close()
