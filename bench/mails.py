"""Mails: how many one core writes, and what it brings to use connections again.

Both ways send the same mail by the same code, to the same server, as many at once. The same by
aiosmtplib alone, as its manual shows it, stands beside them.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from aiosmtplib import SMTP

from bench.figures import Goal, Spread, at_least, heading, line, progress
from bench.stage import Stage
from portal.ports import LOOPBACK
from portal.previews import sample
from services.mailer.clients.letter import build, parse_address
from services.mailer.clients.renderer import Renderer
from services.mailer.clients.smtp import Server, SmtpRelay
from services.mailer.domain.brands import PORTAL
from services.mailer.domain.templates import Locale, Template
from shared.clock import monotonic
from tests.support.certificates import server_and_client
from tests.support.processes import free_port

AT_ONCE: Final = 4
PER_CORE: Final = 2000.0
POOLED: Final = 2.0
POOLED_OVER_TLS: Final = 5.0
SENDER: Final = parse_address("no-reply@portal.example", "Mobile Security Portal")
RECIPIENT: Final = "ada@acme.example"
Send: TypeAlias = Callable[[bytes], Awaitable[object]]


@dataclass(frozen=True)
class Size:
    rounds: int
    written: int
    sent: int


FULL: Final = Size(rounds=3, written=2000, sent=600)
SMOKE: Final = Size(rounds=1, written=10, sent=2 * AT_ONCE)


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "Mails",
        f"{AT_ONCE} at once to a server that takes all; {size.sent} mails a round; writing is one "
        "core's processor time",
    )
    renderer = await asyncio.to_thread(Renderer)
    written = Spread.of([_written_a_second(renderer, size.written) for _ in range(size.rounds)])
    line("mails rendered and built", written, "per s and core")
    plain = await _ratio(stage, size, _letter(renderer, 0), over_tls=False)
    tls = await _ratio(stage, size, _letter(renderer, 0), over_tls=True)
    return [
        at_least("mails written, per s and core", written.middle, PER_CORE),
        at_least("pooled / a connection each", plain.middle, POOLED),
        at_least("the same over TLS", tls.middle, POOLED_OVER_TLS),
    ]


def _written_a_second(renderer: Renderer, count: int) -> float:
    begun = time.process_time()
    for number in range(count):
        _letter(renderer, number)
    return count / (time.process_time() - begun)


def _letter(renderer: Renderer, number: int) -> bytes:
    """A different mail each time: recipient, link and id."""
    values = sample(Template.PASSWORD_RESET, Locale.DE)
    values["link"] += str(number)
    values["username"] = f"user-{number}"
    return build(
        renderer.render(Template.PASSWORD_RESET, Locale.DE, values, PORTAL),
        message_id=f"<m{number}@portal.example>",
        sender=SENDER,
        recipient=parse_address(f"user-{number}@acme.example"),
        date=datetime(2026, 3, 10, 12, tzinfo=UTC),
        headers={"X-Request-Id": f"r-{number}"},
    )


async def _ratio(stage: Stage, size: Size, letter: bytes, *, over_tls: bool) -> Spread:
    where = "over TLS" if over_tls else "in clear"
    ours, bare, librarys = [], [], []
    async with _sink(stage, over_tls=over_tls) as server:
        for number in range(size.rounds):
            progress(f"{where}, round {number + 1} of {size.rounds}")
            relay = SmtpRelay(server, connections=AT_ONCE, seconds=30)
            ours.append(await _sent_a_second(_pooled(relay), letter, size.sent))
            await relay.close()
            bare.append(await _sent_a_second(_one_each(server), letter, size.sent))
            librarys.append(await _sent_a_second(_by_the_library(server), letter, size.sent))
    line(f"{where}: pooled connections", Spread.of(ours), "mails/s")
    line(f"{where}: a connection each", Spread.of(bare), "mails/s")
    line(f"{where}: a connection each, aiosmtplib", Spread.of(librarys), "mails/s")
    return Spread.of_ratios(ours, bare)


def _pooled(relay: SmtpRelay) -> Send:
    return lambda letter: relay.send(SENDER.addr_spec, RECIPIENT, letter)


def _one_each(server: Server) -> Send:
    async def send(letter: bytes) -> None:
        relay = SmtpRelay(server, connections=1, seconds=30)
        await relay.send(SENDER.addr_spec, RECIPIENT, letter)
        await relay.close()

    return send


def _by_the_library(server: Server) -> Send:
    async def send(letter: bytes) -> None:
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.greet_as,
            use_tls=server.security == "tls",
            start_tls=False,
            tls_context=server.tls if server.security == "tls" else None,
        )
        async with smtp:
            await smtp.sendmail(SENDER.addr_spec, [RECIPIENT], letter)

    return send


async def _sent_a_second(send: Send, letter: bytes, count: int) -> float:
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await send(letter)

    begun = monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())
    return count / (monotonic() - begun)


@asynccontextmanager
async def _sink(stage: Stage, *, over_tls: bool) -> AsyncIterator[Server]:
    port, certificate, tls = free_port(), [], ssl.create_default_context()
    if over_tls:
        _, tls = await asyncio.to_thread(server_and_client, stage.folder)
        certificate = [str(stage.folder / "server.pem")]
    process = stage.program("sink", str(port), *certificate)
    process.start()
    try:
        await _listens(port)
        yield Server(LOOPBACK, port, "tls" if over_tls else "none", tls, greet_as="portal.example")
    finally:
        await process.stop(5)


async def _listens(port: int) -> None:
    async with asyncio.timeout(15):
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
