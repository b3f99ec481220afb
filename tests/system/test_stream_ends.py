"""Streams at two gateways end when the right to follow does, lose the places that are lost, and go
on after a gateway has been started anew.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import ClientResponse

from tests.support.colleagues import USERS, Tokens, a_colleague
from tests.support.deployments import Fleet, another_gateway
from tests.support.person import Portal
from tests.system.test_licences import a_customer
from tests.system.test_sessions import disable, sign_out, take_role
from tests.system.test_stream import event_of, following, seconds_until_ended

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
    pytest.mark.rabbitmq,
]
RESELLER, OTHER = "100001.rsp", "100002.rsp"
WAYS: Final[dict[str, Callable[..., Awaitable[None]]]] = {
    "signed out": sign_out,
    "disabled": disable,
    "role taken": take_role,
}


@pytest_asyncio.fixture(loop_scope="session")
async def doors(many_processes: Fleet) -> AsyncIterator[list[Portal]]:
    async with another_gateway(many_processes) as other:
        yield [many_processes.portal, other]


async def seconds_of_each(responses: list[ClientResponse]) -> float:
    """How long the slowest of these streams goes on."""
    async with asyncio.TaskGroup() as group:
        ends = [group.create_task(seconds_until_ended(one)) for one in responses]
    return max(end.result() for end in ends)


async def do(portal: Portal, token: str, path: str, body: dict[str, Any]) -> None:
    answer = await portal.call("POST", path, token=token, json=body)
    assert answer.status in {200, 201, 204}, answer.body


@pytest.mark.parametrize("way", WAYS)
async def test_it_ends_with_the_session_or_the_account_or_its_role(
    doors: list[Portal], way: str
) -> None:
    admin = await doors[0].token("123456.sms", "admin")
    uid, tokens = await a_colleague(doors[0], admin, ["auditor"])
    following_now: Tokens = tokens

    async with AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(following(one, str(tokens["access_token"])))
            for one in doors
        ]
        await WAYS[way](doors[0], following_now, admin, f"{USERS}/{uid}", None)
        seconds = await seconds_of_each(streams)

    assert seconds < 1


async def test_it_ends_for_all_of_a_reseller_that_is_suspended(doors: list[Portal]) -> None:
    vendor = await doors[0].token("vendor", "vendor-admin")
    staff = await doors[0].token(OTHER, "reseller-admin")
    path = f"/v1/resellers/{OTHER}"

    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(following(one, staff)) for one in doors]
        await do(doors[0], vendor, f"{path}/suspend", {"reason": "Bills unpaid"})
        seconds = await seconds_of_each(streams)
    await do(doors[0], vendor, f"{path}/resume", {"reason": "Paid"})

    assert seconds < 1


@pytest.mark.parametrize("way", ["transferred", "licence suspended"])
async def test_a_customer_that_is_lost_is_in_no_stream_within_a_second(
    doors: list[Portal], way: str
) -> None:
    rita = await doors[0].token(RESELLER, "reseller-admin")
    vendor = await doors[0].token("vendor", "vendor-admin")
    order = await a_customer(doors[0], rita)
    tenant = f"/v1/tenants/{order['tenant_id']}"
    licence = f"/v1/resellers/{RESELLER}/licences/{order['licence_id']}"

    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(following(one, rita)) for one in doors]
        await renamed(doors[0], vendor, tenant, "Still ours AG")
        for one in streams:
            await event_of(one, "tenant.edited", order["tenant_id"])
        if way == "transferred":
            moved = {"reseller_id": OTHER, "reason": "Moved"}
            await do(doors[0], vendor, f"{tenant}/transfer", moved)
        else:
            await do(doors[0], rita, f"{licence}/suspend", {"reason": "Not paid"})
        await asyncio.sleep(1)
        await renamed(doors[0], vendor, tenant, "Not ours AG")
        made = await doors[0].call("POST", "/v1/me/recovery-codes", token=rita)
        texts = [await until(one, "recovery_codes.replaced") for one in streams]

    assert made.status == 200, made.body
    assert [order["tenant_id"] in text and "tenant.edited" in text for text in texts] == [False] * 2


async def renamed(portal: Portal, token: str, tenant: str, name: str) -> None:
    tag = (await portal.call("GET", tenant, token=token)).headers["ETag"]
    answer = await portal.call(
        "PATCH", tenant, token=token, json={"name": name}, headers={"If-Match": tag}
    )
    assert answer.status == 200, answer.body


async def until(response: ClientResponse, wanted: str) -> str:
    text = ""
    async with asyncio.timeout(10):
        while wanted not in text:
            part = await response.content.readany()
            assert part, f"the stream ended without {wanted}: {text}"
            text += part.decode()
    return text


async def test_it_goes_on_where_it_was_after_the_gateway_was_started_anew(
    many_processes: Fleet,
) -> None:
    portal = many_processes.portal
    admin = await portal.token("123456.sms", "admin")
    async with another_gateway(many_processes) as before, following(before, admin) as response:
        first, _ = await a_colleague(portal, admin, ["auditor"])
        last, told = await event_of(response, "account.invited")
    second, _ = await a_colleague(portal, admin, ["auditor"])
    async with another_gateway(many_processes) as after, following(after, admin, last) as response:
        _, missed = await event_of(response, "account.invited")
        third, _ = await a_colleague(portal, admin, ["auditor"])
        _, live = await event_of(response, "account.invited")

    assert [one["subject"] for one in (told, missed, live)] == [first, second, third]


async def test_a_gateway_that_is_stopped_ends_its_streams_at_once(many_processes: Fleet) -> None:
    admin = await many_processes.portal.token("123456.sms", "admin")

    async with AsyncExitStack() as stack:
        async with another_gateway(many_processes) as going:
            response = await stack.enter_async_context(following(going, admin))
        seconds = await seconds_until_ended(response)

    assert seconds < 1
