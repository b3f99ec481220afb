"""Sessions carried on, and tokens for machines, through gateway and auth."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import ClientSession, encode_basic_auth

from bench.contender import AT_ONCE
from bench.figures import Goal, Spread, heading, line, progress
from bench.logins import answer_of_sign_in, open_portal
from bench.size import Rounds
from bench.stage import Stage
from shared.clock import monotonic

FULL: Final = Rounds(rounds=3, seconds=2)
SMOKE: Final = Rounds(rounds=1, seconds=1)


async def run(stage: Stage, size: Rounds) -> list[Goal]:
    heading(
        "tokens: POST /v1/session/refresh, and /v1/oauth/token with client credentials",
        f"gateway, auth and mongod are processes; {AT_ONCE} sessions or machines, each as fast as "
        "it is answered",
    )
    async with open_portal(stage) as portal:
        http = portal.people.http
        sessions = [_Session(http, number) for number in range(AT_ONCE)]
        for session in sessions:
            await session.begin()
        machine = {"Authorization": encode_basic_auth(portal.client_id, portal.key)}

        async def grant() -> None:
            form = {"grant_type": "client_credentials"}
            async with http.post("/v1/oauth/token", data=form, headers=machine) as response:
                response.raise_for_status()
                await response.read()

        refreshed, granted = [], []
        for _ in range(size.rounds):
            refreshed.append(await _rate([one.carry_on for one in sessions], size.seconds))
            granted.append(await _rate([grant] * AT_ONCE, size.seconds))
    line("refreshes", Spread.of(refreshed), "per s")
    line("client credentials", Spread.of(granted), "per s")
    progress("not measured here: Keycloak's sizing guide plans 120 of either per s and vCPU")
    return []


class _Session:
    def __init__(self, http: ClientSession, number: int) -> None:
        self._http = http
        self._number = number
        self._token = ""

    async def begin(self) -> None:
        self._token = (await answer_of_sign_in(self._http, self._number))["refresh_token"]

    async def carry_on(self) -> None:
        body = {"refresh_token": self._token}
        async with self._http.post("/v1/session/refresh", json=body) as response:
            response.raise_for_status()
            self._token = (await response.json())["refresh_token"]


async def _rate(asked: list[Callable[[], Awaitable[None]]], seconds: int) -> float:
    """How often a second all of them together are answered, one after the other each."""
    begun = monotonic()

    async def again_and_again(ask: Callable[[], Awaitable[None]]) -> int:
        count = 0
        while monotonic() < begun + seconds:
            await ask()
            count += 1
        return count

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(again_and_again(ask)) for ask in asked]
    return sum(task.result() for task in tasks) / (monotonic() - begun)
