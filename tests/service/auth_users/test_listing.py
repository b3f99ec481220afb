"""The list of a place's users."""

from typing import Any

import pytest

from tests.support.auth import add_account
from tests.support.service import Client, a_pass
from tests.support.users import (
    MANAGER,
    PATH,
    READER,
    a_user,
    active,
    create,
    label_as_rsp,
)


async def page(auth: Client, **query: str) -> dict[str, Any]:
    answer = await auth.get(PATH, params=query, as_=READER)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def names(auth: Client, **query: str) -> list[str]:
    """All pages, two users each."""
    found: list[str] = []
    while True:
        body = await page(auth, limit="2", **query)
        found += [item["username"] for item in body["items"]]
        if body["next_cursor"] is None:
            return found
        query["cursor"] = body["next_cursor"]


async def test_users_are_sorted_by_user_name_or_name(auth: Client) -> None:
    for username, name in (("c", "Ärmel"), ("A", "Zeta"), ("b", "arm"), ("d", "Arm")):
        await create(auth, username, display_name=name)
    await auth.post(
        "/v1/tenants/200001.sms/users",
        as_=a_pass("200001.sms", *MANAGER.permissions),  # type: ignore[arg-type]  # permissions are texts in a pass
        json=a_user("aa"),
    )

    assert await names(auth) == ["A", "b", "c", "d"]
    assert sorted((await names(auth, sort="name"))[:2]) == ["b", "d"]
    assert (await names(auth, sort="name"))[2:] == ["c", "A"]


@pytest.mark.parametrize("sort", ["username", "name"])
async def test_paging_shows_each_user_once_while_others_come(auth: Client, sort: str) -> None:
    for number in range(7):
        await create(auth, f"u{number}", display_name="Same Name")
    first = await page(auth, sort=sort, limit="3")

    await create(auth, "a0", display_name="Another")
    await create(auth, "z9", display_name="Zoe")
    second = await page(auth, sort=sort, limit="10", cursor=first["next_cursor"])

    shown = [one["username"] for one in first["items"] + second["items"]]
    assert len(shown) == len(set(shown))
    assert {f"u{number}" for number in range(7)} | {"z9"} == set(shown)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param("mul", ["anna", "otto"], id="start of a name"),
        pytest.param("MÜLLER, A", ["anna"], id="case and accents"),
        pytest.param("ann", ["anna"], id="start of a user name"),
        pytest.param("ller", [], id="not in the middle"),
        pytest.param(".*", [], id="no pattern"),
        pytest.param("^", [], id="no anchor"),
    ],
)
async def test_users_are_found_by_the_start_of_name_or_user_name(
    auth: Client, search: str, expected: list[str]
) -> None:
    await create(auth, "anna", display_name="Müller, Anna")
    await create(auth, "otto", display_name="muller, otto")
    await create(auth, "erika", display_name="Erika")

    assert await names(auth, search=search) == expected


async def test_a_changed_name_is_found_by_the_new_one(auth: Client) -> None:
    created = await create(auth, "anna", display_name="Before")

    await auth.patch(
        f"{PATH}/{created.body['id']}",
        as_=MANAGER,
        json={"display_name": "After"},
        headers={"If-Match": '"1"'},
    )

    assert await names(auth, search="after") == ["anna"]
    assert await names(auth, search="before") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"status": "invited"}, ["invited", "nobody"], id="invited"),
        pytest.param({"status": "active"}, ["active", "factor", "rsp"], id="active"),
        pytest.param({"status": "disabled"}, ["closed"], id="disabled"),
        pytest.param({"role": "admin"}, ["active", "factor"], id="a role"),
        pytest.param({"role": "none"}, ["closed", "nobody"], id="no role"),
        pytest.param({"totp_active": "true"}, ["factor"], id="second factor"),
        pytest.param({"totp_active": "false", "role": "admin"}, ["active"], id="two filters"),
        pytest.param({"label": "RSP"}, ["rsp"], id="label"),
        pytest.param({"label": "none", "status": "active"}, ["active", "factor"], id="no label"),
        pytest.param({"role": "admin", "search": "fac"}, ["factor"], id="filter and search"),
    ],
)
async def test_filters_narrow_the_list(
    auth: Client, query: dict[str, str], expected: list[str]
) -> None:
    await active(auth, "active", roles=["admin"])
    await create(auth, "invited", roles=["auditor"])
    await create(auth, "nobody")
    closed = await active(auth, "closed")
    await auth.post(f"{PATH}/{closed}/disable", as_=MANAGER)
    await label_as_rsp(auth, await active(auth, "rsp", roles=["auditor"]))
    await add_account(auth, username="factor")

    assert await names(auth, **query) == expected
    assert await names(auth, sort="name", **query)


@pytest.mark.parametrize("sort", ["username", "name"])
async def test_an_index_gives_the_page_in_order(auth: Client, sort: str) -> None:
    for number in range(30):
        await create(auth, f"u{number:02}")
    cursor = (await page(auth, sort=sort, limit="5"))["next_cursor"]
    database = auth.mongo._database
    await database.command("profile", 2)

    await page(auth, sort=sort, limit="5", cursor=cursor)

    await database.command("profile", 0)
    seen = await database["system.profile"].find_one({"command.find": "accounts"})
    assert seen is not None
    assert seen["docsExamined"] <= 7
    assert not seen.get("hasSortStage", False)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"limit": "0"}, id="no items"),
        pytest.param({"sort": "email"}, id="unknown order"),
        pytest.param({"status": "gone"}, id="unknown status"),
        pytest.param({"role": "owner"}, id="unknown role"),
        pytest.param({"totp_active": "perhaps"}, id="no truth"),
        pytest.param({"cursor": "nonsense"}, id="no cursor"),
        pytest.param({"cursor": "WyJ1c2VybmFtZSIseyIkZ3QiOiIifV0"}, id="an operator"),
        pytest.param({"cursor": "WyJuYW1lIiwiYSIsImIiXQ"}, id="a cursor of another order"),
        pytest.param({"org": "200001.sms"}, id="another place"),
    ],
)
async def test_nonsense_in_the_query_is_refused(auth: Client, query: dict[str, str]) -> None:
    answer = await auth.get(PATH, params=query, as_=READER)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert answer.body["errors"][0]["pointer"].startswith("#/query/")
