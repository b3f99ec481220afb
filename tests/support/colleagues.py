"""Colleagues who come to 123456.sms in system tests, invited and with a second factor."""

from typing import Any, Final, TypeAlias

from shared.ids import new_id
from tests.support.person import Answer, Authenticator, Portal, link_in

Tokens: TypeAlias = dict[str, Any]
USERS: Final = "/v1/tenants/123456.sms/users"
PASSWORD: Final = "what only the colleague ever knew"


async def a_colleague(portal: Portal, admin: str, roles: list[str]) -> tuple[str, Tokens]:
    """Somebody new in 123456.sms who is signed in: the id and the tokens."""
    name = f"colleague-{new_id()[:8]}"
    body = {"username": name, "email": f"{name}@example.org", "roles": roles}
    created = await portal.call("POST", USERS, token=admin, json=body)
    invitation = await portal.next_mail(f"{name}@example.org", 0)
    await accept(portal, link_in(invitation, "/accept-invitation"))
    return created.body["id"], await enrolled(portal, name)


async def accept(portal: Portal, token: str, password: str = PASSWORD) -> Answer:
    """Choose a password by the link of an invitation or of a reset."""
    body = {"token": token, "new_password": password}
    return await portal.call("POST", "/v1/password/reset", json=body)


async def enrolled(portal: Portal, username: str) -> Tokens:
    """Sign in for the first time, with the activation that it asks for."""
    first = await portal.call("POST", "/v1/login", json=login(username))
    assert first.body["next"] == "enrol_totp", first.body
    challenge = first.body["challenge"]
    offer = await portal.call("POST", "/v1/me/totp", token=challenge)
    code = {"code": await Authenticator(offer.body["secret"]).code()}
    done = await portal.call("POST", "/v1/me/totp/confirm", token=challenge, json=code)
    assert done.status == 200, done.body
    tokens: Tokens = done.body
    return tokens


def login(username: str) -> dict[str, Any]:
    return {
        "username": username,
        "password": PASSWORD,
        "tenant": "123456.sms",
        "transport": "body",
    }
