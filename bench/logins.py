"""Sign-ins through gateway and auth beside pure Argon2id, and what others feel meanwhile."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession

from bench.contender import ACCOUNTS, AT_ONCE, READS_PER_SECOND, Contender
from bench.figures import Goal, Spread, at_least, below, heading, line, percentile, progress
from bench.programs.argon2 import PASSWORD
from bench.size import Rounds
from bench.stage import CORES, RIVALS, Stage, finished
from bench.wrk import posting
from portal.ports import LOOPBACK
from services.auth.actions.api_keys import Manager, Wish, create_key
from services.auth.actions.import_account import ImportedAccount, import_account
from services.auth.app import build
from services.auth.settings import AuthSettings
from shared.access import Permission
from shared.bus import Hub
from shared.clock import utc_now
from shared.contracts.events import Service
from shared.ids import new_id
from shared.service import foundation, in_process
from tests.support.processes import free_port

ORG: Final = "123456.sms"
_ARGON2: Final = ("argon2_memory_kib", "argon2_passes")
PARAMETERS: Final = [
    *(str(AuthSettings.model_fields[name].default) for name in _ARGON2),
    str(CORES),
]
"""Of the program `argon2`, before how many seconds it shall take."""


@dataclass(frozen=True)
class Size(Rounds):
    wheel: Path
    """A Python with Argon2 from the wheel that everyone gets."""


FULL: Final = Size(rounds=8, seconds=3, wheel=RIVALS)
SMOKE: Final = Size(rounds=1, seconds=2, wheel=Path(sys.executable))
"""Where nothing is measured, it does not matter which Argon2 it is: our own will do."""


@dataclass(frozen=True)
class Portal:
    """Gateway and auth, people who can sign in, and a machine with its key."""

    people: Contender
    client_id: str
    key: str


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "logins: POST /v1/login of accounts without a second factor, before its deadline",
        f"gateway, auth and mongod are processes, {AT_ONCE} sign-ins at once from wrk and "
        f"{READS_PER_SECOND} GET /v1/me per second from this process; against {CORES} threads of "
        "pure Argon2id, from the wheel that everyone gets and as the set-up built it for auth",
    )
    usual: list[float] = []
    built: list[float] = []
    async with open_portal(stage) as portal:
        for number in range(size.rounds):
            usual.append(await _pure(stage, size.wheel, size.seconds))
            rate = await portal.people.go(size.seconds)
            built.append(await _pure(stage, Path(sys.executable), size.seconds))
            progress(
                f"round {number + 1} of {size.rounds}: Argon2id {usual[-1]:.1f}, "
                f"built {built[-1]:.1f}, logins {rate:.1f} per s"
            )
    return _told(portal.people, usual, built)


def _told(people: Contender, usual: list[float], built: list[float]) -> list[Goal]:
    ratio = Spread.of_ratios(people.logins, usual)
    p99 = percentile(people.reads, 0.99)
    line("pure Argon2id, wheel", Spread.of(usual), "per s")
    line("pure Argon2id, built", Spread.of(built), "per s")
    line("logins", Spread.of(people.logins), "per s")
    line("logins / pure Argon2id", ratio, "")
    line("logins / the same as built", Spread.of_ratios(people.logins, built), "")
    progress(
        f"GET /v1/me meanwhile, {len(people.reads)} times: "
        f"p50 {percentile(people.reads, 0.5):.1f} ms, p99 {p99:.1f} ms"
    )
    return [
        at_least("logins / pure Argon2id", ratio.middle, 0.85),
        below("GET /v1/me during logins, p99", p99, 20),
    ]


@asynccontextmanager
async def open_portal(stage: Stage) -> AsyncIterator[Portal]:
    settings = {
        "PORTAL_DATABASE_PREFIX": f"b_{new_id()[:12]}_",
        "PORTAL_TOTP_REQUIRED_FROM": (utc_now() + timedelta(days=60)).isoformat(),
    }
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    client_id, key = await _add_accounts(stage, settings["PORTAL_DATABASE_PREFIX"])
    async with (
        stage.service("auth", port, settings, f"{url}/readyz"),
        stage.gateway({"PORTAL_AUTH_URL": url}) as (gateway_url, _),
        ClientSession(gateway_url) as http,
    ):
        bodies = [json.dumps(_credentials(number)) for number in range(ACCOUNTS)]
        script = posting(bodies, stage.folder / "sign-ins.lua")
        sign_ins = (f"{gateway_url}/v1/login", script)
        yield Portal(Contender("portal", http, _sign_in, sign_ins, "/v1/me"), client_id, key)


async def _add_accounts(stage: Stage, database_prefix: str) -> tuple[str, str]:
    """People and a machine; returns the machine's id and key."""
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
        held = frozenset({Permission.TENANT_READ.value})
        wish = Wish("bench", tuple(held), None)
        issued = await create_key(deps, Manager(ORG, new_id(), held), wish)
        deps.hasher.close()
    return issued.key.id, issued.shown


def _name(number: int) -> str:
    return f"member-{number}"


async def _pure(stage: Stage, python: Path, seconds: int) -> float:
    program = stage.program("argon2", *PARAMETERS, str(seconds), python=python)
    program.start()
    await finished(program, seconds + 30)
    return float(program.output.split()[-1])


def _credentials(number: int) -> dict[str, str]:
    return {
        "username": _name(number),
        "password": PASSWORD,
        "tenant": ORG,
        "transport": "body",
    }


async def _sign_in(http: ClientSession, number: int) -> str:
    token: str = (await answer_of_sign_in(http, number))["access_token"]
    return token


async def answer_of_sign_in(http: ClientSession, number: int) -> dict[str, Any]:
    async with http.post("/v1/login", json=_credentials(number)) as response:
        response.raise_for_status()
        answer: dict[str, Any] = await response.json()
    if answer["next"] != "done":
        raise RuntimeError(f"signing in leads to {answer['next']}")
    return answer
