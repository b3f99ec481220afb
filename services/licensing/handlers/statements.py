"""Monthly statements of a reseller, as files that are signed."""

from datetime import datetime
from typing import ClassVar, Final

from services.licensing.actions.statements import list_statements, read_statement
from services.licensing.deps import Deps
from services.licensing.domain.statements import FileKind
from shared.accept import chosen
from shared.models import File, Model, Nothing
from shared.routing import Call, Reply

SIGNATURE: Final = "Statement-Signature"
MEDIA: Final = {
    FileKind.JSON: "application/json",
    FileKind.CSV: "text/csv",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_KINDS: Final = {media: kind for kind, media in MEDIA.items()}


class FormatQuery(Model):
    format: FileKind | None = None


class StatementFile(File):
    media_types: ClassVar[tuple[str, ...]] = tuple(MEDIA.values())


class StatementView(Model):
    month: str
    made_at: datetime
    lines: int
    chargeable_units: dict[str, int]


class StatementsView(Model):
    items: list[StatementView]


async def list_all(call: Call[Deps, Nothing, Nothing]) -> Reply[StatementsView]:
    """List the reseller's monthly statements, the newest first."""
    made = await list_statements(call.deps, call.path["rid"], by=call.caller.subject)
    items = [
        StatementView(
            month=each.month,
            made_at=each.made_at,
            lines=each.lines,
            chargeable_units=dict(each.chargeable_units),
        )
        for each in made
    ]
    return Reply(StatementsView(items=items))


async def read(call: Call[Deps, Nothing, FormatQuery]) -> Reply[StatementFile]:
    """Read what a reseller owes for a month, a line per licence, as JSON, CSV or XLSX.

    `format` says which, or `Accept`. A month is stated once, an hour after it is over at the
    earliest, and its bytes stay the same from then on; before that it is 409 `month_not_over`. The
    header `Statement-Signature` is a detached JWS (RFC 7515, appendix F) over the body, in each
    format its own; its public key is at `GET /.well-known/licence-keys.json`.
    """
    kind = call.query.format or _KINDS[chosen(call.header("Accept"), list(_KINDS))]
    reseller_id, month = call.path["rid"], call.path["month"]
    by = call.caller.subject
    file = await read_statement(call.deps, reseller_id, month, kind, by=by)
    name = f"statement-{reseller_id}-{month}.{kind.value}"
    charset = "; charset=utf-8" if kind is FileKind.CSV else ""
    headers = {
        "Content-Type": f"{MEDIA[kind]}{charset}",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Vary": "Accept",
        SIGNATURE: file.signature,
    }
    return Reply(StatementFile(file.body), headers=headers)
