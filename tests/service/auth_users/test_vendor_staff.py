"""The vendor's staff: the same resource as a tenant's users, at the vendor."""

from dataclasses import replace
from typing import Any, Final

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AccountInvited, TotpResetAsked
from shared.passes import Pass
from tests.support.auth import ADMIN, ANYBODY, add_account, sign_in
from tests.support.service import Client, a_pass
from tests.support.users import JUST_NOW, a_user, accept, newest_token

PATH = "/v1/vendor/users"


def staff(role: Role) -> Pass:
    """Somebody of the vendor in this role, at the vendor."""
    return a_pass("vendor", *GRANTS[role][Relation.VENDOR], org="vendor", factor_at=JUST_NOW)


CHIEF: Final = staff(Role.VENDOR_ADMIN)


@pytest.fixture
async def vera(auth: Client) -> str:
    """The vendor's one administrator's id."""
    return await add_account(auth, org="vendor", username="vera", roles=("vendor-admin",))


async def invited(auth: Client, username: str, *roles: Role) -> str:
    answer = await auth.post(PATH, as_=CHIEF, json=a_user(username, roles=roles))
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


async def test_an_administrator_invites_each_kind_of_staff(auth: Client, vera: str) -> None:
    second = await invited(auth, "otto", Role.VENDOR_ADMIN)
    sales = await invited(auth, "sally", Role.SALES)
    support = await invited(auth, "susi", Role.SUPPORT)
    await accept(auth, await newest_token(auth, sales))

    listed = (await auth.get(PATH, as_=CHIEF)).body["items"]
    mailed = await auth.heard(AccountInvited)

    assert {one["id"]: one["roles"] for one in listed} == {
        vera: ["vendor-admin"],
        second: ["vendor-admin"],
        sales: ["sales"],
        support: ["support"],
    }
    assert {one["org"] for one in listed} == {"vendor"}
    assert next(one["status"] for one in listed if one["id"] == sales) == "active"
    assert {one.account_id for one in mailed} == {second, sales, support}


async def test_staff_is_read_edited_closed_opened_and_deleted(auth: Client, vera: str) -> None:
    uid = await invited(auth, "sally", Role.SALES)
    read = await auth.get(f"{PATH}/{uid}", as_=CHIEF)
    tag = {"If-Match": read.headers["ETag"]}
    edited = await auth.patch(f"{PATH}/{uid}", as_=CHIEF, json={"roles": ["support"]}, headers=tag)
    closed = await auth.post(f"{PATH}/{uid}/disable", as_=CHIEF)
    opened = await auth.post(f"{PATH}/{uid}/enable", as_=CHIEF)
    again = await auth.post(f"{PATH}/{uid}/invite", as_=CHIEF)
    gone = await auth.delete(f"{PATH}/{uid}", as_=CHIEF)

    assert (edited.status, edited.body["roles"]) == (200, ["support"])
    assert (closed.body["status"], opened.body["status"]) == ("disabled", "invited")
    assert (again.status, gone.status) == (200, 204)
    assert [each["id"] for each in (await auth.get(PATH, as_=CHIEF)).body["items"]] == [vera]


async def test_a_lost_second_factor_is_reset_after_its_owner_was_told(auth: Client) -> None:
    uid = await add_account(auth, org="vendor", username="vera", roles=("vendor-admin",))

    answer = await auth.post(f"{PATH}/{uid}/reset-totp", as_=CHIEF, json={"reason": "Phone lost"})

    assert answer.status == 202
    assert [one.account_id for one in await auth.heard(TotpResetAsked)] == [uid]


async def test_staff_comes_in_and_goes_out_as_csv(auth: Client, vera: str) -> None:
    text = "username,email,roles\r\nsally,sally@example.org,sales\r\n"

    taken_in = await auth.post(f"{PATH}/import", as_=CHIEF, json={"csv": text})
    exported = await auth.get(f"{PATH}/export", as_=CHIEF)

    assert vera
    assert (taken_in.status, taken_in.body["created"]) == (200, 1)
    assert '"sally","sally","","sally@example.org","","sales"' in exported.body


async def test_the_last_administrator_of_the_vendor_stays(auth: Client, vera: str) -> None:
    one = f"{PATH}/{vera}"
    tag = {"If-Match": (await auth.get(one, as_=CHIEF)).headers["ETag"]}

    closed = await auth.post(f"{one}/disable", as_=CHIEF)
    lowered = await auth.patch(one, as_=CHIEF, json={"roles": ["sales"]}, headers=tag)

    assert (closed.status, closed.body["code"]) == (409, "last_admin")
    assert (lowered.status, lowered.body["code"]) == (409, "last_admin")


@pytest.mark.parametrize("role", [Role.SALES, Role.SUPPORT])
async def test_nobody_but_administrators_manages_staff(auth: Client, vera: str, role: Role) -> None:
    as_ = staff(role)

    read = await auth.get(f"{PATH}/{vera}", as_=as_)
    refused = [
        await auth.post(PATH, as_=as_, json=a_user("mallory", roles=[role])),
        await auth.post(f"{PATH}/{vera}/disable", as_=as_),
        await auth.post(f"{PATH}/{vera}/reset-totp", as_=as_, json={"reason": "Mine"}),
        await auth.delete(f"{PATH}/{vera}", as_=as_),
    ]

    assert read.status == (200 if role is Role.SUPPORT else 403)
    assert {(one.status, one.body["code"]) for one in refused} == {(403, "forbidden")}
    assert await auth.heard(AccountInvited) == []


async def test_nobody_grants_or_touches_more_than_he_holds(auth: Client, vera: str) -> None:
    weak = a_pass(
        "vendor", Permission.USER_READ, Permission.USER_MANAGE, org="vendor", factor_at=JUST_NOW
    )
    mine: dict[str, Any] = a_user("mallory", roles=["vendor-admin"])

    granted = await auth.post(PATH, as_=weak, json=mine)
    sold = await auth.post(PATH, as_=weak, json=a_user("sally", roles=["sales"]))
    touched = await auth.post(f"{PATH}/{vera}/disable", as_=weak)
    foreign = await auth.post(PATH, as_=CHIEF, json=a_user("rita", roles=["reseller-admin"]))

    codes = [(one.status, one.body["code"]) for one in (granted, sold, touched)]
    assert codes == [(403, "grant_too_high")] * 3
    assert (foreign.status, foreign.body["errors"][0]["code"]) == (422, "unknown_role")
    assert [one["id"] for one in (await auth.get(PATH, as_=CHIEF)).body["items"]] == [vera]


async def test_a_pass_for_another_place_opens_nothing_and_foreign_users_are_absent(
    auth: Client, vera: str
) -> None:
    tenant = a_pass(ADMIN.org, *GRANTS[Role.ADMIN][Relation.OWN], factor_at=JUST_NOW)
    anna = await add_account(auth)

    elsewhere = [await auth.get(path, as_=tenant) for path in (PATH, f"{PATH}/{vera}")]
    answers = [await auth.get(f"{PATH}/{uid}", as_=CHIEF) for uid in (anna, "0" * 32)]

    assert [one.status for one in elsewhere] == [401, 401]
    assert [one.status for one in answers] == [404, 404]
    assert {**answers[0].body, "instance": ""} == {**answers[1].body, "instance": ""}


async def test_whoever_is_disabled_is_out_at_once(auth: Client, vera: str) -> None:
    uid = await add_account(auth, org="vendor", username="otto", roles=("vendor-admin",))
    tokens = await sign_in(auth, replace(ADMIN, username="otto", org="vendor"))

    await auth.post(f"{PATH}/{uid}/disable", as_=CHIEF)
    refreshed = await auth.post(
        "/v1/session/refresh",
        as_=ANYBODY,
        json={"refresh_token": tokens["refresh_token"]},
    )

    assert vera
    assert refreshed.status == 401
