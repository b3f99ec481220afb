"""Users as a CSV file, in and out."""

from collections import Counter
from typing import ClassVar

from pydantic import Field

from services.auth.actions.user_csv import Outcome, RowResult, export_users, import_users
from services.auth.deps import Deps
from services.auth.handlers.users import manager, org_of
from shared.models import Model, Nothing, Text
from shared.routing import Call, Reply


class UsersCsv(Text):
    """Columns `username`, `firstname`, `lastname`, `email`, `comment`, `roles`; UTF-8, CRLF."""

    media_type: ClassVar[str] = "text/csv"


class ImportBody(Model):
    csv: str = Field(
        description="A file with a header; `username` and `email` must be there, `firstname`, "
        "`lastname`, `comment` and `roles` may be, in any order. At most 500 users "
        "and 64 KiB.",
        examples=["username,email,roles\nerika,erika@example.com,auditor\n"],
    )
    dry_run: bool = Field(
        default=False, description="Only say what would become of each row.", strict=True
    )


class FlawView(Model):
    column: str = Field(examples=["email"])
    code: str = Field(examples=["string_pattern_mismatch"])


class RowView(Model):
    line: int
    username: str
    outcome: Outcome = Field(
        description="`unchanged` where there is a user of this name already, whatever else is said."
    )
    errors: list[FlawView]


class ImportView(Model):
    dry_run: bool
    created: int
    unchanged: int
    invalid: int
    rows: list[RowView]


async def give_out(call: Call[Deps, Nothing, Nothing]) -> Reply[UsersCsv]:
    """Export all users as CSV; cells that look like formulas are made harmless."""
    text = await export_users(call.deps, org_of(call.path))
    headers = {"Content-Disposition": 'attachment; filename="users.csv"'}
    return Reply(UsersCsv(text), headers=headers)


async def take_in(call: Call[Deps, ImportBody, Nothing]) -> Reply[ImportView]:
    """Import users from CSV: whoever is not a user yet is invited.

    Sending the same file again changes nothing. A file that can't be read is refused as a whole;
    rows that can't be are told, and left out.
    """
    body = call.body
    results = await import_users(
        call.deps,
        org_of(call.path),
        body.csv,
        by=manager(call),
        dry_run=body.dry_run,
    )
    counts = Counter(result.outcome for result in results)
    view = ImportView(
        dry_run=body.dry_run,
        created=counts[Outcome.CREATED],
        unchanged=counts[Outcome.UNCHANGED],
        invalid=counts[Outcome.INVALID],
        rows=list(map(_row, results)),
    )
    return Reply(view)


def _row(result: RowResult) -> RowView:
    return RowView(
        line=result.line,
        username=result.username,
        outcome=result.outcome,
        errors=[FlawView(column=flaw.column, code=flaw.code) for flaw in result.flaws],
    )
