"""What vendor, resellers and tenants decide, what follows below, and who hears of it."""

import asyncio
from typing import Any, Final

import pytest

from shared.access import Permission
from shared.contracts.tenancy import (
    ResellerSettingsChanged,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from shared.passes import Pass
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.tenancy import add_tenant

ADMIN: Final = a_pass("123456.sms", Permission.TENANT_READ, Permission.TENANT_EDIT)
PATH: Final = "/v1/tenants/123456.sms/settings"
OF_RESELLER: Final = "/v1/resellers/100001.rsp/settings"
OF_VENDOR: Final = "/v1/vendor/settings"
RESELLER: Final = a_pass("100001.rsp", Permission.RESELLER_READ, Permission.USER_MANAGE)
VENDOR: Final = a_pass("vendor", *Permission, factor_at=int(NOON.timestamp()))
EARLY: Final = "2024-01-15T00:00:00Z"


async def change(
    tenancy: Client, body: dict[str, Any], *, path: str = PATH, as_: Pass = ADMIN
) -> Answer:
    """Change what is given, after reading what is there."""
    tag = (await tenancy.get(path, as_=as_)).headers["ETag"]
    return await tenancy.patch(path, as_=as_, json=body, headers={"If-Match": tag})


async def effective(tenancy: Client, name: str, path: str = PATH, as_: Pass = ADMIN) -> Any:
    answer = await tenancy.get(path, as_=as_)
    assert answer.status == 200, answer.body
    return answer.body["effective"][name]


async def test_at_first_the_installations_values_are_all_there_is(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await tenancy.get(PATH, as_=ADMIN)

    assert (answer.status, answer.headers["ETag"]) == (200, '"0"')
    date, by = "2024-03-01T00:00:00Z", {"source": "installation"}
    assert answer.body == {
        "locale": None,
        "totp_required_from": None,
        "totp_required_from_at_latest": date,
        "session_idle": None,
        "session_absolute": None,
        "notice_recipients": None,
        "effective": {
            "locale": {"value": "de", **by},
            "totp_required_from": {"value": date, "at_latest": date, **by},
            "session_idle": {"value": "PT1H", "at_most": "PT1H", **by},
            "session_absolute": {"value": "PT12H", "at_most": "PT12H", **by},
            "notice_recipients": {"value": None, **by},
        },
    }


async def test_what_is_decided_above_acts_below_at_once_and_each_level_is_told_once(
    tenancy: Client,
) -> None:
    for number in range(3):
        await add_tenant(tenancy, f"12345{6 + number}.sms")
    await change(tenancy, {"session_idle": "PT50M", "locale": "en"}, path=OF_VENDOR, as_=VENDOR)
    await change(tenancy, {"session_idle": "PT40M"}, path=OF_RESELLER, as_=RESELLER)
    by_reseller = await effective(tenancy, "session_idle")
    await change(tenancy, {"session_idle": "PT20M"}, path=OF_VENDOR, as_=VENDOR)

    now_by_vendor = await effective(tenancy, "session_idle")

    assert by_reseller == {"value": "PT40M", "at_most": "PT40M", "source": "100001.rsp"}
    assert now_by_vendor == {"value": "PT20M", "at_most": "PT20M", "source": "vendor"}
    assert await effective(tenancy, "locale") == {"value": "en", "source": "vendor"}
    told = [(one.sequence, one.data) for one in await tenancy.envelopes(VendorSettingsChanged)]
    assert told == [
        (1, {"vendor_id": "vendor", "session_idle": "PT50M", "locale": "en"}),
        (2, {"vendor_id": "vendor", "session_idle": "PT20M", "locale": "en"}),
    ]
    (of_reseller,) = await tenancy.envelopes(ResellerSettingsChanged)
    assert (of_reseller.subject, of_reseller.data["session_idle"]) == ("100001.rsp", "PT40M")
    assert await tenancy.heard(TenantSettingsChanged) == []


async def test_another_resellers_word_is_of_no_concern(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", of="100002.rsp")

    await change(tenancy, {"session_idle": "PT20M"}, path=OF_RESELLER, as_=RESELLER)

    assert (await effective(tenancy, "session_idle"))["source"] == "installation"


async def test_an_own_value_is_kept_told_and_given_up_again(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    changed = await change(tenancy, {"totp_required_from": "2024-01-15T02:00:00.75+02:00"})
    other = await change(tenancy, {"session_absolute": "PT8H"})
    back = await change(tenancy, {"totp_required_from": None})

    assert (changed.status, changed.body["totp_required_from"]) == (200, EARLY)
    assert other.body["totp_required_from"] == EARLY  # what is left out stays
    assert back.body["effective"]["totp_required_from"]["source"] == "installation"
    assert back.body["session_absolute"] == "PT8H"
    told = await tenancy.envelopes(TenantSettingsChanged)
    assert [(one.sequence, one.data.get("totp_required_from")) for one in told] == [
        (1, EARLY),
        (2, EARLY),
        (3, None),
    ]


async def test_what_changes_nothing_is_told_to_nobody(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await change(tenancy, {"totp_required_from": EARLY})

    again = await change(tenancy, {"totp_required_from": EARLY})
    empty = await change(tenancy, {})

    assert (again.status, empty.status, empty.headers["ETag"]) == (200, 200, '"1"')
    assert len(await tenancy.heard(TenantSettingsChanged)) == 1


@pytest.mark.parametrize(
    ("settings", "as_", "activity"),
    [
        (PATH, ADMIN, "/v1/tenants/123456.sms/activity"),
        (OF_RESELLER, RESELLER, "/v1/resellers/100001.rsp/activity"),
    ],
    ids=["tenant", "reseller"],
)
async def test_who_decided_is_in_the_activity_of_the_place(
    tenancy: Client, settings: str, as_: Pass, activity: str
) -> None:
    await add_tenant(tenancy, "123456.sms")
    changed = await change(tenancy, {"session_idle": "PT30M"}, path=settings, as_=as_)
    reader = a_pass(as_.place, Permission.ACTIVITY_READ)

    listed = await tenancy.get(activity, as_=reader)

    (row,) = [one for one in listed.body["items"] if one["what"].endswith("settings_changed")]
    assert (row["actor"], row["actor_org"]) == (as_.subject, as_.org)
    assert row["request_id"] == changed.headers["X-Request-Id"]


async def test_of_several_first_decisions_at_once_one_counts(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    headers = {"If-Match": '"0"'}

    async with asyncio.TaskGroup() as group:
        bodies = [{"totp_required_from": f"2024-01-0{day}T00:00:00Z"} for day in range(1, 6)]
        tasks = [
            group.create_task(tenancy.patch(PATH, as_=ADMIN, json=body, headers=headers))
            for body in bodies
        ]

    assert sorted(task.result().status for task in tasks) == [200, 412, 412, 412, 412]
    assert len(await tenancy.heard(TenantSettingsChanged)) == 1


async def test_nobody_is_laxer_than_those_above(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await change(tenancy, {"session_idle": "PT30M"}, path=OF_RESELLER, as_=RESELLER)

    by_tenant = await change(tenancy, {"session_idle": "PT30M1S", "session_absolute": "PT13H"})
    by_reseller = await change(tenancy, {"session_idle": "PT2H"}, path=OF_RESELLER, as_=RESELLER)
    later = {"totp_required_from": "2024-03-01T00:00:01Z"}
    by_vendor = await change(tenancy, later, path=OF_VENDOR, as_=VENDOR)

    flaws = {flaw["pointer"]: flaw for flaw in by_tenant.body["errors"]}
    assert {answer.status for answer in (by_tenant, by_reseller, by_vendor)} == {422}
    assert set(flaws) == {"#/body/session_idle", "#/body/session_absolute"}
    assert flaws["#/body/session_idle"]["code"] == "longer_than_above"
    assert "at most PT1800S, as decided by 100001.rsp" in flaws["#/body/session_idle"]["detail"]
    assert by_vendor.body["errors"][0]["code"] == "later_than_all"
    assert (await tenancy.get(PATH, as_=ADMIN)).headers["ETag"] == '"0"'


async def test_recipients_are_each_kept_once_and_not_shown_to_those_below(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms")
    given = {"notice_recipients": ["A@example.org", "b@example.org", "a@example.org"]}

    of_reseller = await change(tenancy, given, path=OF_RESELLER, as_=RESELLER)
    inherited = await effective(tenancy, "notice_recipients")
    nobody = await change(tenancy, {"notice_recipients": []})

    assert of_reseller.body["notice_recipients"] == ["a@example.org", "b@example.org"]
    assert inherited == {"value": None, "source": "100001.rsp"}
    assert nobody.body["effective"]["notice_recipients"] == {"value": [], "source": "123456.sms"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"totp_required_from": "9999-12-31T23:59:59Z"}, "later_than_all", id="never"),
        pytest.param(
            {"totp_required_from": "0001-01-01T00:00:00+14:00"}, "greater_than_equal", id="ancient"
        ),
        pytest.param(
            {"totp_required_from": "9999-12-31T23:59:59-14:00"}, "datetime_parsing", id="too late"
        ),
        pytest.param({"totp_required_from": "2024-01-15T00:00:00"}, "timezone_aware", id="no zone"),
        pytest.param({"totp_required_from": {"$ne": ""}}, "datetime_type", id="operator"),
        pytest.param({"totp_required_from": None, "name": "x"}, "extra_forbidden", id="surplus"),
        pytest.param({"session_idle": "PT9M"}, "greater_than_equal", id="too short"),
        pytest.param({"session_idle": "-PT1H"}, "time_delta_parsing", id="negative"),
        pytest.param({"session_absolute": "P9999999D"}, "less_than_equal", id="endless"),
        pytest.param({"session_absolute": "an hour"}, "time_delta_parsing", id="no duration"),
        pytest.param({"locale": "fr"}, "literal_error", id="language"),
        pytest.param({"notice_recipients": "a@example.org"}, "list_type", id="no list"),
        pytest.param(
            {"notice_recipients": ["a@example.org\nBcc: b@example.org"]},
            "string_pattern_mismatch",
            id="header",
        ),
        pytest.param({"notice_recipients": ["a@example.org"] * 21}, "too_long", id="too many"),
    ],
)
async def test_bad_values_change_nothing(tenancy: Client, body: dict[str, Any], code: str) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await tenancy.patch(PATH, as_=ADMIN, json=body, headers={"If-Match": '"0"'})

    assert (answer.status, answer.body["errors"][0]["code"]) == (422, code)
    assert (await tenancy.get(PATH, as_=ADMIN)).headers["ETag"] == '"0"'


@pytest.mark.parametrize(
    ("headers", "status"),
    [pytest.param({}, 428, id="without"), pytest.param({"If-Match": '"7"'}, 412, id="another")],
)
@pytest.mark.parametrize(
    ("path", "as_"),
    [(PATH, ADMIN), (OF_RESELLER, RESELLER), (OF_VENDOR, VENDOR)],
    ids=["tenant", "reseller", "vendor"],
)
async def test_what_one_has_not_read_one_does_not_change(
    tenancy: Client, path: str, as_: Pass, headers: dict[str, str], status: int
) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await tenancy.patch(path, as_=as_, json={"locale": "en"}, headers=headers)

    assert answer.status == status


async def test_nobody_decides_for_a_place_that_is_foreign_absent_or_only_read(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms")
    vendor = a_pass("999999.sms", *Permission, org="vendor")
    auditor = a_pass("123456.sms", Permission.TENANT_READ)
    body, headers = {"totp_required_from": EARLY}, {"If-Match": '"0"'}

    foreign = await tenancy.patch(PATH, as_=vendor, json=body, headers=headers)
    absent = await tenancy.patch(
        "/v1/tenants/999999.sms/settings", as_=vendor, json=body, headers=headers
    )
    read_only = await tenancy.patch(PATH, as_=auditor, json=body, headers=headers)
    nowhere = a_pass("999999.rsp", *Permission, org="vendor")
    no_reseller = await tenancy.get("/v1/resellers/999999.rsp/settings", as_=nowhere)

    assert (foreign.status, absent.status, read_only.status) == (401, 404, 403)
    assert no_reseller.status == 404


async def test_the_vendors_settings_are_for_the_vendor_alone(tenancy: Client) -> None:
    reseller = a_pass("100001.rsp", *Permission, factor_at=int(NOON.timestamp()))
    stale = a_pass("vendor", *Permission)
    headers, body = {"If-Match": '"0"'}, {"locale": "en"}

    read = await tenancy.get(OF_VENDOR, as_=reseller)
    written = await tenancy.patch(OF_VENDOR, as_=reseller, json=body, headers=headers)
    without_factor = await tenancy.patch(OF_VENDOR, as_=stale, json=body, headers=headers)
    sales = a_pass("100001.rsp", Permission.RESELLER_READ)
    by_sales = await tenancy.patch(OF_RESELLER, as_=sales, json=body, headers=headers)

    assert (read.status, written.status, by_sales.status) == (401, 401, 403)
    assert (without_factor.status, without_factor.body["code"]) == (
        401,
        "insufficient_user_authentication",
    )
