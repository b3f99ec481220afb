"""What the Reseller Portal hears of a reseller's staff, and what a comparison finds."""

from shared.contracts.auth import AuthDriftReported, PersonRecorded
from shared.drift import digest_of
from tests.support.auth import add_account
from tests.support.service import Client
from tests.support.sync import send
from tests.support.users import CHIEF, a_user

PERSON = {
    "reseller_id": "100001.rsp",
    "user_id": "sub-1",
    "username": "rita",
    "email": "rita@nordlicht.example",
    "display_name": "Rita",
    "initial_roles": ["reseller-admin"],
}
USERS = "/v1/resellers/100001.rsp/users"


async def test_staff_that_is_managed_here_is_told_until_it_is_gone(auth: Client) -> None:
    body = a_user("sally", roles=["reseller-sales"])
    made = await auth.post(USERS, as_=CHIEF, json=body)
    uid = made.body["id"]
    await auth.post(f"{USERS}/{uid}/disable", as_=CHIEF)
    await auth.delete(f"{USERS}/{uid}", as_=CHIEF)

    told = await auth.heard(PersonRecorded)

    assert [(one.user_id, one.status) for one in told] == [
        (uid, "invited"),
        (uid, "disabled"),
        (uid, "deleted"),
    ]


async def test_nobody_of_a_tenant_is_told(auth: Client) -> None:
    await add_account(auth)

    assert await auth.heard(PersonRecorded) == []


async def test_what_the_reseller_portal_said_is_not_told_and_what_we_own_is(auth: Client) -> None:
    await send(auth, "user.upserted", PERSON)
    await send(auth, "user.upserted", {**PERSON, "display_name": "Rita R."}, sequence=2)
    assert await auth.heard(PersonRecorded) == []
    uid = (await auth.get(USERS, as_=CHIEF)).body["items"][0]["id"]
    read = await auth.get(f"{USERS}/{uid}", as_=CHIEF)
    tag = {"If-Match": read.headers["ETag"]}
    change = {"roles": ["reseller-admin", "reseller-support"]}

    await auth.patch(f"{USERS}/{uid}", as_=CHIEF, json=change, headers=tag)
    await send(auth, "user.removed", PERSON, sequence=3)

    [told] = await auth.heard(PersonRecorded)
    assert (told.user_id, told.roles) == ("sub-1", change["roles"])


async def test_a_comparison_names_the_people_who_differ(auth: Client) -> None:
    await send(auth, "user.upserted", PERSON)
    await send(auth, "user.upserted", {**PERSON, "user_id": "sub-2", "username": "nils"})
    known = {**PERSON, "roles": ["reseller-admin"], "status": "active", "label": "RSP"}
    known = {**known, "locale": "de"}
    del known["initial_roles"]
    theirs = {"sub-1": digest_of(known), "sub-3": "0" * 64}

    await send(
        auth, "records.compared", {"reseller_id": "100001.rsp", "digests": {"person": theirs}}
    )

    [report] = await auth.heard(AuthDriftReported)
    assert {one.id: one.how for one in report.differences} == {
        "sub-2": "missing_there",
        "sub-3": "missing_here",
    }
    assert [one.user_id for one in await auth.heard(PersonRecorded)] == ["sub-2"]
