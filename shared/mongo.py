"""The seam to MongoDB: the one file that knows the driver, so that another can take its place here.

Documents are plain dictionaries with `_id`; times are aware UTC datetimes. Whatever the driver
raises because the database is away becomes `StoreAwayError` (503 with Retry-After at the edge).
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, TypeAlias, TypeVar

# Motor's threads are as many as five times the cores, and a write that has to wait for another's
# transaction holds one: with ten such, the transaction that they wait for would find none.
os.environ.setdefault("MOTOR_MAX_WORKERS", "64")  # noqa: TID251 motor reads it when imported

from bson.codec_options import CodecOptions
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from shared.clock import monotonic
from shared.errors import UnavailableError

__all__ = [
    "BeingWrittenError",
    "Collection",
    "Document",
    "DuplicateKeyError",
    "Filter",
    "Index",
    "Mongo",
    "Part",
    "Session",
    "StoreAwayError",
]

Document: TypeAlias = dict[str, Any]
Filter: TypeAlias = Mapping[str, Any]
Change: TypeAlias = Filter | Sequence[Filter]
"""What to change, or an aggregation pipeline that works out the document anew."""
Session: TypeAlias = AsyncIOMotorClientSession
T = TypeVar("T")

TRANSACTION_SECONDS: Final = 5.0
"""How long a transaction may be tried again before the caller hears 503."""
_AWAY: Final = (ConnectionFailure, ExecutionTimeout, WTimeoutError)
_TRANSIENT: Final = "TransientTransactionError"
_DUPLICATE_KEY: Final = 11000
_WRITE_CONFLICT: Final = 112
_UNKNOWN_COMMIT: Final = "UnknownTransactionCommitResult"


class StoreAwayError(UnavailableError):
    """The database can't be reached or has no primary just now."""

    code = "store_unavailable"
    detail = "The database can't be reached just now. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=5)


class BeingWrittenError(OperationFailure):
    """Another transaction, not committed yet, writes the document that was to be inserted."""


@contextmanager
def _away_becomes_ours() -> Any:
    try:
        yield
    except _AWAY as error:
        raise StoreAwayError from error


class Index:
    """An index of a collection: fields in order, `unique`, and a life for documents in seconds."""

    def __init__(
        self,
        *fields: str,
        unique: bool = False,
        expire_seconds: int | None = None,
        where: Filter | None = None,
    ) -> None:
        keys = [(name.removeprefix("-"), -1 if name.startswith("-") else 1) for name in fields]
        options: Document = {"unique": unique}
        if expire_seconds is not None:
            options["expireAfterSeconds"] = expire_seconds
        if where is not None:
            options["partialFilterExpression"] = where
        self.model = IndexModel(keys, **options)


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


class Collection:
    """One collection. `session` joins a transaction; without it an operation stands alone."""

    def __init__(self, driver: "AsyncIOMotorCollection[Document]") -> None:
        self._driver = driver

    async def ensure(self, *indexes: Index) -> None:
        with _away_becomes_ours():
            await self._driver.create_indexes([index.model for index in indexes])

    async def find_one(self, where: Filter, session: Session | None = None) -> Document | None:
        with _away_becomes_ours():
            return await self._driver.find_one(where, session=session)

    async def find(
        self,
        where: Filter,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        hint: Sequence[tuple[str, int]] = (),
        session: Session | None = None,
    ) -> list[Document]:
        """Documents in order; `hint` is an index's fields where MongoDB itself would choose another
        one, which only a measurement shows.
        """
        with _away_becomes_ours():
            cursor = self._driver.find(where, limit=limit, session=session)
            if sort:
                cursor = cursor.sort(list(sort))
            if hint:
                cursor = cursor.hint(list(hint))
            return await cursor.to_list(None)

    async def portions(
        self, where: Filter, *, size: int, session: Session | None = None
    ) -> AsyncIterator[list[Document]]:
        """All documents, so many at a time, in no order: for more than should be held at once."""
        cursor = self._driver.find(where, session=session, batch_size=size)
        while True:
            with _away_becomes_ours():
                portion = await cursor.to_list(size)
            if not portion:
                return
            yield portion

    async def aggregate(self, pipeline: Sequence[Filter]) -> list[Document]:
        with _away_becomes_ours():
            return await self._driver.aggregate(list(pipeline)).to_list(None)

    async def count(self, where: Filter, session: Session | None = None) -> int:
        with _away_becomes_ours():
            return await self._driver.count_documents(where, session=session)

    async def insert(self, *documents: Document, session: Session | None = None) -> None:
        """Insert one or several; a taken unique value raises DuplicateKeyError."""
        with _away_becomes_ours():
            if len(documents) == 1:
                await self._driver.insert_one(documents[0], session=session)
            else:
                await self._insert_all(documents, session)

    async def insert_first(self, document: Document, session: Session) -> None:
        """Insert as the first act of a transaction, and don't wait for another that does the same.

        DuplicateKeyError where it is there, BeingWrittenError where it is about to be.
        """
        try:
            await self.insert(document, session=session)
        except OperationFailure as error:
            if error.code != _WRITE_CONFLICT:
                raise
            raise BeingWrittenError("not committed yet", _WRITE_CONFLICT) from error

    async def _insert_all(self, documents: Sequence[Document], session: Session | None) -> None:
        try:
            await self._driver.insert_many(documents, session=session)
        except BulkWriteError as error:
            if any(flaw["code"] == _DUPLICATE_KEY for flaw in error.details["writeErrors"]):
                raise DuplicateKeyError("one of several is taken", _DUPLICATE_KEY) from error
            raise

    async def update(
        self, where: Filter, change: Change, *, upsert: bool = False, session: Session | None = None
    ) -> bool:
        """Change one document; True where there was one to change (or it was inserted)."""
        with _away_becomes_ours():
            done = await self._driver.update_one(where, change, upsert=upsert, session=session)
        return done.matched_count == 1 or done.upserted_id is not None

    async def update_many(
        self, where: Filter, change: Filter, session: Session | None = None
    ) -> int:
        with _away_becomes_ours():
            done = await self._driver.update_many(where, change, session=session)
        return done.modified_count

    async def replace(
        self,
        where: Filter,
        document: Document,
        *,
        upsert: bool = False,
        session: Session | None = None,
    ) -> bool:
        with _away_becomes_ours():
            done = await self._driver.replace_one(where, document, upsert=upsert, session=session)
        return done.matched_count == 1 or done.upserted_id is not None

    async def claim(
        self,
        where: Filter,
        change: Filter,
        *,
        sort: Sequence[tuple[str, int]] = (),
        upsert: bool = False,
        session: Session | None = None,
    ) -> Document | None:
        """Find one and change it in the same act; returns it as it is after the change."""
        with _away_becomes_ours():
            return await self._driver.find_one_and_update(
                where,
                change,
                sort=list(sort) or None,
                upsert=upsert,
                return_document=ReturnDocument.AFTER,
                session=session,
            )

    async def delete_many(self, where: Filter, session: Session | None = None) -> int:
        with _away_becomes_ours():
            return (await self._driver.delete_many(where, session=session)).deleted_count


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
        with _away_becomes_ours():
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
        until = monotonic() + TRANSACTION_SECONDS
        with _away_becomes_ours():
            async with await self._client.start_session() as session:
                while True:
                    try:
                        return await self._once(session, work, until)
                    except PyMongoError as error:
                        if not error.has_error_label(_TRANSIENT):
                            raise
                        if monotonic() > until:
                            raise StoreAwayError from error
                        await asyncio.sleep(0.005)

    async def _once(
        self, session: Session, work: Callable[[Session], Awaitable[T]], until: float
    ) -> T:
        session.start_transaction(
            read_concern=ReadConcern("snapshot"), write_concern=WriteConcern(w="majority", j=True)
        )
        try:
            result = await work(session)
        except BaseException:
            await _abort(session)
            raise
        while True:
            try:
                await _commit(session)
            except PyMongoError as error:
                if not error.has_error_label(_UNKNOWN_COMMIT) or monotonic() > until:
                    raise
            else:
                return result


async def _commit(session: Session) -> None:
    """Commit, and where that is cancelled, still wait: the driver's thread uses the session, and
    ending it meanwhile would abort the transaction by a call that blocks the event loop.
    """
    commit = asyncio.ensure_future(session.commit_transaction())
    try:
        await asyncio.shield(commit)
    except asyncio.CancelledError:
        await asyncio.wait([commit])
        raise


async def _abort(session: Session) -> None:
    try:
        await session.abort_transaction()
    except PyMongoError:
        return  # MongoDB ends it by itself; what made us give up is the error to tell


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


async def initiate_replica_set(port: int, name: str = "rs0", *, force: bool = False) -> None:
    """Make a lone `mongod` on this loopback port a replica set of one, or move it to this port."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=5000
    )
    host = f"127.0.0.1:{port}"
    try:
        try:
            config = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure:
            members = [{"_id": 0, "host": host}]
            await client.admin.command("replSetInitiate", {"_id": name, "members": members})
        else:
            if force or config["members"][0]["host"] != host:
                config["members"][0]["host"] = host
                config["version"] += 1
                await client.admin.command("replSetReconfig", config, force=True)
        while not (await client.admin.command("hello")).get("isWritablePrimary"):  # noqa: ASYNC110 only asking tells
            await asyncio.sleep(0.05)
    finally:
        client.close()
