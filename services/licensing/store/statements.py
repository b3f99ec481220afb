"""The collection of statements: each one written once, as the bytes that it is sent as."""

import zlib
from datetime import datetime
from typing import Any, Final

from services.licensing.domain.statements import Filed, FileKind, Made, SignedFile
from shared.mongo.collection import Collection, Index, Session

_MARK: Final = "stated"


class Statements:
    def __init__(self, rows: Collection, files: Collection, marks: Collection) -> None:
        self._rows = rows
        self._files = files
        self._marks = marks

    async def prepare(self) -> None:
        await self._rows.ensure(Index("reseller_id", "-month", unique=True))

    async def last_month(self) -> str | None:
        """The last month that was stated for everybody."""
        row = await self._marks.find_one({"_id": _MARK})
        return row["month"] if row else None

    async def note_month(self, month: str) -> None:
        await self._marks.update({"_id": _MARK}, {"$max": {"month": month}}, upsert=True)

    async def has(self, reseller_id: str, month: str) -> bool:
        return await self._rows.find_one({"_id": _id(reseller_id, month)}) is not None

    async def add(self, filed: Filed, session: Session) -> None:
        """Keep it with its files; DuplicateKeyError where the month is stated already."""
        made = filed.made
        row = {
            "_id": _id(made.reseller_id, made.month),
            "reseller_id": made.reseller_id,
            "month": made.month,
            "made_at": made.made_at,
            "lines": made.lines,
            "chargeable_units": dict(made.chargeable_units),
        }
        await self._rows.insert(row, session=session)
        await self._files.insert(*_files(filed), session=session)

    async def of_reseller(self, reseller_id: str) -> list[Made]:
        """All of them, the newest first."""
        rows = await self._rows.find({"reseller_id": reseller_id}, sort=[("month", -1)])
        return [_made(row) for row in rows]

    async def file(self, reseller_id: str, month: str, kind: FileKind) -> SignedFile | None:
        row = await self._files.find_one({"_id": f"{_id(reseller_id, month)}:{kind.value}"})
        return SignedFile(zlib.decompress(row["body"]), row["signature"]) if row else None


def _id(reseller_id: str, month: str) -> str:
    return f"{reseller_id}:{month}"


def _files(filed: Filed) -> list[dict[str, Any]]:
    own = _id(filed.made.reseller_id, filed.made.month)
    return [
        {
            "_id": f"{own}:{kind.value}",
            "body": zlib.compress(file.body),
            "signature": file.signature,
        }
        for kind, file in filed.files.items()
    ]


def _made(row: dict[str, Any]) -> Made:
    made_at: datetime = row["made_at"]
    return Made(row["reseller_id"], row["month"], made_at, row["lines"], row["chargeable_units"])
