"""Decisions: remembered while they hold, void at news, and none where nobody can be asked."""

import asyncio

import pytest
from aiohttp import web

from services.gateway.clients import pulse, tokens
from shared.contracts.auth import AccountDisabled, SessionRevoked
from shared.contracts.events import Event
from shared.contracts.tenancy import TenantAccessChanged
from tests.service.gateway.world import (
    ACCOUNT,
    RESELLER,
    SESSION,
    TENANT,
    Watch,
    World,
    a_world,
    assigned,
    questions,
    status,
    tell,
)

PATH = f"/v1/tenants/{TENANT}"
LICENCES = f"{PATH}/licences"
SESSIONS, PLACES = "/internal/sessions/", "/internal/places/"
REVOKED = SessionRevoked(session_id=SESSION, account_id=ACCOUNT, org=RESELLER, reason="signed_out")
DISABLED = AccountDisabled(account_id=ACCOUNT, org=RESELLER)
CHANGED = TenantAccessChanged(tenant_id=TENANT, reseller_id=RESELLER)


async def test_a_decision_is_made_once_for_many_requests(seller: World) -> None:
    statuses = {await status(seller) for _ in range(20)}

    assert statuses == {200}
    assert questions(seller) == (1, 1)
    granted = seller.pass_of(seller.tenancy.public[-1])
    assert (granted.place, granted.reseller) == (TENANT, RESELLER)
    assert "licence:create" in granted.permissions
    assert granted.expires_at <= seller.now().timestamp() + 60


async def test_questions_are_the_gateways_own_and_carry_its_pass(seller: World) -> None:
    await status(seller)

    asked = [seen for seen in seller.auth.seen + seller.tenancy.seen if "/internal/" in seen.target]
    assert [seller.pass_of(seen).place for seen in asked] == ["gateway", "gateway"]
    assert f"{PLACES}{TENANT}?org={RESELLER}&account={ACCOUNT}&session={SESSION}" in [
        seen.target for seen in asked
    ]


@pytest.mark.parametrize("news", [REVOKED, DISABLED, CHANGED], ids=lambda event: event.type)
async def test_news_voids_what_was_decided_before_it(seller: World, news: Event) -> None:
    await status(seller)

    tell(seller, news)
    await status(seller)
    await status(seller)

    assert questions(seller) == (2, 2)


async def test_news_about_others_voids_nothing(seller: World) -> None:
    await status(seller)

    tell(seller, SessionRevoked(session_id="s-2", account_id="a-2", org=RESELLER, reason="x"))
    tell(seller, TenantAccessChanged(tenant_id="123457.sms", reseller_id=RESELLER))
    await status(seller)

    assert questions(seller) == (1, 1)


async def test_a_session_that_has_ended_is_refused_from_the_news_on(seller: World) -> None:
    before = await status(seller)

    seller.is_session_live = False
    tell(seller, REVOKED)

    assert (before, await status(seller)) == (200, 401)


async def test_while_the_bus_is_silent_nothing_older_than_five_seconds_is_trusted(
    seller: World, watch: Watch
) -> None:
    seller.wire.silent_seconds = 60
    await status(seller)

    watch.seconds += 4.9
    await status(seller)
    young = questions(seller)
    watch.seconds += 0.2
    await status(seller)

    assert young == (1, 1)
    assert questions(seller) == (2, 2)


async def test_a_decision_is_made_anew_after_a_minute(seller: World, watch: Watch) -> None:
    await status(seller)

    watch.seconds += 57
    await status(seller)
    young = questions(seller)
    watch.seconds += 3
    await status(seller)

    assert young == (1, 1)
    assert questions(seller) == (2, 2)


@pytest.mark.parametrize("away", ["auth", "tenancy"])
async def test_while_a_judge_is_away_known_decisions_serve_out_and_then_nobody_passes(
    seller: World, watch: Watch, away: str
) -> None:
    await status(seller)
    seller.places["123457.sms"] = assigned()

    async def broken(_: web.Request) -> web.Response:
        return web.Response(status=500)

    judge = seller.auth if away == "auth" else seller.tenancy
    judge.answers |= {f"{SESSIONS}{SESSION}": broken, f"{PLACES}{TENANT}": broken}
    judge.answers[f"{PLACES}123457.sms"] = broken

    known, unknown = await status(seller), await status(seller, "/v1/tenants/123457.sms")
    watch.seconds += 60
    later = await seller.as_admin("GET", PATH)

    assert (known, unknown) == (200, 503)
    assert later.refusal == (503, "service_unavailable")
    assert int(later.headers["Retry-After"]) > 0


async def test_while_tenancy_is_away_what_needs_no_answer_of_it_goes_on(seller: World) -> None:
    await seller.tenancy.stop()

    own, other = await status(seller, "/v1/me"), await seller.as_admin("GET", PATH)

    assert own == 200
    assert other.refusal == (503, "service_unavailable")


async def test_where_tenancy_is_lost_what_it_decided_serves_out_five_seconds_and_no_more(
    monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    monkeypatch.setattr(pulse, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(pulse, "monotonic", watch)
    async with a_world() as world:
        world.org, world.roles = RESELLER, ["reseller-admin"]
        world.places[TENANT] = assigned()
        known = await status(world, LICENCES)

        await world.tenancy.stop()
        watch.seconds += 4
        await asyncio.sleep(0.5)
        young = await status(world, LICENCES)
        watch.seconds += 1.5
        async with asyncio.timeout(5):
            while (refused := await world.as_admin("GET", LICENCES)).status == 200:
                await asyncio.sleep(0.02)
        own = await status(world, "/v1/me")
        await world.tenancy.start()
        async with asyncio.timeout(20):
            while await status(world, LICENCES) != 200:
                await asyncio.sleep(0.05)

    assert (known, young) == (200, 200)
    assert refused.refusal == (503, "service_unavailable")
    assert own == 200


async def test_so_many_tokens_are_remembered_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_TOKENS", 5)
    shown = [world.token(jti=str(number)) for number in range(20)]

    for token in [*shown, shown[-1]]:
        await world.call("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
    recent = world.auth.asked(SESSIONS)
    await world.call("GET", "/v1/me", headers={"Authorization": f"Bearer {shown[0]}"})

    assert recent == 20
    assert world.auth.asked(SESSIONS) == 21
