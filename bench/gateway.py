"""The gateway with all its checks beside a bare reverse proxy, in front of the same upstream."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from bench.figures import Goal, Spread, at_least, below, heading, line, progress
from bench.programs.upstream import ACCOUNT, FLOODER_ACCOUNT, ORG
from bench.size import Rounds
from bench.stage import Stage, cpu_seconds, pin
from bench.wrk import Load, wrk
from shared.clock import monotonic, utc_now
from shared.ids import new_id
from shared.keys import Keys, sign, signing_keys
from shared.tokens import ACCESS_TYPE, AUDIENCE
from tests.support.processes import Process

CONNECTIONS: Final = 32
AT_ONCE: Final = 16
PATH: Final = "/v1/tenants/123456.sms"
ISSUER: Final = "http://127.0.0.1:8080"
DIRECT, BARE, OURS = "upstream itself", "bare aiohttp proxy", "gateway"


@dataclass(frozen=True)
class Size(Rounds):
    decisions: int
    """How many sessions ask for the first time."""


FULL: Final = Size(rounds=5, seconds=3, decisions=10_000)
SMOKE: Final = Size(rounds=1, seconds=1, decisions=2 * AT_ONCE)


@dataclass
class Measured:
    """One of the three that answer the same request, and what was measured of it."""

    url: str
    process: Process
    busy: list[Load] = field(default_factory=list)
    calm: list[Load] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    """Microseconds of CPU per request, where many come."""


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "gateway: authenticated, scope-checked GET of a tenant",
        f"proxies on core 1 one after the other; upstream and wrk ({CONNECTIONS} connections, "
        "1 thread) on core 0",
    )
    keys = signing_keys()
    public_keys = stage.folder / "public_keys.json"
    public_keys.write_text(keys.public())
    async with AsyncExitStack() as stack:
        upstream, behind = await stack.enter_async_context(
            stage.server("upstream", str(public_keys))
        )
        bare, proxy = await stack.enter_async_context(stage.server("bare_proxy", upstream))
        services = {f"PORTAL_{name}_URL": upstream for name in ("AUTH", "TENANCY", "LICENSING")}
        ours, gateway = await stack.enter_async_context(
            stage.gateway({"PORTAL_PUBLIC_URL": ISSUER, **services})
        )
        for process, core in ((behind, 0), (proxy, 1), (gateway, 1)):
            pin(process, core)
        measured = {
            DIRECT: Measured(upstream, behind),
            BARE: Measured(bare, proxy),
            OURS: Measured(ours, gateway),
        }
        await _rounds(measured, a_token(keys), size)
        await _memory(ours, gateway.pid, [a_token(keys) for _ in range(size.decisions)])
    return _told(measured)


async def _rounds(measured: Mapping[str, Measured], token: str, size: Size) -> None:
    for number in range(size.rounds):
        for one in measured.values():
            if one.url != measured[DIRECT].url:
                begun = cpu_seconds(one.process)
                load = await wrk(
                    one.url + PATH, token=token, connections=CONNECTIONS, seconds=size.seconds
                )
                one.busy.append(load)
                used = cpu_seconds(one.process) - begun
                one.costs.append(used / (load.per_second * size.seconds) * 1e6)
            one.calm.append(await wrk(one.url + PATH, token=token, connections=1, seconds=1))
        rates = {name: one.busy[-1].per_second for name, one in measured.items() if one.busy}
        told = ", ".join(f"{name} {rate:,.0f}" for name, rate in rates.items())
        progress(f"round {number + 1} of {size.rounds}: {told} req/s")


def _told(measured: Mapping[str, Measured]) -> list[Goal]:
    for name in (BARE, OURS):
        loads = measured[name].busy
        line(name, Spread.of([load.per_second for load in loads]), "req/s")
        line(f"{name}, CPU per request", Spread.of(measured[name].costs), "µs")
        line(f"{name}, p50", Spread.of([load.p50 for load in loads]), "ms")
        line(f"{name}, p99", Spread.of([load.p99 for load in loads]), "ms")
    for name, one in measured.items():
        line(f"{name}, 1 connection, p50", Spread.of([load.p50 for load in one.calm]), "ms")
    ratio = Spread.of_ratios(
        [load.per_second for load in measured[OURS].busy],
        [load.per_second for load in measured[BARE].busy],
    )
    line("gateway / bare proxy", ratio, "")
    cheaper = Spread.of_ratios(measured[BARE].costs, measured[OURS].costs)
    line("bare proxy / gateway, CPU per request", cheaper, "")
    direct = [load.p50 for load in measured[DIRECT].calm]
    ours = [load.p50 for load in measured[OURS].calm]
    added = Spread.of([one - other for one, other in zip(ours, direct, strict=True)])
    return [
        at_least("gateway / bare aiohttp proxy, req/s", ratio.middle, 0.9),
        below("gateway: p50 added to the upstream's", added.middle, 1.5),
    ]


async def _memory(url: str, pid: int, tokens: Sequence[str]) -> None:
    """Let as many sessions ask for the first time, and see what remembering them took."""
    waiting = iter(tokens)
    before, begun = _resident(pid), monotonic()
    async with aiohttp.ClientSession() as http:

        async def ask() -> None:
            for token in waiting:
                headers = {"Authorization": f"Bearer {token}"}
                async with http.get(url + PATH, headers=headers) as response:
                    response.raise_for_status()
                    await response.read()

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(ask())
    rate = len(tokens) / (monotonic() - begun)
    each = (_resident(pid) - before) / len(tokens)
    progress(f"{len(tokens):,} first decisions: {rate:,.0f} per s, {each:,.0f} bytes kept for each")


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def a_token(keys: Keys, *, org: str = ORG) -> str:
    """An access token of a session of its own, as auth signs them."""
    now = int(utc_now().timestamp())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "client_id": "portal",
        "sub": ACCOUNT if org == ORG else FLOODER_ACCOUNT,
        "sid": f"{org}-{new_id()}",
        "org": org,
        "roles": ["reseller-admin"],
        "amr": ["pwd", "otp"],
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "jti": new_id(),
    }
    return sign(keys, ACCESS_TYPE, claims)
