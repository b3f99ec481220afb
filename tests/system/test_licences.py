"""Licences through the gateway: what is done to one acts everywhere in the next call."""

import asyncio
from typing import Any

import pytest

from shared.clock import monotonic
from shared.ids import new_id
from tests.support.person import Answer, Portal, link_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

RESELLER = "/v1/resellers/100001.rsp"
PROMISED_SECONDS = 1.0


async def a_customer(portal: Portal, token: str, address: str | None = None) -> dict[str, Any]:
    """A new customer's order, fulfilled and its first admin invited."""
    admin = {"username": "chef", "email": address or f"{new_id()}@neukunde.example"}
    body = {
        "product": "mobile-security",
        "seats": 5,
        "term_months": 12,
        "customer": {"new": {"name": "Neukunde AG", "admin": admin}},
    }
    placed = await portal.call("POST", f"{RESELLER}/licence-orders", token=token, json=body)
    assert placed.status == 202, placed.body
    path, begun = placed.headers["Location"], monotonic()
    while True:
        order = (await portal.call("GET", path, token=token)).body
        assert isinstance(order, dict)
        if {"fulfilled", "admin_invited"} <= {each["step"] for each in order["steps"]}:
            return order
        assert monotonic() - begun < 10, order
        await asyncio.sleep(0.05)


async def seconds_until(portal: Portal, token: str, path: str, status: int) -> float:
    begun = monotonic()
    while (await portal.call("GET", path, token=token)).status != status:
        assert monotonic() - begun < 5, f"{path} does not answer {status}"
        await asyncio.sleep(0.01)
    return monotonic() - begun


async def test_an_order_for_a_new_customer_is_seen_step_by_step(portal: Portal) -> None:
    token = await portal.token("100001.rsp", "reseller-admin")

    order = await a_customer(portal, token)

    steps = [each["step"] for each in order["steps"]]
    assert steps[0] == "placed"
    assert steps.index("customer_set_up") < steps.index("licence_created")
    assert set(steps) == {  # what auth and tenancy tell may be heard in either order
        "placed",
        "customer_set_up",
        "licence_created",
        "fulfilled",
        "admin_invited",
    }
    assert order["status"] == "fulfilled"


async def test_a_stopped_licence_closes_its_tenant_within_a_second_and_opens_it_again(
    portal: Portal,
) -> None:
    token = await portal.token("100001.rsp", "reseller-admin")
    order = await a_customer(portal, token)
    tenant = f"/v1/tenants/{order['tenant_id']}"
    licence = f"{RESELLER}/licences/{order['licence_id']}"
    await seconds_until(portal, token, tenant, 200)

    async def do(verb: str, body: dict[str, Any] | None = None) -> Answer:
        return await portal.call("POST", f"{licence}/{verb}", token=token, json=body or {})

    suspended = await do("suspend", {"reason": "Not paid"})
    closed_after = await seconds_until(portal, token, tenant, 404)
    inside = await portal.call("POST", f"{tenant}/licences", token=token, json={})
    resumed = await do("resume")
    opened_after = await seconds_until(portal, token, tenant, 200)
    renewed = await do("renew", {"term_months": 12})
    revoked = await do("revoke")
    gone_after = await seconds_until(portal, token, tenant, 404)
    listed = await portal.call("GET", f"{RESELLER}/customers?licence_state=revoked", token=token)
    history = await portal.call("GET", f"{licence}/history", token=token)

    answers = [suspended, resumed, renewed, revoked]
    assert [answer.status for answer in answers] == [200] * 4
    assert max(closed_after, opened_after, gone_after) < PROMISED_SECONDS
    assert inside.status == 404
    assert order["tenant_id"] in {item["id"] for item in listed.body["items"]}
    assert [item["act"] for item in history.body["items"]] == [
        "revoked",
        "renewed",
        "resumed",
        "suspended",
        "created",
    ]


async def test_a_customer_reads_by_mail_that_its_licence_was_renewed(portal: Portal) -> None:
    token, address = await portal.token("100001.rsp", "reseller-admin"), f"{new_id()}@kunde.example"
    order = await a_customer(portal, token, address)
    link = link_in(await portal.next_mail(address, 0), "/accept-invitation")
    chosen = {"token": link, "new_password": "chosen by whoever was invited"}
    accepted = await portal.call("POST", "/v1/password/reset", json=chosen)
    await portal.next_mail(address, 1)  # that there is a password, so the mailer knows who is there
    path = f"{RESELLER}/licences/{order['licence_id']}"
    before = await portal.call("GET", path, token=token)

    renewed = await portal.call("POST", f"{path}/renew", token=token, json={"term_months": 12})
    told = await portal.next_mail(address, 2)

    assert (accepted.status, renewed.status) == (204, 200)
    assert before.body["ends_on"] < renewed.body["ends_on"]
    assert told["Subject"] == "Lizenz von Neukunde AG wurde verlängert"
    assert "Durch: 100001.rsp" in told["Text"]
    assert f"{before.body['ends_on'][:4]}\n" in told["Text"].replace("\r", "")
    assert f"{renewed.body['ends_on'][:4]}\n" in told["Text"].replace("\r", "")
