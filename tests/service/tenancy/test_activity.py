"""What was done to a place's accounts, as whoever looks after it may read it."""

from datetime import timedelta
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.auth import (
    AccountDisabled,
    TotpActivated,
    TotpRemoved,
    TotpResetAsked,
    TotpResetStopped,
)
from shared.contracts.events import CloudEvent, Event, Service
from shared.passes import NOBODY
from tests.support.service import NOON, Client, a_pass

READER = a_pass("123456.sms", Permission.ACTIVITY_READ)
PATH = "/v1/tenants/123456.sms/activity"
WHO = {"account_id": "anna", "org": "123456.sms", "username": "anna", "email": "a@b.example"}
ASKED = TotpResetAsked(
    **WHO, locale="de", reset_id="r-1", reason="Phone lost", asked_at=NOON, due_at=NOON
)


async def happen(
    tenancy: Client,
    event: Event,
    event_id: str,
    *,
    actor: str | None = "rita",
    after: timedelta = timedelta(0),
) -> None:
    sent = CloudEvent(
        id=event_id,
        source="/portal/auth",
        type=event.type,
        subject=event.subject,
        time=NOON + after,
        sequence=1,
        actor=actor,
        actororg="100001.rsp" if actor != NOBODY else None,
        correlationid=f"request-{event_id}",
        data=event.model_dump(mode="json", exclude_none=True),
    )
    await tenancy.hub.readers[Service.TENANCY](sent)


async def listed(tenancy: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await tenancy.get(PATH, as_=READER, params=params)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["items"]
    return found


async def test_a_reset_is_in_the_activity_with_actor_and_reason(tenancy: Client) -> None:
    await happen(tenancy, ASKED, "e-1")
    await happen(tenancy, ASKED, "e-1")

    assert await listed(tenancy) == [
        {
            "id": "e-1",
            "at": "2026-03-10T12:00:00Z",
            "actor": "rita",
            "actor_org": "100001.rsp",
            "what": "totp_reset.asked",
            "subject": "anna",
            "reason": "Phone lost",
            "request_id": "request-e-1",
        }
    ]


@pytest.mark.parametrize(
    ("event", "what", "reason"),
    [
        (TotpActivated(**WHO, locale="de", activated_at=NOON), "totp.activated", None),
        (TotpRemoved(**WHO, locale="de", removed_at=NOON), "totp.removed", None),
        (AccountDisabled(account_id="anna", org="123456.sms"), "account.disabled", None),
        (
            TotpResetStopped(account_id="anna", org="123456.sms", reset_id="r", reason="Lost"),
            "totp_reset.stopped",
            "Lost",
        ),
    ],
    ids=["activated", "removed", "disabled", "stopped"],
)
async def test_what_auth_tells_is_in_the_activity(
    tenancy: Client, event: Event, what: str, reason: str | None
) -> None:
    await happen(tenancy, event, "e-1", actor=NOBODY)

    (row,) = await listed(tenancy)
    assert (row["what"], row["reason"], row["actor"], row["actor_org"]) == (
        what,
        reason,
        None,
        None,
    )


async def test_the_newest_comes_first_and_pages_leave_nothing_out(tenancy: Client) -> None:
    for number in range(7):
        seconds = timedelta(seconds=number // 2)  # some at the same instant
        await happen(tenancy, ASKED, f"e-{number}", after=seconds)

    seen, cursor = [], None
    while True:
        params = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        answer = await tenancy.get(PATH, as_=READER, params=params)
        seen += [row["id"] for row in answer.body["items"]]
        cursor = answer.body["next_cursor"]
        if cursor is None:
            break

    assert seen == ["e-6", "e-5", "e-4", "e-3", "e-2", "e-1", "e-0"]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJuZXdlc3QiLCJ4IiwieSJd"])
async def test_a_cursor_that_was_never_given_out_is_refused(tenancy: Client, cursor: str) -> None:
    answer = await tenancy.get(PATH, as_=READER, params={"cursor": cursor})

    assert (answer.status, answer.body["errors"][0]["code"]) == (422, "cursor")


async def test_nobody_reads_the_activity_of_another_place(tenancy: Client) -> None:
    await happen(tenancy, ASKED, "e-1")
    elsewhere = a_pass("123457.sms", Permission.ACTIVITY_READ)
    without = a_pass("123456.sms", Permission.TENANT_READ)

    own = await tenancy.get("/v1/tenants/123457.sms/activity", as_=elsewhere)
    foreign = await tenancy.get(PATH, as_=elsewhere)
    forbidden = await tenancy.get(PATH, as_=without)

    assert (own.status, own.body["items"]) == (200, [])
    assert (foreign.status, forbidden.status) == (401, 403)


async def test_what_is_done_to_a_resellers_staff_is_in_the_resellers_activity(
    tenancy: Client,
) -> None:
    await happen(tenancy, AccountDisabled(account_id="rita", org="100001.rsp"), "e-1")
    vendor = a_pass("100001.rsp", Permission.ACTIVITY_READ, org="vendor")

    answer = await tenancy.get("/v1/resellers/100001.rsp/activity", as_=vendor)

    done_to_staff = [one for one in answer.body["items"] if one["what"] != "reseller.created"]
    assert [row["subject"] for row in done_to_staff] == ["rita"]
    assert await listed(tenancy) == []
