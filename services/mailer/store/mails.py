"""Mails in MongoDB: the queue, the log, and by whose hands a mail is.

`wake_at` says when somebody must look after a mail next: when it is due, or, while it is being
sent, when the sender's lease runs out. A mail that is sent or has failed has none. `version` grows
with every change, so that whoever has lost a mail to another replica changes nothing any more.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.mailer.domain.mails import Mail, MailState, Reason
from services.mailer.domain.priority import Priority, priority_of
from services.mailer.domain.templates import Locale, Template
from shared.mongo import Document, Index, Mongo
from shared.outbox import Transaction

KEPT: Final = timedelta(days=90)
"""How long the log knows of a mail that is sent or has failed."""
_FINISHED: Final = {MailState.SENT, MailState.FAILED}


@dataclass(frozen=True)
class Outgoing:
    """A mail with what it takes to send it."""

    mail: Mail
    account_id: str
    request_id: str
    sealed_token: str | None = None
    """The token of its link, sealed for the mailer; gone once the mail is sent or has failed."""
    version: int = 1


class Mails:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("mails")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("priority", "wake_at", where={"wake_at": {"$exists": True}}),
            Index("finished_at", expire_seconds=int(KEPT.total_seconds())),
        )

    async def add(self, outgoing: Outgoing, tx: Transaction) -> None:
        mail = outgoing.mail
        row = {
            "_id": mail.id,
            "template": mail.template.value,
            "locale": mail.locale.value,
            "recipient": mail.recipient,
            "created_at": mail.created_at,
            "expires_at": mail.expires_at,
            "values": dict(mail.values),
            "account_id": outgoing.account_id,
            "request_id": outgoing.request_id,
            "sealed_token": outgoing.sealed_token,
            "priority": priority_of(mail.template).value,
            "wake_at": mail.due_at,
            "version": outgoing.version,
            **_progress(mail),
        }
        await self._rows.insert(row, session=tx.session)

    async def claim(self, now: datetime, until: datetime) -> Outgoing | None:
        """The next mail that somebody must look after, ours until then; it is not changed yet."""
        row = await self._rows.claim(
            {
                "priority": {"$in": [each.value for each in Priority]},
                "wake_at": {"$lte": now},
                # While versions change, the older one leaves mails alone that it doesn't know.
                "template": {"$in": [each.value for each in Template]},
            },
            {"$set": {"wake_at": until}, "$inc": {"version": 1}},
            sort=[("priority", 1), ("wake_at", 1)],
        )
        return _outgoing(row) if row else None

    async def save(
        self, outgoing: Outgoing, mail: Mail, now: datetime, lease: timedelta
    ) -> Outgoing | None:
        """Keep the mail as it is now; None where it is no longer in our hands."""
        kept: dict[str, Any] = {**_progress(mail), "version": outgoing.version + 1}
        change: dict[str, Any] = {"$set": kept}
        if mail.state in _FINISHED:
            kept["finished_at"] = now
            change["$unset"] = {"wake_at": "", "sealed_token": ""}
        else:
            kept["wake_at"] = now + lease if mail.state is MailState.SENDING else mail.due_at
        where = {"_id": mail.id, "version": outgoing.version}
        if not await self._rows.update(where, change):
            return None
        return replace(outgoing, mail=mail, version=outgoing.version + 1)


def _progress(mail: Mail) -> Document:
    return {
        "state": mail.state.value,
        "due_at": mail.due_at,
        "attempts": mail.attempts,
        "reason": mail.reason and mail.reason.value,
        "smtp_code": mail.smtp_code,
        "sent_at": mail.sent_at,
    }


def _outgoing(row: Document) -> Outgoing:
    mail = Mail(
        id=row["_id"],
        template=Template(row["template"]),
        locale=Locale(row["locale"]),
        recipient=row["recipient"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        expires_at=row["expires_at"],
        values=row["values"],
        state=MailState(row["state"]),
        attempts=row["attempts"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        smtp_code=row["smtp_code"],
        sent_at=row["sent_at"],
    )
    return Outgoing(
        mail, row["account_id"], row["request_id"], row.get("sealed_token"), row["version"]
    )
