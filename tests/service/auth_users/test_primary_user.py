"""A reseller's primary user: the first one, exactly one, and nobody else invites."""

import asyncio
from dataclasses import replace
from typing import Any, Final

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AccountInvited, PrimaryUserChanged
from shared.contracts.tenancy import FirstAdmin, ResellerCreated
from shared.passes import Pass
from tests.support.auth import ADMIN, add_account, sign_in
from tests.support.service import Answer, Client, a_pass
from tests.support.users import CHIEF, JUST_NOW, STAFF, a_user

RESELLER: Final = "100001.rsp"
PRIMARY: Final = f"/v1/resellers/{RESELLER}/primary-user"


def staff(account_id: str, **more: Any) -> Pass:
    """An administrator of the reseller at the reseller's own place."""
    held = GRANTS[Role.RESELLER_ADMIN][Relation.OWN]
    return a_pass(RESELLER, *held, subject=account_id, **{"factor_at": JUST_NOW, **more})


@pytest.fixture
async def rita(auth: Client) -> str:
    """The primary user's id."""
    return await add_account(
        auth, org=RESELLER, username="rita", roles=("reseller-admin",), is_primary=True
    )


@pytest.fixture
async def otto(auth: Client, rita: str) -> str:
    """Another administrator's id."""
    assert rita
    return await add_account(auth, org=RESELLER, username="otto", roles=("reseller-admin",))


async def primary_users(auth: Client) -> list[str]:
    listed = await auth.get(STAFF, as_=CHIEF)
    return [one["username"] for one in listed.body["items"] if one["primary_user"]]


async def hand_over(auth: Client, to: str, *, as_: Pass) -> Answer:
    return await auth.post(PRIMARY, as_=as_, json={"user_id": to})


# --- who it is ------------------------------------------------------------------------------------


async def test_whom_the_vendor_names_first_is_the_primary_user(auth: Client) -> None:
    first = FirstAdmin(username="rolf", email="rolf@h.example", display_name="Rolf", locale="en")
    made = ResellerCreated(reseller_id="100002.rsp", name="H", locale="en", primary_user=first)

    await auth.deliver(made, times=2)

    there = a_pass("100002.rsp", Permission.USER_READ, org="vendor")
    (listed,) = (await auth.get("/v1/resellers/100002.rsp/users", as_=there)).body["items"]
    assert (listed["username"], listed["primary_user"]) == ("rolf", True)


async def test_one_is_told_whether_one_is_it(auth: Client, rita: str, otto: str) -> None:
    mine = await auth.get("/v1/me", as_=staff(rita))
    others = await auth.get("/v1/me", as_=staff(otto))

    assert (mine.body["primary_user"], others.body["primary_user"]) == (True, False)


async def test_a_tenants_first_administrator_is_none(auth: Client) -> None:
    anna = await add_account(auth)

    assert (await auth.get("/v1/me", as_=a_pass("123456.sms", subject=anna))).body[
        "primary_user"
    ] is False


# --- who invites ----------------------------------------------------------------------------------


async def test_nobody_else_invites_by_giving_an_invited_user_another_address(
    auth: Client, rita: str, otto: str
) -> None:
    sally = (await auth.post(STAFF, as_=staff(rita), json=a_user("sally"))).body["id"]
    path, tag = f"{STAFF}/{sally}", {"If-Match": '"1"'}
    body = {"email": "friend@example.org"}

    by_otto = await auth.patch(path, as_=staff(otto), json=body, headers=tag)
    invited = len(await auth.heard(AccountInvited))
    by_rita = await auth.patch(path, as_=staff(rita), json=body, headers=tag)

    assert (by_otto.status, by_otto.body["code"]) == (403, "primary_user_only")
    assert invited == 1
    assert by_rita.status == 200


async def test_the_primary_user_and_the_vendor_invite(auth: Client, rita: str) -> None:
    by_rita = await auth.post(STAFF, as_=staff(rita), json=a_user("sally"))
    by_vendor = await auth.post(STAFF, as_=CHIEF, json=a_user("sven"))

    assert (by_rita.status, by_vendor.status) == (201, 201)
    assert by_rita.body["primary_user"] is False


async def test_nobody_else_invites_in_any_way(auth: Client, rita: str, otto: str) -> None:
    invited = await auth.post(STAFF, as_=staff(rita), json=a_user("sally"))
    again = f"/v1/resellers/{RESELLER}/users/{invited.body['id']}/invite"
    csv = {"csv": "username,email\r\nsven,sven@example.org\r\n"}
    others = (staff(otto), staff("a-client"), a_pass(RESELLER, *Permission, subject="nobody"))

    answers = [
        answer
        for who in others
        for answer in (
            await auth.post(STAFF, as_=who, json=a_user("eve")),
            await auth.post(again, as_=who),
            await auth.post(f"{STAFF}/import", as_=who, json=csv),
            await auth.post(f"{STAFF}/import", as_=who, json={**csv, "dry_run": True}),
        )
    ]

    codes = {(answer.status, answer.body["code"]) for answer in answers}
    assert codes == {(403, "primary_user_only")}
    names = {one["username"] for one in (await auth.get(STAFF, as_=CHIEF)).body["items"]}
    assert names == {"rita", "otto", "sally"}


async def test_without_a_primary_user_the_vendor_alone_invites(auth: Client) -> None:
    solo = await add_account(auth, org=RESELLER, username="solo", roles=("reseller-admin",))

    refused = await auth.post(STAFF, as_=staff(solo), json=a_user("sally"))
    itself = await hand_over(auth, solo, as_=staff(solo))
    appointed = await hand_over(auth, solo, as_=CHIEF)
    allowed = await auth.post(STAFF, as_=staff(solo), json=a_user("sally"))

    assert (refused.status, itself.status) == (403, 403)
    assert (appointed.status, allowed.status) == (200, 201)


# --- handing over ---------------------------------------------------------------------------------


async def test_the_primary_user_hands_over_and_invites_no_more(
    auth: Client, rita: str, otto: str
) -> None:
    answer = await hand_over(auth, otto, as_=staff(rita))
    again = await hand_over(auth, otto, as_=staff(otto))
    back = await hand_over(auth, rita, as_=staff(rita))
    invited = await auth.post(STAFF, as_=staff(rita), json=a_user("sally"))

    assert (answer.status, answer.body["primary_user"]) == (200, True)
    assert (again.status, again.headers["ETag"]) == (200, answer.headers["ETag"])
    assert (back.status, invited.status) == (403, 403)
    assert await primary_users(auth) == ["otto"]
    told = await auth.heard(PrimaryUserChanged)
    assert told == [PrimaryUserChanged(account_id=otto, org=RESELLER, former_account_id=rita)]


async def test_nobody_takes_it(auth: Client, rita: str, otto: str) -> None:
    stale = staff(rita, factor_at=None)

    taken = await hand_over(auth, otto, as_=staff(otto))
    without_factor = await hand_over(auth, otto, as_=stale)
    foreign = await auth.post(
        "/v1/resellers/100002.rsp/primary-user",
        as_=a_pass("100002.rsp", *Permission, subject=rita, factor_at=JUST_NOW),
        json={"user_id": otto},
    )

    assert (taken.status, taken.body["code"]) == (403, "primary_user_only")
    assert (without_factor.status, without_factor.body["code"]) == (
        401,
        "insufficient_user_authentication",
    )
    assert foreign.status == 403
    assert await primary_users(auth) == ["rita"]


async def test_only_an_active_administrator_becomes_it(auth: Client, rita: str) -> None:
    sally = await add_account(auth, org=RESELLER, username="sally", roles=("reseller-sales",))
    body = a_user("ina", roles=["reseller-admin"])
    invited = (await auth.post(STAFF, as_=staff(rita), json=body)).body["id"]
    tenants = await add_account(auth)

    answers = [await hand_over(auth, one, as_=staff(rita)) for one in (sally, invited)]
    nobody = (tenants, "nobody", "no id/at all", "{$gt: 1}")
    absent = [await hand_over(auth, one, as_=staff(rita)) for one in nobody]
    invalid = await auth.post(PRIMARY, as_=staff(rita), json={"user_id": {"$gt": ""}})

    assert [one.body["code"] for one in answers] == ["not_an_administrator"] * 2
    assert [one.status for one in absent] == [404] * 4
    assert invalid.status == 422
    assert await primary_users(auth) == ["rita"]


async def test_of_many_who_are_made_it_at_once_one_is_left(
    auth: Client, rita: str, otto: str
) -> None:
    third = await add_account(auth, org=RESELLER, username="tina", roles=("reseller-admin",))

    async with asyncio.TaskGroup() as group:
        for one in (otto, third, rita, otto, third):
            group.create_task(hand_over(auth, one, as_=CHIEF))

    assert len(await primary_users(auth)) == 1


# --- what the primary user can't lose -------------------------------------------------------------


async def test_it_is_not_disabled_deleted_or_made_less(auth: Client, rita: str, otto: str) -> None:
    path = f"{STAFF}/{rita}"
    tag = {"If-Match": (await auth.get(path, as_=CHIEF)).headers["ETag"]}

    answers = [
        answer
        for who in (staff(otto), staff(rita), CHIEF)
        for answer in (
            await auth.post(f"{path}/disable", as_=who),
            await auth.patch(path, as_=who, json={"roles": ["reseller-sales"]}, headers=tag),
            await auth.patch(path, as_=who, json={"roles": []}, headers=tag),
        )
    ]

    codes = {(answer.status, answer.body["code"]) for answer in answers}
    assert codes == {(409, "primary_user")}
    tokens = await sign_in(auth, replace(ADMIN, org=RESELLER, username="rita"))
    assert tokens["next"] == "done"


async def test_an_open_invitation_of_it_is_not_taken_back(auth: Client) -> None:
    first = FirstAdmin(username="rolf", email="rolf@h.example", display_name="Rolf", locale="en")
    made = ResellerCreated(reseller_id="100002.rsp", name="H", locale="en", primary_user=first)
    await auth.deliver(made)
    vendor = a_pass("100002.rsp", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR], org="vendor")
    base = "/v1/resellers/100002.rsp/users"
    (rolf,) = (await auth.get(base, as_=vendor)).body["items"]

    answer = await auth.delete(f"{base}/{rolf['id']}", as_=vendor)

    assert (answer.status, answer.body["code"]) == (409, "primary_user")


async def test_nobody_else_moves_its_mail(auth: Client, rita: str, otto: str) -> None:
    path = f"{STAFF}/{rita}"
    tag = {"If-Match": (await auth.get(path, as_=CHIEF)).headers["ETag"]}
    change = {"email": "otto@evil.example"}

    refused = await auth.patch(path, as_=staff(otto), json=change, headers=tag)
    allowed = await auth.patch(path, as_=CHIEF, json={"email": "r@n.example"}, headers=tag)

    assert (refused.status, refused.body["code"]) == (403, "primary_user_only")
    assert allowed.status == 200


async def test_after_handing_over_one_can_go(auth: Client, rita: str, otto: str) -> None:
    await hand_over(auth, otto, as_=staff(rita))

    disabled = await auth.post(f"{STAFF}/{rita}/disable", as_=staff(otto))
    deleted = await auth.delete(f"{STAFF}/{rita}", as_=staff(otto))

    assert (disabled.status, deleted.status) == (200, 204)
    assert await primary_users(auth) == ["otto"]
