"""Mails in MongoDB: the queue, the log, and by whose hands a mail is.

`wake_at` says when somebody must look after a mail next: when it is due, or, while it is being
sent, when the sender's lease runs out. A mail that is sent or has failed has none. `version` grows
with every change, so that whoever has lost a mail to another replica changes nothing any more.

Of what is due, `turn` says who goes first. The mails of one organisation take turns that lie apart,
so a thousand of them stand in a row of their own while somebody else's next mail has its turn now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.mailer.domain.bounces import address_key, domain_of
from services.mailer.domain.mail_log import LogFilter, Logged, Step
from services.mailer.domain.mails import Mail, MailState, Reason
from services.mailer.domain.priority import Priority, priority_of
from services.mailer.domain.templates import Locale, Template
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.newest import NEWEST, older_than
from shared.outbox import Transaction

KEPT: Final = timedelta(days=90)
"""How long the log knows of a mail that is sent or has failed."""
_FINISHED: Final = {MailState.SENT, MailState.FAILED, MailState.SUPPRESSED}
_APART: Final = timedelta(milliseconds=100)
"""Between the turns of two mails of one organisation; it says how they stand to those of others,
not how fast they go.
"""
_LONGEST_HISTORY: Final = 100


@dataclass(frozen=True)
class Outgoing:
    """A mail with what it takes to send it."""

    mail: Mail
    account_id: str
    org: str
    request_id: str
    sealed_token: str | None = None
    """The token of its link, sealed for the mailer; gone once the mail is sent or has failed."""
    version: int = 1


class Mails:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("mails")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("priority", "turn", where={"wake_at": {"$exists": True}}),
            Index("org", "state", "turn", where={"wake_at": {"$exists": True}}),
            Index("created_at", "_id"),
            Index("org", "created_at", "_id"),
            Index("address_key", "created_at", "_id"),
            Index("request_id"),
            Index("account_id", "created_at", "_id"),
            Index("finished_at", expire_seconds=int(KEPT.total_seconds())),
        )

    async def add(self, outgoing: Outgoing, tx: Transaction) -> None:
        mail = outgoing.mail
        row = {
            "_id": mail.id,
            "template": mail.template.value,
            "locale": mail.locale.value,
            "recipient": mail.recipient,
            "address_key": address_key(mail.recipient),
            "domain": domain_of(mail.recipient),
            "org": outgoing.org,
            "created_at": mail.created_at,
            "expires_at": mail.expires_at,
            "values": dict(mail.values),
            "account_id": outgoing.account_id,
            "request_id": outgoing.request_id,
            "sealed_token": outgoing.sealed_token,
            "priority": priority_of(mail.template).value,
            "wake_at": mail.due_at,
            "turn": await self._turn(outgoing, tx),
            "version": outgoing.version,
            **_progress(mail),
        }
        await self._rows.insert(row, session=tx.session)

    async def _turn(self, outgoing: Outgoing, tx: Transaction) -> datetime:
        """After the last turn of those of the same organisation that wait for theirs, or at once.
        Two that are queued at the same instant may get the same turn, which harms nobody.

        One that is deferred, or in somebody's hands, has its turn when that is over; nobody stands
        behind it.
        """
        due_at = outgoing.mail.due_at
        where = {
            "org": outgoing.org,
            "state": MailState.QUEUED.value,
            "wake_at": {"$lte": due_at},
        }
        last = await self._rows.find(where, sort=[("turn", -1)], limit=1, session=tx.session)
        return max(due_at, last[0]["turn"] + _APART) if last else due_at

    async def claim(
        self, now: datetime, until: datetime, busy_domains: Iterable[str] = ()
    ) -> Outgoing | None:
        """The next mail that somebody must look after, ours until then; it is not changed yet."""
        row = await self._rows.claim(
            {
                "priority": {"$in": [each.value for each in Priority]},
                "wake_at": {"$lte": now},
                # While versions change, the older one leaves mails alone that it doesn't know.
                "template": {"$in": [each.value for each in Template]},
                "domain": {"$nin": list(busy_domains)},
            },
            {"$set": {"wake_at": until, "turn": until}, "$inc": {"version": 1}},
            sort=[("priority", 1), ("turn", 1)],
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
            change["$unset"] = {"wake_at": "", "turn": "", "sealed_token": ""}
        else:
            wake_at = now + lease if mail.state is MailState.SENDING else mail.due_at
            kept |= {"wake_at": wake_at, "turn": wake_at}
        if mail.state is not MailState.SENDING:
            step = _step_row(mail, now)
            change["$push"] = {"history": {"$each": [step], "$slice": -_LONGEST_HISTORY}}
        where = {"_id": mail.id, "version": outgoing.version}
        if not await self._rows.update(where, change):
            return None
        return replace(outgoing, mail=mail, version=outgoing.version + 1)

    async def find(self, mail_id: str, tx: Transaction | None = None) -> Logged | None:
        row = await self._rows.find_one({"_id": mail_id}, session=tx.session if tx else None)
        return _logged(row) if row else None

    async def note_bounce(self, logged: Logged, mail: Mail, now: datetime, tx: Transaction) -> bool:
        """Keep that a mail came back; False where it is no longer as it was read."""
        step = _step_row(mail, now)
        change = {"$set": _progress(mail), "$push": {"history": step}}
        where = {"_id": mail.id, "state": logged.mail.state.value}
        return await self._rows.update(where, change, session=tx.session)

    async def page(self, which: LogFilter, limit: int) -> list[Logged]:
        """Mails of the log, newest first."""
        rows = await self._rows.find(_conditions(which), sort=NEWEST, limit=limit)
        return [_logged(row) for row in rows]

    async def waiting(self) -> dict[str, int]:
        """How many mails are in each state in which somebody must still look after them."""
        states = (MailState.QUEUED, MailState.SENDING, MailState.DEFERRED)
        among = {"wake_at": {"$exists": True}}
        return {state: await self._rows.count({**among, "state": state}) for state in states}


def _conditions(which: LogFilter) -> dict[str, Any]:
    wanted = {
        "org": which.org,
        "request_id": which.request_id,
        "account_id": which.account_id,
        "address_key": address_key(which.address) if which.address else None,
        "state": which.state and which.state.value,
        "template": which.template and which.template.value,
    }
    found: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    return found | older_than(which.after)


def _step_row(mail: Mail, now: datetime) -> Document:
    return {
        "at": now,
        "state": mail.state.value,
        "reason": mail.reason and mail.reason.value,
        "smtp_code": mail.smtp_code,
        "answer": mail.answer,
    }


def _progress(mail: Mail) -> Document:
    return {
        "state": mail.state.value,
        "due_at": mail.due_at,
        "attempts": mail.attempts,
        "reason": mail.reason and mail.reason.value,
        "smtp_code": mail.smtp_code,
        "answer": mail.answer,
        "sent_at": mail.sent_at,
    }


def _outgoing(row: Document) -> Outgoing:
    return Outgoing(
        _mail(row),
        row["account_id"],
        row["org"],
        row["request_id"],
        row.get("sealed_token"),
        row["version"],
    )


def _logged(row: Document) -> Logged:
    history = tuple(
        Step(
            one["at"],
            MailState(one["state"]),
            Reason(one["reason"]) if one["reason"] else None,
            one["smtp_code"],
            one["answer"],
        )
        for one in row.get("history", ())
    )
    return Logged(_mail(row), row["account_id"], row["org"], row["request_id"], history)


def _mail(row: Document) -> Mail:
    return Mail(
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
        answer=row["answer"],
        sent_at=row["sent_at"],
    )
