"""What a tenant decides for itself, and who hears of it."""

import asyncio
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.tenancy import TenantSettingsChanged
from tests.support.service import Answer, Client, a_pass
from tests.support.tenancy import add_tenant

ADMIN = a_pass("123456.sms", Permission.TENANT_READ, Permission.TENANT_EDIT)
PATH = "/v1/tenants/123456.sms/settings"
EARLY = "2024-01-15T00:00:00Z"


async def require_from(tenancy: Client, since: str | None, tag: str) -> Answer:
    body = {"totp_required_from": since}
    return await tenancy.patch(PATH, as_=ADMIN, json=body, headers={"If-Match": tag})


async def test_at_first_the_vendors_date_is_all_there_is(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await tenancy.get(PATH, as_=ADMIN)

    assert (answer.status, answer.headers["ETag"]) == (200, '"0"')
    assert answer.body == {
        "totp_required_from": None,
        "totp_required_from_at_latest": "2024-03-01T00:00:00Z",
    }


async def test_an_earlier_date_is_kept_and_told(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    changed = await require_from(tenancy, "2024-01-15T02:00:00.75+02:00", '"0"')
    back = await require_from(tenancy, None, changed.headers["ETag"])

    assert (changed.status, changed.body["totp_required_from"]) == (200, EARLY)
    assert (back.status, back.body["totp_required_from"]) == (200, None)
    told = await tenancy.envelopes(TenantSettingsChanged)
    assert [(one.sequence, one.data.get("totp_required_from")) for one in told] == [
        (1, EARLY),
        (2, None),
    ]


async def test_a_date_that_changes_nothing_is_told_to_nobody(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await require_from(tenancy, EARLY, '"0"')

    again = await require_from(tenancy, EARLY, '"1"')

    assert (again.status, again.headers["ETag"]) == (200, '"1"')
    assert len(await tenancy.heard(TenantSettingsChanged)) == 1


async def test_of_several_first_decisions_at_once_one_counts(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    async with asyncio.TaskGroup() as group:
        dates = [f"2024-01-0{day}T00:00:00Z" for day in range(1, 6)]
        tasks = [group.create_task(require_from(tenancy, each, '"0"')) for each in dates]

    assert sorted(task.result().status for task in tasks) == [200, 412, 412, 412, 412]
    assert len(await tenancy.heard(TenantSettingsChanged)) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"totp_required_from": "2024-03-01T00:00:01Z"}, "later_than_all", id="later"),
        pytest.param({"totp_required_from": "9999-12-31T23:59:59Z"}, "later_than_all", id="never"),
        pytest.param(
            {"totp_required_from": "0001-01-01T00:00:00+14:00"}, "greater_than_equal", id="ancient"
        ),
        pytest.param({"totp_required_from": "2024-01-15T00:00:00"}, "timezone_aware", id="no zone"),
        pytest.param({"totp_required_from": {"$ne": ""}}, "datetime_type", id="operator"),
        pytest.param({}, "missing", id="nothing"),
        pytest.param({"totp_required_from": None, "name": "x"}, "extra_forbidden", id="surplus"),
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
async def test_what_one_has_not_read_one_does_not_change(
    tenancy: Client, headers: dict[str, str], status: int
) -> None:
    await add_tenant(tenancy, "123456.sms")

    body = {"totp_required_from": EARLY}
    answer = await tenancy.patch(PATH, as_=ADMIN, json=body, headers=headers)

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

    assert (foreign.status, absent.status, read_only.status) == (401, 404, 403)
