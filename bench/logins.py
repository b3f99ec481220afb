"""Sign-ins through gateway and auth beside pure Argon2id, and what others feel meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from typing import Any, Final

import aiohttp

from bench.figures import Goal, Spread, at_least, below, heading, line, percentile, progress
from bench.programs.argon2 import PASSWORD
from bench.stage import CORES, Stage, finished
from portal.ports import LOOPBACK
from services.auth.actions.import_account import ImportedAccount, import_account
from services.auth.app import build
from services.auth.settings import AuthSettings
from shared.bus import Hub
from shared.clock import monotonic, utc_now
from shared.contracts.events import Service
from shared.ids import new_id
from shared.service import foundation, in_process
from tests.support.processes import free_port

ROUNDS: Final = 8
SECONDS: Final = 3.0
ACCOUNTS: Final = 16
AT_ONCE: Final = 4 * CORES
READS_PER_SECOND: Final = 10
ORG: Final = "123456.sms"


@dataclass
class Measured:
    pure: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    """Milliseconds of every GET /v1/me, of all rounds."""


async def run(stage: Stage) -> list[Goal]:
    heading(
        "logins: POST /v1/login of accounts without a second factor, before its deadline",
        f"gateway, auth and mongod are processes, {AT_ONCE} sign-ins at once and "
        f"{READS_PER_SECOND} GET /v1/me per second from this one; against {CORES} threads of "
        "pure Argon2id",
    )
    measured = Measured()
    async with _portal(stage) as url, aiohttp.ClientSession(url) as http:
        token = (await _sign_in(http, 0))["access_token"]
        for number in range(ROUNDS):
            measured.pure.append(await _pure(stage))
            measured.logins.append(await _round(http, token, measured.reads))
            progress(
                f"round {number + 1} of {ROUNDS}: Argon2id {measured.pure[-1]:.1f}, "
                f"logins {measured.logins[-1]:.1f} per s"
            )
    return _told(measured)


def _told(measured: Measured) -> list[Goal]:
    ratio = Spread.of_ratios(measured.logins, measured.pure)
    p99 = percentile(measured.reads, 0.99)
    line("pure Argon2id", Spread.of(measured.pure), "per s")
    line("logins", Spread.of(measured.logins), "per s")
    line("logins / pure Argon2id", ratio, "")
    progress(
        f"GET /v1/me meanwhile, {len(measured.reads)} times: "
        f"p50 {percentile(measured.reads, 0.5):.1f} ms, p99 {p99:.1f} ms"
    )
    return [
        at_least("logins / pure Argon2id", ratio.middle, 0.85),
        below("GET /v1/me during logins, p99", p99, 20),
    ]


@asynccontextmanager
async def _portal(stage: Stage) -> AsyncIterator[str]:
    """Gateway and auth, with accounts in place; yields the gateway's URL."""
    settings = {
        "PORTAL_DATABASE_PREFIX": f"b_{new_id()[:12]}_",
        "PORTAL_TOTP_REQUIRED_FROM": (utc_now() + timedelta(days=60)).isoformat(),
    }
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    await _add_accounts(stage, settings["PORTAL_DATABASE_PREFIX"])
    async with (
        stage.service("auth", port, settings, f"{url}/readyz"),
        stage.gateway({"PORTAL_AUTH_URL": url}) as (gateway_url, _),
    ):
        yield gateway_url


async def _add_accounts(stage: Stage, database_prefix: str) -> None:
    settings = AuthSettings(
        mongo_url=stage.mongo_url,
        amqp_url=stage.amqp_url,
        database_prefix=database_prefix,
        _secrets_dir=stage.keys / "auth",
    )
    async with foundation(Service.AUTH, settings, in_process(Hub())) as base:
        deps = await build(base, settings)
        for number in range(ACCOUNTS):
            account = ImportedAccount(
                org=ORG,
                username=_name(number),
                password=PASSWORD,
                totp_secret=None,
                roles=("admin",),
                email=f"{_name(number)}@123456-sms.example",
                display_name=_name(number),
                locale="en",
            )
            await import_account(deps, account)
        deps.hasher.close()


def _name(number: int) -> str:
    return f"member-{number}"


async def _pure(stage: Stage) -> float:
    program = stage.program("argon2", str(CORES), str(SECONDS))
    program.start()
    await finished(program, SECONDS + 30)
    return float(program.output.split()[-1])


async def _round(http: aiohttp.ClientSession, token: str, reads: list[float]) -> float:
    """Sign-ins per second, with reads at a steady rate beside them."""
    begun = monotonic()
    until = begun + SECONDS
    numbers = cycle(range(ACCOUNTS))
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(_sign_ins(http, numbers, until)) for _ in range(AT_ONCE)]
        for _ in range(int(SECONDS * READS_PER_SECOND)):
            group.create_task(_read(http, token, reads))
            await asyncio.sleep(1 / READS_PER_SECOND)
    return sum(worker.result() for worker in workers) / (monotonic() - begun)


async def _sign_ins(http: aiohttp.ClientSession, numbers: Iterator[int], until: float) -> int:
    count = 0
    while monotonic() < until:
        await _sign_in(http, next(numbers))
        count += 1
    return count


async def _sign_in(http: aiohttp.ClientSession, number: int) -> dict[str, Any]:
    body = {"username": _name(number), "password": PASSWORD, "tenant": ORG, "transport": "body"}
    async with http.post("/v1/login", json=body) as response:
        response.raise_for_status()
        answer: dict[str, Any] = await response.json()
    if answer["next"] != "done":
        raise RuntimeError(f"signing in leads to {answer['next']}")
    return answer


async def _read(http: aiohttp.ClientSession, token: str, reads: list[float]) -> None:
    begun = monotonic()
    async with http.get("/v1/me", headers={"Authorization": f"Bearer {token}"}) as response:
        response.raise_for_status()
        await response.read()
    reads.append((monotonic() - begun) * 1000)
