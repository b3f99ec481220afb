"""Users for tests: who manages them, and how they come to be what they are."""

from dataclasses import replace
from typing import Any, Final

from services.auth.actions.set_password import set_password_by_link
from services.auth.app import build
from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AccountInvited
from shared.keys import unlock
from tests.support.auth import MAILER_KEYS
from tests.support.service import NOON, Answer, Client, a_pass

PATH: Final = "/v1/tenants/123456.sms/users"
STAFF: Final = "/v1/resellers/100001.rsp/users"
JUST_NOW: Final = int(NOON.timestamp())
MANAGER: Final = a_pass("123456.sms", *GRANTS[Role.ADMIN][Relation.OWN], factor_at=JUST_NOW)
READER: Final = a_pass("123456.sms", *GRANTS[Role.AUDITOR][Relation.OWN])
CHIEF: Final = a_pass(
    "100001.rsp",
    *GRANTS[Role.RESELLER_ADMIN][Relation.OWN],
    org="vendor",  # which may all that a primary user may, and is in nobody's list
    factor_at=JUST_NOW,
)
LESSER: Final = a_pass(
    "123456.sms", Permission.USER_READ, Permission.USER_MANAGE, factor_at=JUST_NOW
)
NEW_PASSWORD: Final = "only whoever was invited knows this"


def a_user(username: str = "erika", **more: Any) -> dict[str, Any]:
    return {"username": username, "email": f"{username}@example.org", **more}


async def create(auth: Client, username: str = "erika", **more: Any) -> Answer:
    """Invite somebody to 123456.sms."""
    answer = await auth.post(PATH, as_=MANAGER, json=a_user(username, **more))
    assert answer.status == 201, answer.body
    return answer


async def active(auth: Client, username: str = "erika", **more: Any) -> str:
    """Somebody in 123456.sms who has accepted the invitation; returns the id."""
    created = await create(auth, username, **more)
    await accept(auth, await newest_token(auth, created.body["id"]))
    return str(created.body["id"])


async def newest_token(auth: Client, account_id: str) -> str:
    """The token of the link that was mailed last."""
    sent = [one for one in await auth.heard(AccountInvited) if one.account_id == account_id]
    return unlock(MAILER_KEYS, f"link:{account_id}", sent[-1].sealed_token)


async def accept(auth: Client, token: str) -> None:
    async with auth.acting(build) as deps:
        await set_password_by_link(deps, token, NEW_PASSWORD)
        deps.hasher.close()


async def edit(auth: Client, account_id: str, **changes: Any) -> Answer:
    """Change somebody of 123456.sms as they are now."""
    return await edit_at(auth, f"{PATH}/{account_id}", **changes)


async def edit_at(auth: Client, path: str, **changes: Any) -> Answer:
    tag = (await auth.get(path, as_=MANAGER)).headers["ETag"]
    fresh = replace(MANAGER, factor_at=int(auth.now().timestamp()))
    return await auth.patch(path, as_=fresh, json=changes, headers={"If-Match": tag})


async def label_as_rsp(auth: Client, account_id: str) -> None:
    """As the sync with the Reseller Portal marks an account."""
    rows = auth.mongo.collection("accounts")
    await rows.update({"_id": account_id}, {"$set": {"label": "RSP"}})
