"""Users, read, listed and edited: only by whom, only there, and never without an admin left."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.auth.domain.links import LinkError
from shared.access import GRANTS, Relation, Role
from shared.contracts.auth import (
    AccountChanged,
    AccountDeleted,
    AccountDisabled,
    AccountEmailChanged,
    SessionRevoked,
)
from tests.support.auth import ADMIN, add_account, sign_in
from tests.support.service import Client, a_pass
from tests.support.users import (
    CHIEF,
    MANAGER,
    PATH,
    READER,
    STAFF,
    accept,
    active,
    create,
    edit,
    label_as_rsp,
    newest_token,
)

FOREIGN = a_pass("200001.sms", *GRANTS[Role.ADMIN][Relation.OWN])
ELSEWHERE = "/v1/tenants/200001.sms/users"


async def status_of(auth: Client, user_id: str) -> str:
    return str((await auth.get(f"{PATH}/{user_id}", as_=MANAGER)).body["status"])


async def test_a_foreign_user_and_an_absent_one_are_the_same_answer(auth: Client) -> None:
    user_id = await active(auth, roles=["admin"])

    for method, suffix, more in (
        ("GET", "", {}),
        ("PATCH", "", {"json": {"comment": "mine"}, "headers": {"If-Match": '"2"'}}),
        ("DELETE", "", {}),
        ("POST", "/disable", {}),
        ("POST", "/enable", {}),
        ("POST", "/invite", {}),
    ):
        answers = [
            await auth.send(method, f"{ELSEWHERE}/{one}{suffix}", as_=FOREIGN, **more)
            for one in (user_id, "0" * 32)
        ]
        bodies = [{**one.body, "instance": "-"} for one in answers]
        assert [one.status for one in answers] == [404, 404], (method, suffix)
        assert bodies[0] == bodies[1]
    assert await status_of(auth, user_id) == "active"


async def test_a_pass_for_another_place_opens_nothing(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]

    for path in (PATH, f"{PATH}/{user_id}", f"{PATH}/export"):
        answer = await auth.get(path, as_=FOREIGN)
        assert (answer.status, answer.body["code"]) == (401, "pass_required")


async def test_a_tenants_user_is_nobody_among_the_staff_of_its_reseller(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]

    answer = await auth.get(f"{STAFF}/{user_id}", as_=CHIEF)

    assert answer.status == 404
    assert (await auth.get(STAFF, as_=CHIEF)).body["items"] == []


async def test_who_may_only_read_changes_nothing(auth: Client) -> None:
    user_id = await active(auth, roles=["admin"])
    path = f"{PATH}/{user_id}"

    answers = [
        await auth.patch(path, as_=READER, json={"comment": "x"}, headers={"If-Match": '"2"'}),
        await auth.delete(path, as_=READER),
        *[
            await auth.post(f"{path}/{verb}", as_=READER)
            for verb in ("disable", "enable", "invite")
        ],
        await auth.post(f"{PATH}/import", as_=READER, json={"csv": "username,email\r\n"}),
    ]

    assert {(one.status, one.body["code"]) for one in answers} == {(403, "forbidden")}


async def test_an_edit_counts_the_version_up(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]

    answer = await edit(auth, user_id, display_name="Erika M.", locale="en", comment="Desk 3")

    assert answer.status == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.body["display_name"] == "Erika M."
    assert (answer.body["locale"], answer.body["comment"]) == ("en", "Desk 3")


async def test_an_edit_that_changes_nothing_leaves_the_version(auth: Client) -> None:
    user_id = (await create(auth, roles=["auditor"])).body["id"]

    answer = await edit(auth, user_id, roles=["auditor", "auditor"], email="erika@example.org")

    assert answer.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({}, 428, "precondition_required", id="without If-Match"),
        pytest.param({"If-Match": '"7"'}, 412, "precondition_failed", id="another version"),
    ],
)
async def test_an_edit_of_what_one_has_not_read_is_refused(
    auth: Client, headers: dict[str, str], status: int, code: str
) -> None:
    user_id = (await create(auth)).body["id"]

    answer = await auth.patch(
        f"{PATH}/{user_id}", as_=MANAGER, json={"comment": "x"}, headers=headers
    )

    assert (answer.status, answer.body["code"]) == (status, code)


async def test_of_many_who_edit_the_same_version_one_wins(auth: Client) -> None:
    path = f"{PATH}/{(await create(auth)).body['id']}"

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                auth.patch(
                    path,
                    as_=MANAGER,
                    json={"comment": f"Number {number}"},
                    headers={"If-Match": '"1"'},
                )
            )
            for number in range(5)
        ]

    assert sorted(task.result().status for task in tasks) == [200, 412, 412, 412, 412]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"email": None}, id="null"),
        pytest.param({"email": "nobody"}, id="no address"),
        pytest.param({"username": "other"}, id="user name"),
        pytest.param({"status": "active"}, id="status"),
        pytest.param({"org": "200001.sms"}, id="organisation"),
        pytest.param({"password_hash": "x"}, id="password"),
        pytest.param({"totp": None}, id="second factor"),
        pytest.param({"roles": ["vendor-admin"]}, id="role of another place"),
        pytest.param({"roles": [{"$gt": ""}]}, id="operator"),
    ],
)
async def test_bad_values_change_nothing(auth: Client, body: dict[str, Any]) -> None:
    user_id = (await create(auth)).body["id"]

    answer = await edit(auth, user_id, **body)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert (await auth.get(f"{PATH}/{user_id}", as_=MANAGER)).headers["ETag"] == '"1"'


async def test_another_address_is_told_to_the_former_one_and_kills_links(auth: Client) -> None:
    user_id = await active(auth)

    await edit(auth, user_id, email="new@example.org")

    notices = await auth.heard(AccountEmailChanged)
    assert [(one.account_id, one.email) for one in notices] == [(user_id, "erika@example.org")]
    links = await auth.mongo.collection("links").find({"account_id": user_id, "is_dead": False})
    assert links == []


@pytest.mark.parametrize("act", ["disable", "take the role away"])
async def test_the_last_admin_stays(auth: Client, act: str) -> None:
    last = await active(auth, "last", roles=["admin"])
    await create(auth, "invited", roles=["admin"])
    closed = await active(auth, "closed", roles=["admin"])
    await auth.post(f"{PATH}/{closed}/disable", as_=MANAGER)
    await active(auth, "auditor", roles=["auditor"])

    if act == "disable":
        answer = await auth.post(f"{PATH}/{last}/disable", as_=MANAGER)
    else:
        answer = await edit(auth, last, roles=["auditor"])

    assert (answer.status, answer.body["code"]) == (409, "last_admin")
    assert await status_of(auth, last) == "active"
    assert (await auth.delete(f"{PATH}/{last}", as_=MANAGER)).body["code"] == "disable_first"


async def test_of_two_last_admins_who_go_at_once_one_stays(auth: Client) -> None:
    for number in range(8):
        admins = [await active(auth, f"a{number}{each}", roles=["admin"]) for each in "xy"]

        async with asyncio.TaskGroup() as group:
            first = group.create_task(auth.post(f"{PATH}/{admins[0]}/disable", as_=MANAGER))
            second = group.create_task(edit(auth, admins[1], roles=[]))

        assert sorted([first.result().status, second.result().status]) == [200, 409]
        everybody = (await auth.get(PATH, as_=MANAGER, params={"role": "admin"})).body["items"]
        left = [one["id"] for one in everybody if one["status"] == "active"]
        assert len(left) == 1
        await auth.mongo.collection("accounts").delete_many({"org": "123456.sms"})


async def test_a_disabled_user_is_out_at_once_and_signs_in_no_more(auth: Client) -> None:
    await active(auth, "other", roles=["admin"])
    user_id = await add_account(auth)
    tokens = await sign_in(auth)

    disabled = await auth.post(f"{PATH}/{user_id}/disable", as_=MANAGER)
    again = await auth.post(f"{PATH}/{user_id}/disable", as_=MANAGER)
    refreshed = await auth.post(
        "/v1/session/refresh",
        as_=a_pass("public", subject="-", session="", org=""),
        json={"refresh_token": tokens["refresh_token"]},
    )
    body = {"username": ADMIN.username, "password": ADMIN.password, "tenant": ADMIN.org}
    back = await auth.post(
        "/v1/login", as_=a_pass("public", subject="-", session="", org=""), json=body
    )

    assert (disabled.status, disabled.body["status"]) == (200, "disabled")
    assert (again.status, again.headers["ETag"]) == (200, disabled.headers["ETag"])
    assert [one.account_id for one in await auth.heard(AccountDisabled)] == [user_id]
    assert [one.account_id for one in await auth.heard(SessionRevoked)] == [user_id]
    assert refreshed.status == 401
    assert (back.status, back.body["code"]) == (401, "login_refused")


async def test_an_enabled_user_is_as_before(auth: Client) -> None:
    user_id = await active(auth)
    invited = (await create(auth, "otto")).body["id"]
    token = await newest_token(auth, invited)
    for one in (user_id, invited):
        await auth.post(f"{PATH}/{one}/disable", as_=MANAGER)

    answers = [await auth.post(f"{PATH}/{one}/enable", as_=MANAGER) for one in (user_id, invited)]

    assert [one.body["status"] for one in answers] == ["active", "invited"]
    with pytest.raises(LinkError):
        await accept(auth, token)
    assert (await auth.post(f"{PATH}/{invited}/invite", as_=MANAGER)).status == 200


async def test_a_user_is_disabled_before_being_deleted(auth: Client) -> None:
    user_id = await active(auth)

    early = await auth.delete(f"{PATH}/{user_id}", as_=MANAGER)
    await auth.post(f"{PATH}/{user_id}/disable", as_=MANAGER)
    gone = await auth.delete(f"{PATH}/{user_id}", as_=MANAGER)
    twice = await auth.delete(f"{PATH}/{user_id}", as_=MANAGER)

    assert (early.status, early.body["code"]) == (409, "disable_first")
    assert (gone.status, twice.status) == (204, 404)
    assert [one.account_id for one in await auth.heard(AccountDeleted)] == [user_id]
    assert await auth.mongo.collection("accounts").count({"_id": user_id}) == 0


async def test_taking_a_role_ends_sessions_and_giving_one_does_not(auth: Client) -> None:
    await active(auth, "other", roles=["admin"])
    user_id = await add_account(auth)
    await sign_in(auth)

    given = await edit(auth, user_id, roles=["admin", "auditor"])
    ended_by_giving = await auth.heard(SessionRevoked)
    taken = await edit(auth, user_id, roles=["auditor"])

    assert (given.status, taken.status) == (200, 200)
    assert ended_by_giving == []
    assert [one.reason for one in await auth.heard(SessionRevoked)] == ["role_lost"]
    changed = [one.roles for one in await auth.heard(AccountChanged)]
    assert changed == [["admin", "auditor"], ["auditor"]]


async def test_of_an_account_of_the_reseller_portal_only_roles_and_comment_are_ours(
    auth: Client,
) -> None:
    await active(auth, "other", roles=["admin"])
    user_id = await active(auth, roles=["admin"])
    await label_as_rsp(auth, user_id)
    path = f"{PATH}/{user_id}"

    refused = [
        await edit(auth, user_id, email="mine@example.org"),
        await edit(auth, user_id, display_name="Other"),
        await edit(auth, user_id, locale="en"),
        await edit(auth, user_id, comment="x", email="mine@example.org"),
        await auth.delete(path, as_=MANAGER),
        *[await auth.post(f"{path}/{one}", as_=MANAGER) for one in ("disable", "enable", "invite")],
    ]
    ours = await edit(auth, user_id, roles=["auditor"], comment="Sold by Nordlicht")

    assert {(one.status, one.body["code"]) for one in refused} == {(409, "managed_elsewhere")}
    assert ours.status == 200
    assert (ours.body["label"], ours.body["roles"]) == ("RSP", ["auditor"])


async def test_the_last_sign_in_is_shown(auth: Client) -> None:
    user_id = await add_account(auth)
    auth.now.advance(timedelta(minutes=5))

    await sign_in(auth)

    read = await auth.get(f"{PATH}/{user_id}", as_=READER)
    assert read.body["last_sign_in_at"] == "2026-03-10T12:05:00Z"
    assert read.body["totp_active"] is True
