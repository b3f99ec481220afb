"""A colleague comes, works, and goes: users as people manage them, through the gateway."""

import asyncio

import pytest

from shared.clock import monotonic
from shared.ids import new_id
from tests.support.colleagues import a_colleague, accept, enrolled, login
from tests.support.person import Portal, link_in, without_request_id

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]
USERS = "/v1/tenants/123456.sms/users"


async def test_a_colleague_is_invited_comes_in_and_is_out_within_a_second_when_disabled(
    portal: Portal,
) -> None:
    admin = await portal.token("123456.sms", "admin")
    name = f"colleague-{new_id()[:8]}"
    address = f"{name}@example.org"
    body = {"username": name, "email": address, "locale": "de", "roles": ["auditor"]}

    created = await portal.call("POST", USERS, token=admin, json=body)
    invitation = await portal.next_mail(address, 0)
    token = link_in(invitation, "/accept-invitation")
    accepted = await accept(portal, token)
    twice = await accept(portal, token)
    colleague = str((await enrolled(portal, name))["access_token"])
    me = await portal.call("GET", "/v1/me", token=colleague)
    known = await portal.call("GET", f"{USERS}/{created.body['id']}", token=admin)
    disabled = await portal.call("POST", f"{USERS}/{created.body['id']}/disable", token=admin)
    seconds = await seconds_until(portal, colleague, "/v1/me", 401)
    back = await portal.call("POST", "/v1/login", json=login(name))

    assert created.status == 201
    assert "Bäckerei Sonnenschein GmbH" in invitation["Text"]
    assert (accepted.status, twice.status) == (204, 400)
    assert (me.status, me.body["roles"]) == (200, ["auditor"])
    assert (known.body["status"], known.body["totp_active"]) == ("active", True)
    assert known.body["last_sign_in_at"] is not None
    assert (disabled.status, disabled.body["status"]) == (200, "disabled")
    assert seconds < 1.0
    assert (back.status, back.code) == (401, "login_refused")


async def test_a_role_that_is_taken_away_stops_working_within_a_second(portal: Portal) -> None:
    admin = await portal.token("123456.sms", "admin")
    user_id, tokens = await a_colleague(portal, admin, ["admin", "auditor"])
    colleague = str(tokens["access_token"])
    path = f"{USERS}/{user_id}"
    tag = (await portal.call("GET", path, token=colleague)).headers["ETag"]

    taken = await portal.call(
        "PATCH", path, token=admin, json={"roles": []}, headers={"If-Match": tag}
    )
    seconds = await seconds_until(portal, colleague, USERS, 401)

    assert taken.status == 200
    assert seconds < 1.0


async def test_users_of_another_tenant_are_where_nothing_is(portal: Portal) -> None:
    admin = await portal.token("123456.sms", "admin")
    other = await portal.token("200001.sms", "auditor")
    reseller = await portal.token("100001.rsp", "reseller-admin")
    mine = (await portal.call("GET", USERS, token=admin)).body["items"][0]["id"]

    refusals = [
        await portal.call("GET", USERS, token=other),
        await portal.call("GET", f"{USERS}/{mine}", token=other),
        await portal.call("GET", f"/v1/tenants/200001.sms/users/{mine}", token=other),
        await portal.call("GET", f"/v1/tenants/200001.sms/users/{'0' * 32}", token=other),
        await portal.call("GET", f"{USERS}/export", token=other),
        await portal.call("GET", "/v1/tenants/999999.sms/users", token=other),
    ]
    by_reseller = await portal.call("GET", USERS, token=reseller)
    staff = await portal.call("GET", "/v1/resellers/100001.rsp/users", token=reseller)

    assert len({repr(without_request_id(answer)) for answer in refusals}) == 1
    assert refusals[0].status == 404
    assert by_reseller.status == 200
    assert [one["username"] for one in staff.body["items"]] == ["reseller-admin"]


async def test_a_csv_goes_out_and_in_through_the_gateway(portal: Portal) -> None:
    admin = await portal.token("123456.sms", "admin")

    exported = await portal.call("GET", f"{USERS}/export", token=admin)
    taken_in = await portal.call(
        "POST",
        f"{USERS}/import",
        token=admin,
        json={"csv": exported.raw.decode(), "dry_run": True},
    )

    assert exported.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert (taken_in.status, taken_in.body["created"], taken_in.body["invalid"]) == (200, 0, 0)


async def seconds_until(portal: Portal, token: str, path: str, status: int) -> float:
    begun = monotonic()
    while (await portal.call("GET", path, token=token)).status != status:
        assert monotonic() - begun < 5, f"{path} does not answer {status}"
        await asyncio.sleep(0.01)
    return monotonic() - begun
