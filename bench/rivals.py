"""Sign-ins through gateway and auth beside those of fastapi-users, on the same work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlencode

import aiohttp

from bench.contender import ACCOUNTS, AT_ONCE, Contender
from bench.figures import Goal, Spread, at_least, heading, line, percentile, progress
from bench.logins import open_portal
from bench.programs.argon2 import PASSWORD
from bench.size import Rounds
from bench.stage import CORES, Stage
from bench.wrk import posting
from services.auth.settings import AuthSettings
from shared.ids import new_id

FULL: Final = Rounds(rounds=4, seconds=4)
SMOKE: Final = Rounds(rounds=1, seconds=2)


async def run(stage: Stage, size: Rounds) -> list[Goal]:
    heading(
        "rivals: sign-ins by password, and what a reader of the own account feels meanwhile",
        f"the portal (gateway and auth, a process each) beside fastapi-users (FastAPI, Beanie, "
        f"{CORES} workers of uvicorn)\n  on the same MongoDB and Argon2id, {AT_ONCE} sign-ins at "
        "once, in turn",
    )
    async with open_portal(stage) as portal, _open_rival(stage) as rival:
        ours = portal.people
        for number in range(size.rounds):
            rates = {one.name: await one.go(size.seconds) for one in (ours, rival)}
            told = ", ".join(f"{name} {rate:.1f}" for name, rate in rates.items())
            progress(f"round {number + 1} of {size.rounds}: {told} per s")
    return _told(ours, rival)


def _told(ours: Contender, rival: Contender) -> list[Goal]:
    for one in (ours, rival):
        line(f"{one.name}: logins", Spread.of(one.logins), "per s")
        middle, slow = percentile(one.reads, 0.5), percentile(one.reads, 0.99)
        progress(f"{one.name}: GET of oneself p50 {middle:.1f} ms, p99 {slow:.1f} ms")
    logins = Spread.of_ratios(ours.logins, rival.logins)
    calmer = percentile(rival.reads, 0.99) / percentile(ours.reads, 0.99)
    line("logins, portal / fastapi-users", logins, "")
    progress("for comparison, not measured here: Keycloak's guide plans 15 logins per s and vCPU")
    return [
        at_least("logins, portal / fastapi-users", logins.middle, 1.0),
        at_least("GET meanwhile, p99: fastapi-users / portal", calmer, 20),
    ]


@asynccontextmanager
async def _open_rival(stage: Stage) -> AsyncIterator[Contender]:
    fields = AuthSettings.model_fields
    parameters = ("argon2_memory_kib", "argon2_passes")
    environment = {
        "RIVAL_MONGO_URL": stage.mongo_url,
        "RIVAL_DATABASE": f"b_{new_id()[:12]}_rival",
        "RIVAL_ARGON2": ":".join(str(fields[name].default) for name in parameters),
    }
    async with (
        stage.rival(str(CORES), env=environment) as url,
        aiohttp.ClientSession(url) as http,
    ):
        for number in range(ACCOUNTS):
            member = {"email": _address(number), "password": PASSWORD}
            async with http.post("/auth/register", json=member) as response:
                response.raise_for_status()
        bodies = [urlencode(_credentials(number)) for number in range(ACCOUNTS)]
        script = posting(bodies, stage.folder / "rival.lua", "application/x-www-form-urlencoded")
        yield Contender("fastapi-users", http, _sign_in, (f"{url}/auth/login", script), "/users/me")


async def _sign_in(http: aiohttp.ClientSession, number: int) -> str:
    async with http.post("/auth/login", data=_credentials(number)) as response:
        response.raise_for_status()
        token: str = (await response.json())["access_token"]
    return token


def _credentials(number: int) -> dict[str, str]:
    return {"username": _address(number), "password": PASSWORD}


def _address(number: int) -> str:
    return f"member-{number}@example.org"
