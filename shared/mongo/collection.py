"""One collection and what can be done with it: the operations that stores are written in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import BulkWriteError, OperationFailure

from shared.mongo.errors import BeingWrittenError, DuplicateKeyError, away_becomes_ours

Document: TypeAlias = dict[str, Any]
Filter: TypeAlias = Mapping[str, Any]
Change: TypeAlias = Filter | Sequence[Filter]
"""What to change, or an aggregation pipeline that works out the document anew."""
Session: TypeAlias = AsyncIOMotorClientSession
"""Of a transaction (`Mongo.transact`): an operation that is given it is part of it."""

_DUPLICATE_KEY: Final = 11000
_WRITE_CONFLICT: Final = 112


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


class Collection:
    """One collection. `session` joins a transaction; without it an operation stands alone."""

    def __init__(self, driver: "AsyncIOMotorCollection[Document]") -> None:
        self._driver = driver

    async def ensure(self, *indexes: Index) -> None:
        with away_becomes_ours():
            await self._driver.create_indexes([index.model for index in indexes])

    async def find_one(self, where: Filter, session: Session | None = None) -> Document | None:
        with away_becomes_ours():
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
        with away_becomes_ours():
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
            with away_becomes_ours():
                portion = await cursor.to_list(size)
            if not portion:
                return
            yield portion

    async def aggregate(self, pipeline: Sequence[Filter]) -> list[Document]:
        with away_becomes_ours():
            return await self._driver.aggregate(list(pipeline)).to_list(None)

    async def count(self, where: Filter, session: Session | None = None) -> int:
        with away_becomes_ours():
            return await self._driver.count_documents(where, session=session)

    async def insert(self, *documents: Document, session: Session | None = None) -> None:
        """Insert one or several; a taken unique value raises DuplicateKeyError."""
        with away_becomes_ours():
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
        with away_becomes_ours():
            done = await self._driver.update_one(where, change, upsert=upsert, session=session)
        return done.matched_count == 1 or done.upserted_id is not None

    async def update_many(
        self, where: Filter, change: Filter, session: Session | None = None
    ) -> int:
        with away_becomes_ours():
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
        with away_becomes_ours():
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
        with away_becomes_ours():
            return await self._driver.find_one_and_update(
                where,
                change,
                sort=list(sort) or None,
                upsert=upsert,
                return_document=ReturnDocument.AFTER,
                session=session,
            )

    async def delete_many(self, where: Filter, session: Session | None = None) -> int:
        with away_becomes_ours():
            return (await self._driver.delete_many(where, session=session)).deleted_count
