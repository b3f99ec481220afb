"""A tenant, read and edited."""

import asyncio
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.tenancy import TenantEdited
from tests.support.service import Answer, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant

ADMIN = a_pass("123456.sms", Permission.TENANT_READ, Permission.TENANT_EDIT)
PATH = "/v1/tenants/123456.sms"


async def rename(tenancy: Client, name: str, tag: str) -> Answer:
    return await tenancy.patch(PATH, as_=ADMIN, json={"name": name}, headers={"If-Match": tag})


async def test_a_tenant_shows_itself_with_its_licence_state(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")
    await tenancy.deliver(a_licence_of("123456.sms", starts=-300, ends=20))

    answer = await tenancy.get(PATH, as_=ADMIN)

    assert answer.status == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.body == {
        "id": "123456.sms",
        "name": "Acme",
        "reseller_id": "100001.rsp",
        "reseller_number": None,
        "aliases": [],
        "email_domains": [],
        "address": {"street": None, "postcode": None, "city": None, "country": None},
        "status": "active",
        "delete_at": None,
        "sandbox": False,
        "own_tenant": False,
        "locale": "de",
        "licence_state": "expiring",
        "licence_ends_on": "2026-03-30",
        "created_at": "2026-03-10T12:00:00Z",
    }


async def test_a_pass_for_another_place_opens_nothing(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    elsewhere = a_pass("123457.sms", *Permission)

    read = await tenancy.get(PATH, as_=elsewhere)
    changed = await tenancy.patch(PATH, as_=elsewhere, json={"name": "Mine"})

    assert (read.status, read.body["code"]) == (401, "pass_required")
    assert (changed.status, changed.body["code"]) == (401, "pass_required")


async def test_who_may_only_read_changes_nothing(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    auditor = a_pass("123456.sms", Permission.TENANT_READ)

    answer = await tenancy.patch(
        PATH, as_=auditor, json={"name": "Mine"}, headers={"If-Match": '"1"'}
    )

    assert (answer.status, answer.body["code"]) == (403, "forbidden")


async def test_an_edit_counts_the_version_up(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")

    answer = await rename(tenancy, "Acme GmbH", '"1"')

    assert answer.status == 200
    assert (answer.body["name"], answer.body["locale"]) == ("Acme GmbH", "de")
    assert answer.headers["ETag"] == '"2"'
    assert (await tenancy.get(PATH, as_=ADMIN)).body["name"] == "Acme GmbH"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({}, 428, "precondition_required", id="without If-Match"),
        pytest.param({"If-Match": '"7"'}, 412, "precondition_failed", id="another version"),
        pytest.param({"If-Match": "junk"}, 412, "precondition_failed", id="nonsense"),
    ],
)
async def test_an_edit_of_what_one_has_not_read_is_refused(
    tenancy: Client, headers: dict[str, str], status: int, code: str
) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")

    answer = await tenancy.patch(PATH, as_=ADMIN, json={"name": "Other"}, headers=headers)

    assert (answer.status, answer.body["code"]) == (status, code)
    assert (await tenancy.get(PATH, as_=ADMIN)).body["name"] == "Acme"


async def test_of_two_who_edit_the_same_version_one_wins(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    async with asyncio.TaskGroup() as group:
        names = [f"Name {number}" for number in range(5)]
        tasks = [group.create_task(rename(tenancy, name, '"1"')) for name in names]

    assert sorted(task.result().status for task in tasks) == [200, 412, 412, 412, 412]
    assert (await tenancy.get(PATH, as_=ADMIN)).headers["ETag"] == '"2"'


async def test_an_address_is_told_and_replaced_as_a_whole(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")
    given = {"street": "Hauptstr. 1", "postcode": "21337", "city": "Lüneburg", "country": "DE"}

    first = await tenancy.patch(
        PATH, as_=ADMIN, json={"address": given}, headers={"If-Match": '"1"'}
    )
    kept = await rename(tenancy, "Acme Ltd", '"2"')
    second = await tenancy.patch(
        PATH, as_=ADMIN, json={"address": {"city": "Hamburg"}}, headers={"If-Match": '"3"'}
    )

    assert first.body["address"] == kept.body["address"] == given
    only_city = {"street": None, "postcode": None, "city": "Hamburg", "country": None}
    assert second.body["address"] == only_city
    told = [each.address for each in await tenancy.heard(TenantEdited)]
    assert [each.city for each in told if each] == ["Lüneburg", "Lüneburg", "Hamburg"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"name": None}, id="null"),
        pytest.param({"name": ""}, id="empty"),
        pytest.param({"name": "  "}, id="spaces"),
        pytest.param({"name": {"$ne": ""}}, id="operator"),
        pytest.param({"name": "line\nbreak"}, id="line break"),
        pytest.param({"name": "n" * 201}, id="too long"),
        pytest.param({"locale": "fr"}, id="unknown language"),
        pytest.param({"address": None}, id="no address"),
        pytest.param({"address": {"country": "Germany"}}, id="not two letters"),
        pytest.param({"address": {"street": "a\nb"}}, id="two lines"),
        pytest.param({"address": {"postcode": "1" * 17}}, id="long postcode"),
        pytest.param({"address": {"planet": "Earth"}}, id="unknown part"),
        pytest.param({"reseller_id": "100002.rsp"}, id="not editable"),
        pytest.param({"status": "suspended"}, id="not a person's to set"),
    ],
)
async def test_bad_values_change_nothing(tenancy: Client, body: dict[str, Any]) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")

    answer = await tenancy.patch(PATH, as_=ADMIN, json=body, headers={"If-Match": '"1"'})

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert (await tenancy.get(PATH, as_=ADMIN)).headers["ETag"] == '"1"'
