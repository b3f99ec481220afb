"""How long a refused sign-in takes, whatever it is refused for: nobody shall tell by the time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median
from typing import Final

import aiohttp

from bench.figures import Goal, heading, percentile, progress
from bench.programs.argon2 import PASSWORD
from bench.stage import Stage
from portal.ports import LOOPBACK
from services.auth.actions.import_account import ImportedAccount, import_account
from services.auth.app import build
from services.auth.domain.accounts import Status
from services.auth.domain.throttle import Guess, Place, Scope
from services.auth.settings import AuthSettings
from shared.bus import Hub
from shared.clock import monotonic
from shared.contracts.events import Service
from shared.ids import new_id
from shared.service import foundation, in_process
from tests.support.processes import free_port

MOST: Final = 1.1
"""Medians within ten per cent of each other."""
ORG: Final = "123456.sms"
WRONG: Final = "not the right one, whoever it is"
REFUSED: Final = 401
ACCOUNT: Final = ImportedAccount(
    org=ORG,
    username="member",
    password=PASSWORD,
    totp_secret=None,
    roles=("admin",),
    email="member@123456-sms.example",
    display_name="member",
    locale="en",
)
ACCOUNTS: Final = (
    ACCOUNT,
    replace(ACCOUNT, username="disabled"),
    replace(ACCOUNT, username="holder", roles=()),
    replace(ACCOUNT, username="locked"),
)
REFUSALS: Final = {
    "wrong password": (ORG, "member", WRONG),
    "unknown user": (ORG, "nobody", PASSWORD),
    "unknown tenant": ("999999.sms", "member", PASSWORD),
    "disabled": (ORG, "disabled", PASSWORD),
    "no role": (ORG, "holder", PASSWORD),
    "locked": (ORG, "locked", PASSWORD),
}


@dataclass(frozen=True)
class Size:
    samples: int
    """Of each kind."""


FULL: Final = Size(samples=200)
SMOKE: Final = Size(samples=1)


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "refusals: POST /v1/login that is refused, one at a time",
        f"gateway, auth and mongod are processes, {size.samples} samples of each kind in turn",
    )
    taken: dict[str, list[float]] = {why: [] for why in REFUSALS}
    async with _portal(stage, size) as url, aiohttp.ClientSession(url) as http:
        for number in range(size.samples):
            for why in _in_turn(number):
                org, username, password = REFUSALS[why]
                taken[why].append(await _refused(http, org, username, password))
    for why, times in taken.items():
        p10, p90 = percentile(times, 0.1), percentile(times, 0.9)
        progress(f"{why:<16} median {median(times):6.2f} ms, p10 {p10:6.2f}, p90 {p90:6.2f}")
    medians = [median(times) for times in taken.values()]
    ratio = max(medians) / min(medians)
    return [Goal("refused sign-ins, slowest / quickest", ratio, "", MOST, is_floor=False)]


def _in_turn(number: int) -> list[str]:
    """The kinds, beginning with another one each time, so that none always follows the same."""
    kinds = list(REFUSALS)
    begin = number % len(kinds)
    return kinds[begin:] + kinds[:begin]


@asynccontextmanager
async def _portal(stage: Stage, size: Size) -> AsyncIterator[str]:
    """Gateway and auth that hold back the one locked account alone; yields the gateway's URL."""
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    settings = {
        "PORTAL_DATABASE_PREFIX": f"b_{new_id()[:12]}_",
        "PORTAL_THROTTLE_ACCOUNT_FAILURES": str(2 * size.samples),
        "PORTAL_THROTTLE_ACCOUNT_WAIT": "PT1H",
        "PORTAL_THROTTLE_SOURCE_FAILURES": "1000000",
        "PORTAL_THROTTLE_ORG_FAILURES": "1000000",
    }
    await _add_accounts(stage, settings["PORTAL_DATABASE_PREFIX"], size)
    async with (
        stage.service("auth", port, settings, f"{url}/readyz"),
        stage.gateway({"PORTAL_AUTH_URL": url}) as (gateway_url, _),
    ):
        yield gateway_url


async def _add_accounts(stage: Stage, database_prefix: str, size: Size) -> None:
    settings = AuthSettings(
        mongo_url=stage.mongo_url,
        amqp_url=stage.amqp_url,
        database_prefix=database_prefix,
        throttle_account_failures=2 * size.samples,
        throttle_account_wait=timedelta(hours=1),
        _secrets_dir=stage.keys / "auth",
    )
    async with foundation(Service.AUTH, settings, in_process(Hub())) as base:
        deps = await build(base, settings)
        for account in ACCOUNTS:
            await import_account(deps, account)
        disabled = await deps.accounts.find(ORG, "disabled")
        if disabled is None:
            raise RuntimeError("an account that was just added is not there")
        await deps.accounts.change(disabled, status=Status.DISABLED.value)
        pace = deps.policy.paces.account
        place = Place(Guess.PASSWORD, Scope.ACCOUNT, f"{ORG}/locked", pace)
        await deps.attempts.failed([place] * pace.most, deps.now())
        deps.hasher.close()


async def _refused(http: aiohttp.ClientSession, org: str, username: str, password: str) -> float:
    """Milliseconds until the refusal."""
    body = {"username": username, "password": password, "tenant": org}
    begun = monotonic()
    async with http.post("/v1/login", json=body) as response:
        await response.read()
    if response.status != REFUSED:
        raise RuntimeError(f"a sign-in that must be refused was answered {response.status}")
    return (monotonic() - begun) * 1000
