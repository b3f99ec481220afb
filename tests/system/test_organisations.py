"""What becomes of people when their organisation is closed, opened and renamed."""

import asyncio
import uuid
from collections.abc import Mapping

import pytest

from shared.clock import monotonic
from tests.support.person import Answer, Authenticator, Portal, link_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]
PASSWORD = "chosen by whoever was invited"


async def do(
    portal: Portal, token: str, path: str, body: Mapping[str, object] | None = None
) -> Answer:
    return await portal.call("POST", path, token=token, json=body)


async def accept(portal: Portal, address: str) -> None:
    mail = await portal.next_mail(address, 0)
    body = {"token": link_in(mail, "/accept-invitation"), "new_password": PASSWORD}
    assert (await portal.call("POST", "/v1/password/reset", json=body)).status == 204


async def enrol(portal: Portal, org: str, username: str) -> tuple[str, Authenticator]:
    """Sign in for the first time, which activates a second factor: the token and the app."""
    login = {"username": username, "password": PASSWORD, "tenant": org, "transport": "body"}
    first = await portal.call("POST", "/v1/login", json=login)
    challenge = first.body["challenge"]
    offer = await portal.call("POST", "/v1/me/totp", token=challenge)
    app = Authenticator(offer.body["secret"])
    code = {"code": await app.code()}
    done = await portal.call("POST", "/v1/me/totp/confirm", token=challenge, json=code)
    return str(done.body["access_token"]), app


async def subjects(portal: Portal, address: str) -> list[str]:
    return [mail["Subject"] for mail in await portal.mails_to(address)]


async def status_within_a_second(portal: Portal, path: str, token: str, wanted: int) -> int:
    until, status = monotonic() + 1, 0
    while monotonic() < until and status != wanted:
        status = (await portal.call("GET", path, token=token)).status
        await asyncio.sleep(0.02)
    return status


async def test_a_reseller_is_set_up_sells_and_is_suspended_within_a_second(portal: Portal) -> None:
    vendor = await portal.token("vendor", "vendor-admin")
    address = f"rita-{uuid.uuid4().hex[:8]}@polarstern.example"
    body = {"name": "Polarstern", "primary_user": {"username": "rita", "email": address}}
    made = await do(portal, vendor, "/v1/resellers", body)
    reseller = made.body["id"]
    await accept(portal, address)
    rita, _ = await enrol(portal, reseller, "rita")
    path = f"/v1/resellers/{reseller}"
    order = {
        "product": "mobile-security",
        "seats": 5,
        "term_months": 12,
        "customer": {"new": {"name": "First", "admin": {"username": "a", "email": "a@f.example"}}},
    }

    too_early = await do(portal, rita, f"{path}/licence-orders", order)
    authorised = await do(portal, vendor, f"{path}/authorise", {"reason": "Contract signed"})
    async with asyncio.timeout(5):
        while (sold := await do(portal, rita, f"{path}/licence-orders", order)).status == 409:
            await asyncio.sleep(0.05)
    before = await portal.call("GET", path, token=rita)
    suspended = await do(portal, vendor, f"{path}/suspend", {"reason": "Bills unpaid"})
    after = await status_within_a_second(portal, path, rita, 401)
    login = {"username": "rita", "password": PASSWORD, "tenant": reseller}
    refused = await portal.call("POST", "/v1/login", json=login)
    wrong = await portal.call("POST", "/v1/login", json={**login, "password": "not hers"})

    assert (made.status, too_early.status, too_early.code) == (201, 409, "reseller_may_not_order")
    assert (authorised.body["status"], sold.status, before.status) == ("authorised", 202, 200)
    assert (suspended.body["status"], after) == ("suspended", 401)
    assert (refused.status, refused.code) == (wrong.status, wrong.code)


async def test_a_tenants_users_are_out_within_a_second_and_its_reseller_still_sees_it(
    portal: Portal,
) -> None:
    rita = await portal.token("100001.rsp", "reseller-admin")
    address = f"ada-{uuid.uuid4().hex[:8]}@fisch.example"
    new = {"name": "Fisch", "admin": {"username": "ada", "email": address}}
    order = {"product": "mdm", "seats": 5, "term_months": 12, "customer": {"new": new}}
    placed = await do(portal, rita, "/v1/resellers/100001.rsp/licence-orders", order)
    location = placed.headers["Location"]
    async with asyncio.timeout(5):
        while not (tenant := (await portal.call("GET", location, token=rita)).body["tenant_id"]):
            await asyncio.sleep(0.05)
    await accept(portal, address)
    ada, _ = await enrol(portal, tenant, "ada")
    path, reason = f"/v1/tenants/{tenant}", {"reason": "Bills unpaid"}
    async with asyncio.timeout(5):
        while (read := await portal.call("GET", path, token=rita)).status == 404:
            await asyncio.sleep(0.05)
    before = await portal.call("GET", path, token=ada)

    suspended = await portal.call(
        "POST",
        f"{path}/suspend",
        token=rita,
        json=reason,
        headers={"If-Match": read.headers["ETag"]},
    )
    after = await status_within_a_second(portal, path, ada, 401)
    seen = await portal.call("GET", path, token=rita)
    async with asyncio.timeout(10):
        while "Ihr Mandant wurde gesperrt" not in await subjects(portal, address):
            await asyncio.sleep(0.05)

    assert (before.status, suspended.status, after) == (200, 200, 401)
    assert (seen.status, seen.body["status"]) == (200, "suspended")
