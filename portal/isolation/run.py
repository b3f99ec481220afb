"""Starts a portal on scratch data, walks through it, and gathers what was found."""

import contextlib
import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.console import Console
from portal.embedded import Environment, Options, Up, portal
from portal.isolation import traces
from portal.isolation.furnish import Cast, furnish
from portal.isolation.judge import Finding
from portal.isolation.operations import Operation, read
from portal.isolation.people import NOBODY, Door, Walker, open_door
from portal.isolation.report import Report
from portal.isolation.walk import Progress, Walk
from portal.isolation.world import Marks, marked_world
from portal.ports import LOOPBACK, free_port
from shared.bus import Hub
from shared.clock import monotonic, utc_now
from shared.contracts.events import CATALOGUE, CloudEvent
from shared.logs import configure_logging

_UNLIMITED: Final = {
    "source_per_minute": 0,
    "account_per_minute": 0,
    "key_per_minute": 0,
    "organisation_per_minute": 0,
    "at_once": 0,
    "upstream_at_once": 1000,
}


@dataclass(frozen=True)
class Scratch:
    """A marked portal that runs, and all of it that can be listened to."""

    up: Up
    ops_url: str
    door: Door
    operations: list[Operation]
    cast: Cast
    marks: Marks
    events: list[CloudEvent]
    log: io.StringIO


@asynccontextmanager
async def scratch(console: Console) -> AsyncIterator[Scratch]:
    """A portal of its own, on data and a log that are gone afterwards."""
    marks, hub, ops_port = Marks(), Hub(), free_port()
    events = list[CloudEvent]()
    world = marked_world(marks)
    with tempfile.TemporaryDirectory(prefix="portal-isolation-") as name:
        folder, log = Path(name), io.StringIO()
        with contextlib.redirect_stderr(log):
            configure_logging(level="INFO", readable=False)
            hub.listeners.append((frozenset(CATALOGUE), events.append))
            limits = {**_UNLIMITED, "ops_port": ops_port}
            options = Options(free_port(), 0, folder / "data", world, limits, hub)
            environment = Environment(mongo_url=None, amqp_url=None, public_url=None)
            async with (
                portal(options, environment, console) as up,
                open_door(up.portal_url) as door,
            ):
                nobody = Walker(NOBODY, "", "", None)
                operations = read(await door.json(nobody, "GET", "/openapi.json"))
                cast = await furnish(door, marks, world, operations)
                ops_url = f"http://{LOOPBACK}:{ops_port}"
                yield Scratch(up, ops_url, door, operations, cast, marks, events, log)


async def walk_through(running: Scratch, progress: Progress, only: str = "") -> Report:
    """Everything once; with `only`, the operations in whose name it is."""
    begun_at, begun = utc_now(), monotonic()
    door = running.door
    wanted = [one for one in running.operations if only in one.name]
    walk = Walk(door, running.marks, running.cast, wanted, progress)
    await walk.go()
    findings, reached = await _traces(running, walk, is_whole=not only)
    return Report(
        begun_at=begun_at.isoformat(),
        seconds=round(monotonic() - begun, 1),
        requests=door.requests,
        operations=door.statuses,
        checks=walk.checks,
        reached=reached,
        findings=(*walk.findings, *findings),
    )


async def _traces(
    running: Scratch, walk: Walk, *, is_whole: bool
) -> tuple[list[Finding], dict[str, int]]:
    marks, door = running.marks, running.door
    mails = await traces.mails_of(door.http, running.up.mail_url)
    metrics = await traces.metrics_of(door.http, [*running.up.services, running.ops_url])
    log = running.log.getvalue()
    reached = {
        "mails": len(mails),
        "events": len(running.events),
        "lines of logs": log.count("\n"),
        "lines of metrics": metrics.count("\n"),
    }
    findings = [
        *traces.in_mails(marks, mails),
        *traces.in_events(marks, list(running.events)),
        *traces.in_lines(marks, "logs", log),
        *traces.in_lines(marks, "metrics", metrics),
        *(traces.never_seen(marks, walk.seen) if is_whole else ()),
    ]
    rule = "all marks are to be found"
    silent = [kind for kind, number in reached.items() if not number]
    findings += [Finding(rule, kind, "", "there is nothing") for kind in silent]
    return findings, reached
