"""Following what changes, live, through whole portals and several gateways."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse

from shared.clock import monotonic
from tests.support.colleagues import a_colleague
from tests.support.deployments import Fleet, another_gateway
from tests.support.person import Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
TENANT, RESELLER = "123456.sms", "100001.rsp"
PATH, USERS = "/v1/events/stream", f"/v1/tenants/{TENANT}/users"


@asynccontextmanager
async def following(
    portal: Portal, token: str, last: str | None = None
) -> AsyncIterator[ClientResponse]:
    headers = {"Authorization": f"Bearer {token}"}
    if last is not None:
        headers["Last-Event-ID"] = last
    async with portal.http.get(portal.url + PATH, headers=headers) as response:
        assert response.status == 200, await response.text()
        assert await response.content.readline()
        yield response


async def event_of(response: ClientResponse, wanted: str, place: str = TENANT) -> tuple[str, Any]:
    """Id and data of the next change of this type in this place."""
    last = ""
    async with asyncio.timeout(10):
        async for line in response.content:
            name, _, value = line.decode().strip().partition(": ")
            if name == "id":
                last = value
            if name == "data":
                data = json.loads(value)
                if data.get("type", "") == wanted and data.get("place") == place:
                    return last, data
    raise AssertionError(f"the stream ended without {wanted}")


async def seconds_until_ended(response: ClientResponse) -> float:
    begun = monotonic()
    async with asyncio.timeout(10):
        text = await response.text()
    assert "event: ended" in text
    return monotonic() - begun


async def test_a_reseller_sees_live_what_happens_at_its_customer_and_goes_on_after_a_break(
    portal: Portal,
) -> None:
    rita, admin = (
        await portal.token(RESELLER, "reseller-admin"),
        await portal.token(TENANT, "admin"),
    )

    async with following(portal, rita) as response:
        begun = monotonic()
        user_id, _ = await a_colleague(portal, admin, ["auditor"])
        last, invited = await event_of(response, "account.invited")
        seconds = monotonic() - begun
    await portal.call("POST", f"{USERS}/{user_id}/disable", token=admin)
    async with following(portal, rita, last) as response:
        again, disabled = await event_of(response, "account.disabled")

    assert seconds < 10
    assert set(invited) == {"type", "place", "subject", "occurred_at"}
    assert (invited["subject"], disabled["subject"]) == (user_id, user_id)
    assert int(again) > int(last)


async def test_a_customer_that_shuts_its_reseller_out_is_in_no_stream_within_a_second(
    portal: Portal,
) -> None:
    rita, admin = (
        await portal.token(RESELLER, "reseller-admin"),
        await portal.token(TENANT, "admin"),
    )
    path = f"/v1/tenants/{TENANT}"

    async def limit(level: str) -> None:
        read = await portal.call("GET", f"{path}/delegation", token=admin)
        tag = {"If-Match": read.headers["ETag"]}
        body = {"level": level}
        await portal.call("PATCH", f"{path}/delegation", token=admin, json=body, headers=tag)

    try:
        async with following(portal, rita) as response:
            await limit("none")
            async with asyncio.timeout(1):
                while (await portal.call("GET", path, token=rita)).status != 404:
                    await asyncio.sleep(0.02)
            hidden, _ = await a_colleague(portal, admin, ["auditor"])
            made = await portal.call("POST", "/v1/me/recovery-codes", token=rita)
            text = ""
            async with asyncio.timeout(10):
                while "recovery_codes.replaced" not in text:
                    text += (await response.content.readany()).decode()
    finally:
        await limit("full")

    assert made.status == 200, made.body
    assert hidden not in text


async def test_a_stream_ends_within_a_second_when_its_account_is_disabled(portal: Portal) -> None:
    admin = await portal.token(TENANT, "admin")
    user_id, tokens = await a_colleague(portal, admin, ["auditor"])

    async with following(portal, str(tokens["access_token"])) as response:
        await portal.call("POST", f"{USERS}/{user_id}/disable", token=admin)
        seconds = await seconds_until_ended(response)

    assert seconds < 1


@pytest.mark.rabbitmq
async def test_a_stream_goes_on_at_another_replica_of_the_gateway(many_processes: Fleet) -> None:
    portal = many_processes.portal
    admin = await portal.token(TENANT, "admin")
    async with another_gateway(many_processes) as other:
        async with following(portal, admin) as response:
            await a_colleague(portal, admin, ["auditor"])
            last, _ = await event_of(response, "account.invited")
        second, _ = await a_colleague(portal, admin, ["auditor"])
        async with following(other, admin, last) as response:
            _, missed = await event_of(response, "account.invited")
            third, _ = await a_colleague(portal, admin, ["auditor"])
            _, live = await event_of(response, "account.invited")

    assert (missed["subject"], live["subject"]) == (second, third)
