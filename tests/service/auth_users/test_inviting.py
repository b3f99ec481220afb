"""Users come in by invitation only."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.auth.domain.links import LinkError
from shared.access import GRANTS, Relation, Role
from shared.contracts.auth import AccountInvited, FirstAdminInvited
from shared.contracts.tenancy import FirstAdmin, TenantCreated
from tests.support.service import Answer, Client, a_pass
from tests.support.users import (
    CHIEF,
    LESSER,
    MANAGER,
    PATH,
    READER,
    STAFF,
    a_user,
    accept,
    active,
    create,
    edit,
    newest_token,
)


async def test_a_new_user_is_invited_by_mail_and_has_no_password(auth: Client) -> None:
    created = await create(auth, roles=["auditor"], display_name="Erika", comment="Night shift")
    sent = await auth.heard(AccountInvited)

    assert created.headers["ETag"] == '"1"'
    assert created.headers["Location"] == f"{PATH}/{created.body['id']}"
    assert created.body == {
        "id": sent[0].account_id,
        "org": "123456.sms",
        "username": "erika",
        "email": "erika@example.org",
        "display_name": "Erika",
        "locale": "de",
        "roles": ["auditor"],
        "label": None,
        "status": "invited",
        "totp_active": False,
        "created_at": "2026-03-10T12:00:00Z",
        "last_sign_in_at": None,
        "comment": "Night shift",
        "primary_user": False,
    }
    assert (sent[0].org_name, sent[0].email) == ("Bäckerei", "erika@example.org")
    assert sent[0].expires_at == auth.now() + timedelta(days=7)
    assert (await auth.mongo.collection("accounts").find_one({}) or {})["password_hash"] is None


async def test_an_accepted_invitation_makes_the_user_active_and_is_good_once(auth: Client) -> None:
    created = await create(auth, roles=["admin"])
    token = await newest_token(auth, created.body["id"])

    await accept(auth, token)

    read = await auth.get(f"{PATH}/{created.body['id']}", as_=READER)
    assert read.body["status"] == "active"
    with pytest.raises(LinkError):
        await accept(auth, token)


async def test_an_invitation_is_no_longer_good_after_seven_days(auth: Client) -> None:
    created = await create(auth)
    token = await newest_token(auth, created.body["id"])

    auth.now.advance(timedelta(days=7))

    with pytest.raises(LinkError):
        await accept(auth, token)


async def test_a_new_link_kills_the_old_one(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]
    old = await newest_token(auth, user_id)

    again = await auth.post(f"{PATH}/{user_id}/invite", as_=MANAGER)

    assert (again.status, again.body["status"]) == (200, "invited")
    with pytest.raises(LinkError):
        await accept(auth, old)
    await accept(auth, await newest_token(auth, user_id))


async def test_three_invitations_an_hour_are_sent_and_no_more(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]
    auth.now.advance(timedelta(minutes=20))

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(auth.post(f"{PATH}/{user_id}/invite", as_=MANAGER)) for _ in range(5)
        ]
    answers = sorted((task.result() for task in tasks), key=lambda answer: answer.status)
    auth.now.advance(timedelta(minutes=41))
    later = await auth.post(f"{PATH}/{user_id}/invite", as_=MANAGER)

    assert [answer.status for answer in answers] == [200, 200, 429, 429, 429]
    assert answers[-1].body["code"] == "too_many_invitations"
    assert answers[-1].headers["Retry-After"] == str(40 * 60 + 1)
    assert later.status == 200


async def test_who_has_accepted_is_not_invited_again(auth: Client) -> None:
    user_id = await active(auth)

    again = await auth.post(f"{PATH}/{user_id}/invite", as_=MANAGER)

    assert (again.status, again.body["code"]) == (409, "not_invited")


async def test_an_open_invitation_is_taken_back_by_deleting_the_user(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]
    token = await newest_token(auth, user_id)

    gone = await auth.delete(f"{PATH}/{user_id}", as_=MANAGER)

    assert gone.status == 204
    assert (await auth.get(f"{PATH}/{user_id}", as_=MANAGER)).status == 404
    with pytest.raises(LinkError):
        await accept(auth, token)
    assert (await create(auth)).body["id"] != user_id


async def test_an_invitation_is_bound_to_its_address(auth: Client) -> None:
    user_id = (await create(auth)).body["id"]
    old = await newest_token(auth, user_id)

    moved = await edit(auth, user_id, email="other@example.org")
    sent = await auth.heard(AccountInvited)

    assert moved.status == 200
    assert [one.email for one in sent] == ["erika@example.org", "other@example.org"]
    with pytest.raises(LinkError):
        await accept(auth, old)
    await accept(auth, await newest_token(auth, user_id))


async def test_the_first_admin_of_a_new_tenant_is_invited_in_its_name(auth: Client) -> None:
    chief = FirstAdmin(username="chef", email="c@x.example", display_name="Chris", locale="en")
    tenant = TenantCreated(
        tenant_id="123458.sms",
        name="Neu AG",
        reseller_id="100001.rsp",
        locale="de",
        first_admin=chief,
        order_id="o-1",
    )

    await auth.deliver(tenant, times=2, event_id="e-1")

    sent = await auth.heard(AccountInvited)
    [told] = await auth.heard(FirstAdminInvited)
    assert [(one.org_name, one.username) for one in sent] == [("Neu AG", "chef")]
    assert (told.order_id, told.account_id) == ("o-1", sent[0].account_id)


async def test_the_staff_of_a_reseller_is_invited_the_same_way(auth: Client) -> None:
    body = a_user(roles=["reseller-sales"])
    created = await auth.post(STAFF, as_=CHIEF, json=body)
    sent = await auth.heard(AccountInvited)

    assert created.status == 201
    assert (created.body["org"], created.body["locale"]) == ("100001.rsp", "en")
    assert sent[0].org_name == "Nordlicht"


@pytest.mark.parametrize("username", ["erika", " ERIKA ", "\uff45rika"])
async def test_a_taken_user_name_is_refused_in_every_spelling(auth: Client, username: str) -> None:
    await create(auth)

    twice = await auth.post(PATH, as_=MANAGER, json={**a_user(), "username": username})

    assert (twice.status, twice.body["code"]) == (409, "username_taken")
    assert len(await auth.heard(AccountInvited)) == 1


async def test_of_many_who_take_one_name_at_once_one_gets_it(auth: Client) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(auth.post(PATH, as_=MANAGER, json=a_user())) for _ in range(10)]

    statuses = sorted(task.result().status for task in tasks)
    assert statuses == [201] + [409] * 9
    assert len(await auth.heard(AccountInvited)) == 1


async def test_the_same_name_in_another_place_is_another_user(auth: Client) -> None:
    here = await create(auth)
    there = await auth.post(
        "/v1/tenants/200001.sms/users",
        as_=a_pass("200001.sms", *MANAGER.permissions),  # type: ignore[arg-type]  # permissions are texts in a pass
        json=a_user(),
    )

    assert there.status == 201
    assert there.body["id"] != here.body["id"]


async def test_the_same_request_under_one_key_is_one_user_however_often_it_comes(
    auth: Client,
) -> None:
    key = {"Idempotency-Key": "k-1"}

    async def ask() -> Answer:
        return await auth.post(PATH, as_=MANAGER, json=a_user(), headers=key)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask()) for _ in range(8)]
    answers = [task.result() for task in tasks]
    again = await ask()
    other = await auth.post(PATH, as_=MANAGER, json=a_user("otto"), headers=key)

    done = [answer for answer in answers if answer.status == 201]
    assert {one.body["code"] for one in answers if one not in done} <= {"request_running"}
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert {one.body["id"] for one in done} == {again.body["id"]}
    assert again.headers["ETag"] == done[0].headers["ETag"]
    assert len(await auth.heard(AccountInvited)) == 1
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


async def test_a_key_means_nothing_in_another_place(auth: Client) -> None:
    key = {"Idempotency-Key": "k-1"}
    here = await auth.post(PATH, as_=MANAGER, json=a_user(), headers=key)

    there = await auth.post(STAFF, as_=CHIEF, json=a_user(), headers=key)

    assert (here.status, there.status) == (201, 201)
    assert here.body["id"] != there.body["id"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"username": ""}, id="no name"),
        pytest.param({"username": {"$ne": ""}}, id="operator"),
        pytest.param({"username": "a\nb"}, id="line break"),
        pytest.param({"username": "erika\u3164"}, id="filler"),
        pytest.param({"username": "erika\ufe0f"}, id="selector"),
        pytest.param({"username": "\u2800"}, id="blank"),
        pytest.param({"username": "erika  m"}, id="two spaces"),
        pytest.param({"email": "nobody"}, id="no address"),
        pytest.param({"email": "a@b.example\r\nBcc: c@d.example"}, id="header"),
        pytest.param({"roles": ["owner"]}, id="unknown role"),
        pytest.param({"roles": ["reseller-admin"]}, id="role of another place"),
        pytest.param({"roles": "admin"}, id="role as text"),
        pytest.param({"status": "active"}, id="status"),
        pytest.param({"org": "200001.sms"}, id="organisation"),
        pytest.param({"password": "one that somebody else knows"}, id="password"),
        pytest.param({"label": "RSP"}, id="label"),
    ],
)
async def test_bad_values_invite_nobody(auth: Client, body: dict[str, Any]) -> None:
    answer = await auth.post(PATH, as_=MANAGER, json={**a_user(), **body})

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert (await auth.get(PATH, as_=MANAGER)).body["items"] == []
    assert await auth.heard(AccountInvited) == []


async def test_nobody_grants_more_than_he_holds(auth: Client) -> None:
    chief = await create(auth, "chief", roles=["admin"])
    path = f"{PATH}/{chief.body['id']}"

    created = await auth.post(PATH, as_=LESSER, json=a_user(roles=["admin"]))
    edited = await auth.patch(
        path, as_=LESSER, json={"email": "mine@example.org"}, headers={"If-Match": '"1"'}
    )
    disabled = await auth.post(f"{path}/disable", as_=LESSER)
    invited = await auth.post(f"{path}/invite", as_=LESSER)
    deleted = await auth.delete(path, as_=LESSER)

    for answer in (created, edited, disabled, invited, deleted):
        assert (answer.status, answer.body["code"]) == (403, "grant_too_high")
    assert (await auth.get(path, as_=MANAGER)).body == chief.body
    without = await auth.post(PATH, as_=LESSER, json=a_user("device-holder"))
    assert without.status == 201


async def test_a_reseller_may_make_an_admin_in_an_assigned_tenant(auth: Client) -> None:
    reseller = a_pass(
        "123456.sms", *GRANTS[Role.RESELLER_ADMIN][Relation.ASSIGNED], org="100001.rsp"
    )

    created = await auth.post(PATH, as_=reseller, json=a_user(roles=["admin"]))

    assert (created.status, created.body["roles"]) == (201, ["admin"])


async def test_the_vendor_may_make_an_administrator_of_a_reseller(auth: Client) -> None:
    vendor = a_pass("100001.rsp", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR], org="vendor")

    created = await auth.post(STAFF, as_=vendor, json=a_user(roles=["reseller-admin"]))

    assert (created.status, created.body["roles"]) == (201, ["reseller-admin"])


async def test_who_may_only_read_invites_nobody(auth: Client) -> None:
    answer = await auth.post(PATH, as_=READER, json=a_user())

    assert (answer.status, answer.body["code"]) == (403, "forbidden")
