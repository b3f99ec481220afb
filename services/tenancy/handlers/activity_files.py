"""What happened in an organisation as JSON lines or CSV, with the hashes that chain the rows.

A file has a part of the chain: where there is more, `Link` names the next part. The signed head,
which says where the chain ends, is the last line of JSON, and a header beside CSV.

With a filter a file has what the list of pages has, newest first: no part of the chain, so no head.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from pydantic import Field, model_validator

from services.tenancy.actions.activity import export_activity, list_activity
from services.tenancy.deps import Deps
from services.tenancy.domain.chain import Entry
from services.tenancy.handlers.activity import ActivityFilterQuery, filter_of, mark
from shared.cells import guarded
from shared.models import Model, Nothing, Text
from shared.paging import cut
from shared.routing import Call, Reply

HEAD: Final = "Activity-Head"
COLUMNS: Final = (
    "chain",
    "sequence",
    "id",
    "at",
    "place",
    "what",
    "subject",
    "actor",
    "actor_org",
    "reason",
    "request_id",
    "details",
    "previous",
    "hash",
)


class ExportQuery(ActivityFilterQuery):
    after: int = Field(
        0,
        ge=0,
        lt=10**15,
        description="The last row that one has already, of a file without a filter.",
    )
    cursor: str | None = Field(
        None, max_length=2048, description="Of the `Link` of a file with a filter."
    )
    limit: int = Field(2000, ge=1, le=5000)

    @property
    def is_filtered(self) -> bool:
        return bool(self.model_fields_set - {"after", "limit"})

    @model_validator(mode="after")
    def _must_be_one_or_the_other(self) -> "ExportQuery":
        if self.after and self.is_filtered:
            raise ValueError("A file with a filter goes on by its cursor.")
        return self


class ActivityLines(Text):
    """A row per line, oldest first, then `{"head": …}`: a JWT that says where the chain ends."""

    media_type: ClassVar[str] = "application/jsonl"


class ActivityCsv(Text):
    """Columns as in the JSON lines; `details` is JSON. UTF-8, CRLF; formulas are made harmless."""

    media_type: ClassVar[str] = "text/csv"


class ActivityKeysView(Model):
    """A JWK Set (RFC 7517)."""

    keys: list[dict[str, Any]]


async def lines_of_own(call: Call[Deps, Nothing, ExportQuery]) -> Reply[ActivityLines]:
    """Export one's own organisation's activity as JSON lines."""
    return await _export(call, call.caller.org, _lines)


async def lines_of_reseller(call: Call[Deps, Nothing, ExportQuery]) -> Reply[ActivityLines]:
    """Export a reseller's activity as JSON lines."""
    return await _export(call, call.path["rid"], _lines)


async def lines_of_tenant(call: Call[Deps, Nothing, ExportQuery]) -> Reply[ActivityLines]:
    """Export a tenant's activity as JSON lines."""
    return await _export(call, call.path["tid"], _lines)


async def csv_of_own(call: Call[Deps, Nothing, ExportQuery]) -> Reply[ActivityCsv]:
    """Export one's own organisation's activity as CSV."""
    return await _export(call, call.caller.org, _csv)


async def csv_of_reseller(call: Call[Deps, Nothing, ExportQuery]) -> Reply[ActivityCsv]:
    """Export a reseller's activity as CSV."""
    return await _export(call, call.path["rid"], _csv)


async def csv_of_tenant(call: Call[Deps, Nothing, ExportQuery]) -> Reply[ActivityCsv]:
    """Export a tenant's activity as CSV."""
    return await _export(call, call.path["tid"], _csv)


async def keys(call: Call[Deps, Nothing, Nothing]) -> Reply[ActivityKeysView]:
    """Read the public keys that the heads of the chains are signed with."""
    return Reply(ActivityKeysView.model_validate_json(call.deps.notary.public_keys))


async def _export(
    call: Call[Deps, Nothing, ExportQuery],
    org: str,
    write: Callable[[list[Entry], str | None], Any],
) -> Reply[Any]:
    query = call.query
    part = await (_fitting if query.is_filtered else _chained)(call.deps, org, query)
    kind = call.request.path.rpartition(".")[2]
    headers = {"Content-Disposition": f'attachment; filename="activity-{org}.{kind}"'}
    if part.head is not None:
        headers[HEAD] = part.head
    if part.goes_on:
        given = query.model_dump(mode="json", exclude_unset=True)
        target = urlencode({**given, "limit": query.limit, **part.goes_on})
        headers["Link"] = f'<{call.request.path}?{target}>; rel="next"'
    return Reply(write(part.entries, part.head), headers=headers)


@dataclass(frozen=True)
class _Part:
    entries: list[Entry]
    head: str | None
    goes_on: dict[str, str]
    """What to ask for the next part with; empty where there is none."""


async def _chained(deps: Deps, org: str, query: ExportQuery) -> _Part:
    found, head = await export_activity(deps, org, query.after, query.limit)
    entries, is_more = found[: query.limit], len(found) > query.limit
    return _Part(entries, head, {"after": str(entries[-1].sequence)} if is_more else {})


async def _fitting(deps: Deps, org: str, query: ExportQuery) -> _Part:
    found = await list_activity(deps, org, filter_of(query, query.cursor), query.limit)
    page = cut(found, query.limit, mark)
    return _Part(list(page.items), None, {"cursor": page.next_cursor} if page.next_cursor else {})


def _lines(entries: list[Entry], head: str | None) -> ActivityLines:
    rows: list[dict[str, Any]] = [entry.fields() for entry in entries]
    rows += [{"head": head}] if head else []
    return ActivityLines("".join(json.dumps(row) + "\n" for row in rows))


def _csv(entries: list[Entry], _: str | None) -> ActivityCsv:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for entry in entries:
        fields = entry.fields()
        fields["details"] = json.dumps(fields["details"], ensure_ascii=False)
        writer.writerow([guarded(_cell(fields[name])) for name in COLUMNS])
    return ActivityCsv(out.getvalue())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
