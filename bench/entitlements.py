"""Entitlement checks beside a bare handler that reads one document, on the same database."""

import json
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bench.figures import Goal, Spread, at_least, heading, line, progress
from bench.size import Rounds
from bench.stage import Stage, pin
from bench.wrk import Load, posting, wrk
from portal.ports import LOOPBACK
from services.licensing.actions.activate_device import add_device
from services.licensing.actions.licences import grant_licence
from services.licensing.app import build
from services.licensing.domain.devices import Platform, Wish
from services.licensing.settings import LicensingSettings
from shared.access import Permission
from shared.bus import Hub
from shared.clock import utc_now
from shared.contracts.events import Service
from shared.ids import VENDOR, new_id
from shared.keys import Keys
from shared.passes import Pass, issue
from shared.service import foundation, in_process
from tests.support.processes import Process, free_port

CONNECTIONS: Final = 32
PATH: Final = "/v1/entitlements/check"
BARE: Final = "bare handler with one find_one"
BY_KEY, BY_BOTH, BY_DEVICE = "check by key", "check by key and fingerprint", "check by device"


@dataclass(frozen=True)
class Size(Rounds):
    licences: int


FULL: Final = Size(rounds=5, seconds=3, licences=200)
SMOKE: Final = Size(rounds=1, seconds=1, licences=2)


@dataclass
class _Measured:
    url: str
    script: Path
    process: Process
    loads: list[Load] = field(default_factory=list)
    per_core: list[float] = field(default_factory=list)
    """Answers per second of processor time that the process took for them."""


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "entitlements: POST /v1/entitlements/check",
        f"licensing and the bare handler on core 1 one after the other; mongod and wrk "
        f"({CONNECTIONS} connections, 1 thread) beside them; {size.licences} licences, "
        "a device each",
    )
    prefix, port = f"b_{new_id()[:12]}_", free_port()
    asked = await _add_licences(stage, prefix, size.licences)
    scripts = {
        name: posting(bodies, stage.folder / f"{number}.lua")
        for number, (name, bodies) in enumerate(asked.items())
    }
    url = f"http://{LOOPBACK}:{port}"
    settings = {"PORTAL_DATABASE_PREFIX": prefix}
    database = f"{prefix}{Service.LICENSING}"
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        bare_url, bare = await enter(stage.server("bare_find", stage.mongo_url, database))
        licensing = await enter(stage.service("licensing", port, settings, f"{url}/readyz"))
        for process in (bare, licensing):
            pin(process, 1)
        measured = {BARE: _Measured(bare_url, scripts[BY_KEY], bare)}
        measured |= {name: _Measured(url, script, licensing) for name, script in scripts.items()}
        await _rounds(measured, _pass(stage), size)
    return _told(measured)


async def _add_licences(stage: Stage, prefix: str, count: int) -> Mapping[str, list[str]]:
    """The bodies of checks, by the way in which they ask."""
    settings = LicensingSettings(
        mongo_url=stage.mongo_url,
        amqp_url=stage.amqp_url,
        database_prefix=prefix,
        _secrets_dir=stage.keys / "licensing",
    )
    asked: dict[str, list[dict[str, str]]] = {BY_KEY: [], BY_BOTH: [], BY_DEVICE: []}
    async with foundation(Service.LICENSING, settings, in_process(Hub())) as base:
        deps = await build(base, settings)
        today = utc_now().date()
        for number in range(count):
            licence_id, tenant_id = f"l-{number}", f"{100_000 + number}.sms"
            fingerprint = f"fingerprint-{number}"
            await grant_licence(
                deps,
                licence_id=licence_id,
                tenant_id=tenant_id,
                reseller_id="100001.rsp",
                product="mobile-security",
                seats=10,
                starts_on=date(today.year, 1, 1),
                ends_on=today + timedelta(days=365),
            )
            wish = Wish(fingerprint, "Tablet", Platform.ANDROID)
            device = (await add_device(deps, tenant_id, licence_id, wish)).device
            licence = await deps.licences.get(tenant_id, licence_id)
            if licence is None:
                raise RuntimeError("a licence that was just granted is not there")
            asked[BY_KEY].append({"licence_key": licence.key})
            asked[BY_BOTH].append({"licence_key": licence.key, "fingerprint": fingerprint})
            asked[BY_DEVICE].append({"device_id": device.id})
    return {
        name: [json.dumps({"feature": "vpn", **about}) for about in each]
        for name, each in asked.items()
    }


def _pass(stage: Stage) -> str:
    """What the gateway sends with a back end's question, good for the whole run."""
    keys = Keys.parse((stage.keys / "gateway/portal_pass_keys").read_text())
    granted = Pass(
        subject="machine",
        session="machine",
        org=VENDOR,
        place=VENDOR,
        permissions=frozenset({Permission.ENTITLEMENT_CHECK}),
        reseller=None,
        expires_at=int(utc_now().timestamp()) + 3600,
    )
    return issue(keys, granted)


async def _rounds(measured: Mapping[str, _Measured], token: str, size: Size) -> None:
    for number in range(size.rounds):
        for one in measured.values():
            before = _processor_seconds(one.process.pid)
            load = await wrk(
                one.url + PATH,
                token=token,
                connections=CONNECTIONS,
                seconds=size.seconds,
                script=one.script,
            )
            taken = _processor_seconds(one.process.pid) - before
            one.loads.append(load)
            one.per_core.append(load.per_second * size.seconds / taken)
        told = ", ".join(f"{name} {one.per_core[-1]:,.0f}" for name, one in measured.items())
        progress(f"round {number + 1} of {size.rounds}: {told} per s and core")


def _processor_seconds(pid: int) -> float:
    """What a process has taken of the processors so far, all its threads together (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _told(measured: Mapping[str, _Measured]) -> list[Goal]:
    goals = []
    for name, one in measured.items():
        line(name, Spread.of(one.per_core), "per s and core")
        line(f"{name}, p99", Spread.of([load.p99 for load in one.loads]), "ms")
        if name != BARE:
            ratio = Spread.of_ratios(one.per_core, measured[BARE].per_core)
            line(f"{name} / bare", ratio, "")
            goals.append(at_least(f"{name} / one find_one", ratio.middle, 0.7))
    return goals
