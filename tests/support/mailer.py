"""Events that mails follow from, and a look into the mailer's log of mails."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clock import monotonic
from shared.contracts.auth import (
    AccountInvited,
    PasswordChanged,
    PasswordResetRequested,
    TotpResetAsked,
)
from shared.contracts.events import CloudEvent, Event, Service
from shared.keys import seal, sealing_keys
from tests.support.service import NOON, Client

MAILER_KEYS: Final = sealing_keys()
TOKEN: Final = "canary-3xJ1sQmZ0Yk8"
ADDRESS: Final = "ada@acme.example"


def a_reset(
    *, locale: str = "de", email: str = ADDRESS, expires_at: datetime = NOON + timedelta(minutes=30)
) -> PasswordResetRequested:
    return PasswordResetRequested(
        account_id="a-1",
        org="123456.sms",
        username="ada",
        email=email,
        locale=locale,
        sealed_token=seal(MAILER_KEYS, "link:a-1", TOKEN),
        expires_at=expires_at,
    )


def an_invitation(*, locale: str = "de") -> AccountInvited:
    return AccountInvited(
        account_id="a-1",
        org="123456.sms",
        org_name="Müller & Söhne",
        username="ada",
        display_name="Ada Lovelace",
        email=ADDRESS,
        locale=locale,
        sealed_token=seal(MAILER_KEYS, "link:a-1", TOKEN),
        expires_at=NOON + timedelta(days=7),
    )


def a_change(*, locale: str = "de", email: str = ADDRESS) -> PasswordChanged:
    return PasswordChanged(
        account_id="a-1",
        org="123456.sms",
        username="ada",
        email=email,
        locale=locale,
        changed_at=NOON,
    )


def a_factor_reset(*, locale: str = "de", waits: timedelta = timedelta(days=1)) -> TotpResetAsked:
    return TotpResetAsked(
        account_id="a-1",
        org="123456.sms",
        username="ada",
        email=ADDRESS,
        locale=locale,
        reset_id="r-1",
        reason="Phone lost",
        asked_at=NOON,
        due_at=NOON + waits,
        sealed_token=seal(MAILER_KEYS, "link:a-1", TOKEN),
    )


async def deliver_because(mailer: Client, event: Event, request_id: str) -> None:
    """Hand an event over that this request has caused."""
    sent = CloudEvent(
        id=f"because-{request_id}",
        source="/portal/test",
        type=event.type,
        subject=event.subject,
        time=mailer.now(),
        sequence=1,
        correlationid=request_id,
        data=event.model_dump(mode="json"),
    )
    await mailer.hub.readers[Service.MAILER](sent)


async def logged(mailer: Client, mail_id: str, *states: str) -> dict[str, Any]:
    """The mail as the log knows it, once it is in one of these states."""
    row, until = None, monotonic() + 5
    while monotonic() < until:
        row = await mailer.mongo.collection("mails").find_one({"_id": mail_id})
        if row is not None and row["state"] in states:
            return row
        await asyncio.sleep(0.01)
    raise AssertionError(f"not {' or '.join(states)} in time: {row}")
