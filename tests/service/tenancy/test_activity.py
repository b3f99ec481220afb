"""What was done to a place's accounts, as whoever looks after it may read it."""

from datetime import timedelta
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.auth import (
    AccountDisabled,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeySuspected,
    TotpActivated,
    TotpRemoved,
    TotpResetAsked,
    TotpResetStopped,
)
from shared.contracts.events import Event
from shared.contracts.licensing import DeviceActivated, DeviceDeactivated, LicenceOverused
from shared.contracts.tenancy import TenantEdited
from shared.paging import write_cursor
from tests.service.tenancy.happenings import READER, happen, removed
from tests.support.service import NOON, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant

PATH = "/v1/tenants/123456.sms/activity"
WHO = {"account_id": "anna", "org": "123456.sms", "username": "anna", "email": "a@b.example"}
ASKED = TotpResetAsked(
    **WHO, locale="de", reset_id="r-1", reason="Phone lost", asked_at=NOON, due_at=NOON
)


async def listed(tenancy: Client, **params: Any) -> list[dict[str, Any]]:
    answer = await tenancy.get(PATH, as_=READER, params=params)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["items"]
    return found


async def test_a_reset_is_in_the_activity_with_actor_and_reason(tenancy: Client) -> None:
    await happen(tenancy, ASKED, event_id="e-1")
    await happen(tenancy, ASKED, event_id="e-1")

    (row,) = await listed(tenancy)
    assert len(row.pop("hash")) == 64
    assert row == (
        {
            "id": "e-1",
            "at": "2026-03-10T12:00:00Z",
            "place": "123456.sms",
            "actor": "rita",
            "actor_org": "100001.rsp",
            "what": "totp_reset.asked",
            "subject": "anna",
            "reason": "Phone lost",
            "request_id": "request-e-1",
            "details": {},
            "sequence": 1,
        }
    )


@pytest.mark.parametrize(
    ("event", "what", "reason"),
    [
        (TotpActivated(**WHO, locale="de", activated_at=NOON), "totp.activated", None),
        (
            PasskeyRegistered(
                **WHO, locale="de", passkey_id="p-1", name="Laptop", registered_at=NOON
            ),
            "passkey.registered",
            None,
        ),
        (
            PasskeyRemoved(
                **WHO, locale="de", passkey_id="p-1", name="P", removed_at=NOON, reason="Lost"
            ),
            "passkey.removed",
            "Lost",
        ),
        (
            PasskeySuspected(
                **WHO, locale="de", passkey_id="p-1", name="Laptop", suspected_at=NOON
            ),
            "passkey.suspected",
            None,
        ),
        (TotpRemoved(**WHO, locale="de", removed_at=NOON), "totp.removed", None),
        (AccountDisabled(account_id="anna", org="123456.sms"), "account.disabled", None),
        (
            TotpResetStopped(account_id="anna", org="123456.sms", reset_id="r", reason="Lost"),
            "totp_reset.stopped",
            "Lost",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else None,
)
async def test_what_auth_tells_is_in_the_activity(
    tenancy: Client, event: Event, what: str, reason: str | None
) -> None:
    await happen(tenancy, event, event_id="e-1", actor=None, actor_org=None)

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
        await happen(tenancy, ASKED, event_id=f"e-{number}", after=seconds)

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
    await happen(tenancy, ASKED, event_id="e-1")
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
    await happen(tenancy, AccountDisabled(account_id="rita", org="100001.rsp"), event_id="e-1")
    vendor = a_pass("100001.rsp", Permission.ACTIVITY_READ, org="vendor")

    params = {"what": "account.disabled"}
    answer = await tenancy.get("/v1/resellers/100001.rsp/activity", as_=vendor, params=params)

    done_to_staff = [one for one in answer.body["items"] if one["what"] != "reseller.created"]
    assert [row["subject"] for row in done_to_staff] == ["rita"]
    assert await listed(tenancy) == []


async def test_each_organisation_sees_its_own_part(tenancy: Client) -> None:
    await happen(tenancy, removed(), event_id="by-rita", actor="rita", actor_org="100001.rsp")
    await happen(tenancy, removed(), event_id="by-vera", actor="vera", actor_org="vendor")
    await happen(tenancy, removed(), event_id="by-anna", actor="anna", actor_org="123456.sms")

    seen = {}
    for org in ("123456.sms", "100001.rsp", "100002.rsp", "vendor"):
        own = a_pass(org, Permission.ACTIVITY_READ)
        answer = await tenancy.get("/v1/activity", as_=own, params={"what": "totp"})
        seen[org] = [row["id"] for row in answer.body["items"]]

    assert seen["123456.sms"] == ["by-anna", "by-vera", "by-rita"]
    assert (seen["100001.rsp"], seen["100002.rsp"]) == (["by-rita"], [])
    assert seen["vendor"] == ["by-vera"]


async def test_rows_are_filtered_by_time_kind_and_who_did_it(tenancy: Client) -> None:
    await happen(tenancy, removed(), event_id="e-1", actor="rita", actor_org="100001.rsp")
    later, hour = timedelta(hours=2), timedelta(hours=1)
    await happen(tenancy, ASKED, event_id="e-2", actor="vera", actor_org="vendor", after=later)

    async def ids(**params: str) -> list[str]:
        return [row["id"] for row in await listed(tenancy, **params)]

    assert await ids(since=(NOON + hour).isoformat()) == ["e-2"]
    assert await ids(until=(NOON + hour).isoformat()) == ["e-1"]
    assert await ids(actor="rita") == ["e-1"]
    assert await ids(actor_org=" VENDOR ") == ["e-2"]
    assert await ids(what="totp_reset.asked") == await ids(what="totp_reset") == ["e-2"]
    assert await ids(what="totp") == ["e-1"]
    assert await ids(actor="rita", what="totp_reset") == []


@pytest.mark.parametrize(
    "params",
    [
        {"since": "yesterday"},
        {"since": "2026-03-10T12:00:00"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"actor": "x" * 65},
        {"what": "Totp"},
        {"what": "totp.*"},
        {"limit": "201"},
        {"sort": "oldest"},
        {"cursor": write_cursor("newest", NOON.isoformat(), "9" * 30)},
        {"cursor": write_cursor("newest", "0001-01-01T00:00:00+14:00", "1")},
        {"cursor": write_cursor("newest", "2026-03-10T12:00:00", "1")},
    ],
    ids=str,
)
async def test_a_filter_that_makes_no_sense_is_refused(
    tenancy: Client, params: dict[str, str]
) -> None:
    answer = await tenancy.get(PATH, as_=READER, params=params)

    assert answer.status == 422


async def test_licences_and_changes_of_a_tenant_are_in_its_activity_and_its_resellers(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms")
    await happen(tenancy, a_licence_of("123456.sms"), event_id="e-1")
    editor = a_pass("123456.sms", Permission.TENANT_EDIT)
    change = {"json": {"name": "Acme & Sons"}, "headers": {"If-Match": '"2"'}}
    edited = await tenancy.patch("/v1/tenants/123456.sms", as_=editor, **change)
    assert edited.status == 200, edited.body
    await tenancy.heard(TenantEdited)

    rows = {row["what"]: row for row in await listed(tenancy)}
    reseller = a_pass("100001.rsp", Permission.ACTIVITY_READ)
    its = await tenancy.get("/v1/resellers/100001.rsp/activity", as_=reseller)

    assert set(rows) == {"tenant.created", "licence.created", "tenant.edited"}
    assert rows["licence.created"]["details"]["product"] == "mdm"
    assert rows["tenant.edited"]["details"] == {"name": "Acme & Sons", "status": "active"}
    assert rows["tenant.edited"]["actor"] == "account-1"
    assert {row["what"] for row in its.body["items"]} == {
        "reseller.created",
        "tenant.created",
        "licence.created",
    }


async def test_nothing_that_is_sealed_or_an_address_gets_into_the_activity(
    tenancy: Client,
) -> None:
    sealed = ASKED.model_copy(update={"sealed_token": "token-for-the-mailer"})

    await happen(tenancy, sealed, event_id="e-1")
    export = await tenancy.get(f"{PATH}/export.jsonl", as_=READER)

    assert "a@b.example" not in export.body
    assert "token-for-the-mailer" not in export.body


async def test_devices_and_over_use_are_told_where_they_matter(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    device = {"device_id": "d-1", "licence_id": "l-1", "tenant_id": "123456.sms"}
    over = {"licence_id": "l-1", "tenant_id": "123456.sms", "reseller_id": "100001.rsp"}
    reseller = a_pass("100001.rsp", Permission.ACTIVITY_READ)

    await happen(tenancy, DeviceActivated(**device, platform="ios"), actor=None, actor_org=None)
    await happen(tenancy, DeviceDeactivated(**device, reason="removed"), actor_org="123456.sms")
    await happen(
        tenancy,
        LicenceOverused(**over, product="unified-report", seats=5, seats_used=6),
        actor=None,
        actor_org=None,
    )

    theirs = await tenancy.get(
        "/v1/resellers/100001.rsp/activity", as_=reseller, params={"what": "licence"}
    )
    devices = await tenancy.get(
        "/v1/resellers/100001.rsp/activity", as_=reseller, params={"what": "device"}
    )
    own = {one["what"]: one for one in await listed(tenancy, what="device")}
    assert own["device.activated"]["details"] == {"platform": "ios"}
    assert (own["device.deactivated"]["actor"], own["device.deactivated"]["reason"]) == (
        "rita",
        "removed",
    )
    told = [(one["what"], one["details"]["seats_used"]) for one in theirs.body["items"]]
    assert (told, devices.body["items"]) == ([("licence.overused", "6")], [])
