"""One tenant floods, another one works on: how much later do its answers come?"""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

import aiohttp

from bench.figures import Goal, Spread, heading, line, no_more, percentile, progress
from bench.gateway import ISSUER, PATH, a_token
from bench.programs.upstream import FLOODER
from bench.size import Rounds
from bench.stage import Stage, pin
from services.gateway.settings import GatewaySettings
from shared.clock import monotonic
from shared.keys import signing_keys
from tests.support.processes import Process

FULL: Final = Rounds(rounds=5, seconds=4)
SMOKE: Final = Rounds(rounds=1, seconds=1)
FLOODING: Final = 64
"""Connections that send their next request as soon as the one before is answered."""
PACE_SECONDS: Final = 0.06
"""Below what one account may send in a minute."""
OTHER_ADDRESS: Final = "127.0.0.2"
QUOTAS: Final = ("source_per_minute", "account_per_minute", "organisation_per_minute", "at_once")


async def run(stage: Stage, size: Rounds) -> list[Goal]:
    heading(
        "flood: a tenant at work beside another one that floods",
        f"the gateway with its own limits on core 1; {FLOODING} connections flood, one works at "
        f"{1 / PACE_SECONDS:.0f} req/s",
    )
    keys = signing_keys()
    public_keys = stage.folder / "public_keys.json"
    public_keys.write_text(keys.public())
    fields = GatewaySettings.model_fields
    limits = {f"PORTAL_{name.upper()}": str(fields[name].default) for name in QUOTAS}
    async with AsyncExitStack() as stack:
        upstream, _ = await stack.enter_async_context(stage.server("upstream", str(public_keys)))
        services = {f"PORTAL_{name}_URL": upstream for name in ("AUTH", "TENANCY", "LICENSING")}
        url, gateway = await stack.enter_async_context(
            stage.gateway({"PORTAL_PUBLIC_URL": ISSUER, **services, **limits})
        )
        pin(gateway, 1)
        flooding = stage.program("flood", url + PATH, a_token(keys, org=FLOODER), str(FLOODING))
        calm, flooded = await _rounds(url + PATH, a_token(keys), flooding, size)
    return _told(calm, flooded)


async def _rounds(
    url: str, token: str, flooding: Process, size: Rounds
) -> tuple[list[list[float]], list[list[float]]]:
    calm, flooded = list[list[float]](), list[list[float]]()
    connector = aiohttp.TCPConnector(local_addr=(OTHER_ADDRESS, 0))
    async with aiohttp.ClientSession(connector=connector) as http:
        await _work(http, url, token, size.seconds)
        for number in range(size.rounds):
            calm.append(await _work(http, url, token, size.seconds))
            flooding.start()
            await asyncio.sleep(1)
            flooded.append(await _work(http, url, token, size.seconds))
            if not flooding.is_running:
                raise RuntimeError(f"the flood ended by itself:\n{flooding.output[-4000:]}")
            await flooding.stop()
            told = percentile(calm[-1], 0.99), percentile(flooded[-1], 0.99)
            progress(
                f"round {number + 1} of {size.rounds}: p99 {told[0]:.1f} ms, flooded {told[1]:.1f}"
            )
    return calm, flooded


async def _work(http: aiohttp.ClientSession, url: str, token: str, seconds: int) -> list[float]:
    """Milliseconds that each answer took; an answer that is no success ends the benchmark."""
    taken, until = list[float](), monotonic() + seconds
    while monotonic() < until:
        begun = monotonic()
        async with http.get(url, headers={"Authorization": f"Bearer {token}"}) as response:
            response.raise_for_status()
            await response.read()
        taken.append((monotonic() - begun) * 1000)
        await asyncio.sleep(PACE_SECONDS)
    return taken


def _told(calm: list[list[float]], flooded: list[list[float]]) -> list[Goal]:
    p99s = [[percentile(times, 0.99) for times in rounds] for rounds in (calm, flooded)]
    line("at work, p99", Spread.of(p99s[0]), "ms")
    line("at work beside a flood, p99", Spread.of(p99s[1]), "ms")
    ratio = Spread.of_ratios(p99s[1], p99s[0])
    line("beside a flood / alone, p99", ratio, "")
    return [no_more("flood: another tenant's p99 / alone", ratio.middle, 2.0)]
