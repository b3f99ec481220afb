"""What a place opens to whom: relations, roles, and how long tenancy says it holds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from shared.contracts.tenancy import TenantAccessChanged
from tests.service.gateway.world import (
    ACCOUNT,
    RESELLER,
    SESSION,
    TENANT,
    Watch,
    World,
    assigned,
    questions,
    status,
    tell,
)

PATH = f"/v1/tenants/{TENANT}"
CHANGED = TenantAccessChanged(tenant_id=TENANT, reseller_id=RESELLER)


async def test_a_tenant_that_is_withdrawn_is_as_absent_as_one_that_never_was(seller: World) -> None:
    before = await status(seller)

    del seller.places[TENANT]
    tell(seller, CHANGED)
    withdrawn = await seller.as_admin("GET", PATH)
    never = await seller.as_admin("GET", "/v1/tenants/999999.sms")

    assert before == 200
    assert withdrawn.refusal == never.refusal == (404, "not_found")
    assert {**withdrawn.body, "instance": ""} == {**never.body, "instance": ""}


async def test_an_ended_session_is_told_before_anything_about_the_place(seller: World) -> None:
    seller.is_session_live = False
    del seller.places[TENANT]

    assert await status(seller) == 401


async def test_a_session_of_another_account_or_organisation_is_no_session(seller: World) -> None:
    def told(**other: Any) -> Callable[[web.Request], Any]:
        async def answer(_: web.Request) -> web.Response:
            known = {"account_id": ACCOUNT, "org": RESELLER, "roles": ["reseller-admin"]}
            return web.json_response({**known, **other})

        return answer

    for other in ({"account_id": "account-2"}, {"org": "100002.rsp"}):
        seller.auth.answers[f"/internal/sessions/{SESSION}"] = told(**other)
        assert await status(seller) == 401

    assert seller.handed_on == []


@pytest.mark.parametrize(("seconds", "expected"), [(-1, 404), (0, 404), (3600, 200)])
async def test_a_place_opens_only_as_long_as_tenancy_says(
    seller: World, seconds: int, expected: int
) -> None:
    until = seller.now() + timedelta(seconds=seconds)
    seller.places[TENANT] = assigned(valid_until=until.isoformat())

    assert await status(seller) == expected


async def test_a_pass_ends_with_the_licence_and_is_not_used_up_to_the_brim(
    seller: World, watch: Watch
) -> None:
    until = seller.now() + timedelta(seconds=10)
    seller.places[TENANT] = assigned(valid_until=until.isoformat())
    await status(seller)

    watch.seconds += 7
    await status(seller)
    young = questions(seller)
    watch.seconds += 1.5
    await status(seller)

    assert seller.pass_of(seller.tenancy.public[0]).expires_at == int(until.timestamp())
    assert young == (1, 1)
    assert questions(seller) == (2, 2)


async def test_a_relation_without_any_permission_is_as_absent(seller: World) -> None:
    seller.roles = ["no-such-role"]

    assert await status(seller) == 404
    assert seller.handed_on == []


async def test_a_role_of_another_kind_of_organisation_allows_nothing_in_a_tenant(
    seller: World,
) -> None:
    seller.roles = ["admin", "auditor"]  # a tenant's roles, at a reseller

    assert await status(seller) == 404


async def test_a_pass_for_one_place_is_never_sent_to_another(seller: World) -> None:
    seller.places["123457.sms"] = assigned()

    for tenant in (TENANT, "123457.sms", TENANT):
        await status(seller, f"/v1/tenants/{tenant}")
    await status(seller, f"/v1/resellers/{RESELLER}/customers")
    await status(seller, "/v1/me")

    places = [(seen.target, seller.pass_of(seen).place) for seen in seller.handed_on]
    for target, place in places:
        assert place in target or (target, place) == ("/v1/me", RESELLER)
