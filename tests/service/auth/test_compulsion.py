"""A second factor becomes compulsory: a notice before, activation and nothing else after."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.auth.app import open_auth
from services.auth.domain.accounts import RSP
from shared.access import Permission
from shared.contracts.events import Service
from shared.contracts.tenancy import (
    ResellerSettingsChanged,
    TenantCreated,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.service import NOON, Client, a_pass, running

DAY = timedelta(days=1)
FROM = NOON + 10 * DAY + timedelta(hours=1)
READER = a_pass(ADMIN.org, Permission.USER_READ)


@pytest.fixture
async def auth(mongo_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """Auth with `anna` without a factor; it becomes compulsory in ten days."""
    given = {"totp_required_from": FROM, **getattr(request, "param", {})}
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url, **given)) as client:
        await add_account(client, totp_secret=None)
        yield client


def since(moment: datetime | None, org: str = ADMIN.org) -> TenantSettingsChanged:
    return TenantSettingsChanged(tenant_id=org, totp_required_from=moment)


async def label_rsp(auth: Client) -> None:
    rows = auth.mongo.collection("accounts")
    await rows.update({"username": "anna"}, {"$set": {"label": RSP}})


async def written(auth: Client) -> Any:
    row = await auth.mongo.collection("accounts").find_one({"username": "anna"})
    assert row is not None
    return row["totp_deadline"]


async def test_before_the_date_one_is_in_and_hears_how_long(auth: Client) -> None:
    tokens = await sign_in(auth)

    (notice,) = tokens["notices"]
    assert tokens["next"] == "done"
    assert (notice["code"], notice["days_left"], notice["url"]) == ("totp_due", 10, None)
    assert datetime.fromisoformat(notice["deadline"]) == FROM == await written(auth)


async def test_after_the_date_one_activates_and_does_nothing_else(auth: Client) -> None:
    auth.now.advance(11 * DAY)

    done = await sign_in(auth)

    assert done["next"] == "enrol_totp"
    assert set(done) == {"next", "challenge", "deadline"}
    assert datetime.fromisoformat(done["deadline"]) == FROM


async def test_a_session_that_outlives_the_date_is_refreshed_without_a_notice(
    auth: Client,
) -> None:
    auth.now.advance(FROM - NOON - timedelta(minutes=5))
    tokens = await sign_in(auth)
    auth.now.advance(timedelta(minutes=10))

    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = await auth.post("/v1/session/refresh", as_=ANYBODY, json=body)

    assert tokens["notices"][0]["days_left"] == 0
    assert (refreshed.status, refreshed.body["notices"]) == (200, [])


async def test_a_tenants_earlier_date_counts_and_a_stale_word_of_it_does_not(
    auth: Client,
) -> None:
    await auth.deliver(since(NOON + 3 * DAY), sequence=2)
    await auth.deliver(since(None), sequence=1)

    tokens = await sign_in(auth)

    assert tokens["notices"][0]["days_left"] == 3


async def test_the_vendors_and_the_resellers_dates_count_where_they_are_the_earliest(
    auth: Client,
) -> None:
    made = TenantCreated(tenant_id=ADMIN.org, name="x", reseller_id="100001.rsp", locale="de")
    await auth.deliver(made)
    days = []
    for event in (
        VendorSettingsChanged(vendor_id="vendor", totp_required_from=NOON + 7 * DAY),
        since(NOON + 8 * DAY),
        ResellerSettingsChanged(reseller_id="100001.rsp", totp_required_from=NOON + 6 * DAY),
        ResellerSettingsChanged(reseller_id="100002.rsp", totp_required_from=NOON + DAY),
        since(NOON + 5 * DAY, org="999999.sms"),
    ):
        await auth.deliver(event)
        days.append((await sign_in(auth))["notices"][0]["days_left"])

    assert days == [7, 7, 6, 6, 6]


async def test_another_tenants_date_is_of_no_concern(auth: Client) -> None:
    await auth.deliver(since(NOON - DAY, org="999999.sms"))

    assert (await sign_in(auth))["next"] == "done"


async def test_the_deadline_is_written_once_and_only_ever_comes_nearer(auth: Client) -> None:
    await auth.deliver(since(NOON + 5 * DAY), sequence=1)
    await sign_in(auth)
    first = await written(auth)
    await auth.deliver(since(None), sequence=2)
    lifted = await sign_in(auth)
    await auth.deliver(since(NOON + 2 * DAY), sequence=3)
    stricter = await sign_in(auth)

    assert first == NOON + 5 * DAY == await written(auth)
    assert lifted["notices"][0]["days_left"] == 5
    assert stricter["notices"][0]["days_left"] == 2


async def test_a_reset_factor_gives_no_new_time(auth: Client) -> None:
    tokens = await sign_in(auth)
    before = await written(auth)
    auth.now.advance(4 * DAY)
    rows = auth.mongo.collection("accounts")
    await rows.update({"username": "anna"}, {"$set": {"totp": None, "roles": ["auditor"]}})

    again = await sign_in(auth)

    assert before == FROM == await written(auth)
    assert again["notices"][0]["days_left"] == tokens["notices"][0]["days_left"] - 4


@pytest.mark.parametrize(
    "auth", [{"totp_required_from": NOON - DAY, "totp_grace": 14 * DAY}], indirect=True
)
async def test_who_was_made_after_the_date_has_the_grace(auth: Client) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(15 * DAY)

    assert tokens["notices"][0]["days_left"] == 14
    assert (await sign_in(auth))["next"] == "enrol_totp"


async def test_an_rsp_account_hears_of_the_reseller_portal_and_then_goes_there(
    auth: Client,
) -> None:
    await label_rsp(auth)
    tokens = await sign_in(auth)
    auth.now.advance(11 * DAY)

    after = await sign_in(auth)

    (notice,) = tokens["notices"]
    assert (notice["code"], notice["url"]) == ("totp_due", "https://reseller-portal.example")
    assert after == {"next": "reseller_portal", "url": "https://reseller-portal.example"}


async def test_an_rsp_account_activates_nothing_here(auth: Client) -> None:
    await label_rsp(auth)
    here = as_signed_in(await sign_in(auth))

    refused = await auth.post("/v1/me/totp", as_=here)

    assert (refused.status, refused.body["code"]) == (409, "managed_elsewhere")
    assert refused.body["url"] == "https://reseller-portal.example"


async def test_the_report_says_who_is_without_and_who_would_be_locked_out(auth: Client) -> None:
    await add_account(auth, username="bert")
    await add_account(auth, username="carla", totp_secret=None)
    await add_account(auth, username="device", totp_secret=None, roles=())
    await add_account(auth, username="foreign", totp_secret=None, org="999999.sms")
    auth.now.advance(12 * DAY)
    await add_account(auth, username="dora", totp_secret=None)

    before = await report(auth, on=str((FROM - DAY).date()))
    on_the_day = await report(auth, on=str(FROM.date()))
    today = await report(auth)

    assert [line["username"] for line in before["items"]] == ["anna", "carla", "dora"]
    assert [line["is_locked_out"] for line in on_the_day["items"]] == [True, True, False]
    assert [counts(one) for one in (before, on_the_day, today)] == [
        (4, 3, 0),
        (4, 3, 2),
        (4, 3, 3),
    ]
    assert today["on"] == "2026-03-22"


async def test_the_report_agrees_with_a_deadline_that_was_written(auth: Client) -> None:
    await auth.deliver(since(NOON + 2 * DAY), sequence=1)
    await sign_in(auth)
    await auth.deliver(since(None), sequence=2)
    await add_account(auth, username="bert", totp_secret=None)

    found = await report(auth, on=str((NOON + 3 * DAY).date()))

    assert counts(found) == (2, 2, 1)
    assert [line["is_locked_out"] for line in found["items"]] == [True, False]


async def test_the_report_is_paged_and_of_one_place_only(auth: Client) -> None:
    for number in range(5):
        await add_account(auth, username=f"user-{number}", totp_secret=None)

    first = await report(auth, limit="4")
    second = await report(auth, limit="4", cursor=first["next_cursor"])
    elsewhere = a_pass("999999.sms", Permission.USER_READ)
    foreign = await auth.get(f"/v1/tenants/{ADMIN.org}/totp-report", as_=elsewhere)

    names = [line["username"] for line in first["items"] + second["items"]]
    assert names == ["anna", *(f"user-{number}" for number in range(5))]
    assert second["next_cursor"] is None
    assert foreign.status == 401


@pytest.mark.parametrize(
    ("org", "path"),
    [("vendor", "/v1/vendor/totp-report"), ("100001.rsp", "/v1/resellers/100001.rsp/totp-report")],
)
async def test_staff_has_a_report_as_well_and_theirs_alone(
    auth: Client, org: str, path: str
) -> None:
    await add_account(auth, org=org, username="sally", roles=(), totp_secret=None)
    role = "sales" if org == "vendor" else "reseller-sales"
    await add_account(auth, org=org, username="sam", roles=(role,), totp_secret=None)
    await add_account(auth, org=org, username="safe", roles=(role,))

    found = await auth.get(path, as_=a_pass(org, Permission.USER_READ))
    without = await auth.get(path, as_=a_pass(org))
    foreign = await auth.get(path, as_=READER)

    assert counts(found.body) == (2, 1, 0)
    assert [line["username"] for line in found.body["items"]] == ["sam"]
    assert (without.status, foreign.status) == (403, 401)


@pytest.mark.parametrize("on", ["9999-12-31", "tomorrow", "2026-02-30", "0", "2026-03-10T00:00:00"])
async def test_a_day_that_makes_no_sense_is_refused(auth: Client, on: str) -> None:
    path = f"/v1/tenants/{ADMIN.org}/totp-report"

    answer = await auth.get(path, as_=READER, params={"on": on})

    assert (answer.status, answer.body["code"]) == (422, "invalid")


async def report(auth: Client, **params: Any) -> dict[str, Any]:
    answer = await auth.get(f"/v1/tenants/{ADMIN.org}/totp-report", as_=READER, params=params)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["users"], found["without_factor"], found["locked_out"]
