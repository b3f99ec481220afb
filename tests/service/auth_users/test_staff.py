"""The staff of a reseller: the same resource as a tenant's users, in another kind of place."""

from shared.access import Permission
from tests.support.auth import add_account
from tests.support.service import Client, a_pass
from tests.support.users import CHIEF, STAFF, a_user


async def add_sales(auth: Client) -> str:
    body = a_user("sally", roles=["reseller-sales"])
    answer = await auth.post("/v1/resellers/100001.rsp/users", as_=CHIEF, json=body)
    assert answer.status == 201
    return str(answer.body["id"])


async def test_staff_is_read_edited_closed_opened_and_deleted(auth: Client) -> None:
    uid = await add_sales(auth)

    read = await auth.get(f"/v1/resellers/100001.rsp/users/{uid}", as_=CHIEF)
    edited = await auth.patch(
        f"/v1/resellers/100001.rsp/users/{uid}",
        as_=CHIEF,
        json={"roles": ["reseller-admin"]},
        headers={"If-Match": read.headers["ETag"]},
    )
    closed = await auth.post(f"/v1/resellers/100001.rsp/users/{uid}/disable", as_=CHIEF)
    opened = await auth.post(f"/v1/resellers/100001.rsp/users/{uid}/enable", as_=CHIEF)
    invited = await auth.post(f"/v1/resellers/100001.rsp/users/{uid}/invite", as_=CHIEF)
    gone = await auth.delete(f"/v1/resellers/100001.rsp/users/{uid}", as_=CHIEF)

    assert (read.status, read.body["org"]) == (200, "100001.rsp")
    assert (edited.status, edited.body["roles"]) == (200, ["reseller-admin"])
    assert (closed.body["status"], opened.body["status"]) == ("disabled", "invited")
    assert (invited.status, gone.status) == (200, 204)
    assert (await auth.get(STAFF, as_=CHIEF)).body["items"] == []


async def test_staff_comes_in_and_goes_out_as_csv(auth: Client) -> None:
    text = "username,email,roles\r\nsally,sally@example.org,reseller-sales\r\n"

    taken_in = await auth.post(
        "/v1/resellers/100001.rsp/users/import", as_=CHIEF, json={"csv": text}
    )
    exported = await auth.get("/v1/resellers/100001.rsp/users/export", as_=CHIEF)

    assert (taken_in.status, taken_in.body["created"]) == (200, 1)
    assert '"sally","sally","","sally@example.org","","reseller-sales"' in exported.body


async def test_another_resellers_staff_is_where_nothing_is(auth: Client) -> None:
    uid = await add_sales(auth)
    other = a_pass("100002.rsp", *Permission)

    answers = [
        await auth.get(f"/v1/resellers/100002.rsp/users/{one}", as_=other)
        for one in (uid, "0" * 32)
    ]

    assert [one.status for one in answers] == [404, 404]
    assert {**answers[0].body, "instance": ""} == {**answers[1].body, "instance": ""}


async def test_the_last_admin_of_the_staff_stays(auth: Client) -> None:
    chief = await add_account(
        auth, org="100001.rsp", username="chief", roles=("reseller-admin",), totp_secret=None
    )

    answer = await auth.post(f"/v1/resellers/100001.rsp/users/{chief}/disable", as_=CHIEF)

    assert (answer.status, answer.body["code"]) == (409, "last_admin")


async def test_staff_roles_are_those_of_a_reseller(auth: Client) -> None:
    weak = a_pass("100001.rsp", Permission.USER_READ, Permission.USER_MANAGE)

    wrong = await auth.post(STAFF, as_=CHIEF, json=a_user(roles=["admin"]))
    too_high = await auth.post(STAFF, as_=weak, json=a_user("otto", roles=["reseller-admin"]))

    assert (wrong.status, wrong.body["errors"][0]["code"]) == (422, "unknown_role")
    assert (too_high.status, too_high.body["code"]) == (403, "grant_too_high")
