"""A stream of changes: tenancy is asked for part after part, and each change judged by itself.

Tenancy says what may be in an organisation's stream; whether this very caller may see the place of
a change is decided here, as if it asked for that place now. Nothing of a stream is kept in a
replica: whoever comes back with `Last-Event-ID` goes on in any of them.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web

from services.gateway.deps import Answered
from services.gateway.domain.operations import Operation
from services.gateway.domain.trust import Known
from services.gateway.handlers.visits import Visit
from shared.clock import monotonic
from shared.errors import DomainError

log = structlog.get_logger()
STREAM: Final = "/v1/events/stream"
LOOK_SECONDS: Final = 0.5
"""How often it is looked whether the caller may still follow."""
ASK_SECONDS: Final = 5.0
"""How often tenancy is asked where the bus wakes nobody."""
HEARTBEAT_SECONDS: Final = 15.0
SLOW_READER_SECONDS: Final = 5.0
Ask = Callable[[str | None], Awaitable[Answered]]
"""The next part after this position; with None what the client itself asked for."""


class EndedError(DomainError):
    code = "stream_ended"
    detail = "The stream has ended. Come back with Last-Event-ID."


@dataclass
class Follower:
    """One stream on its way to one client."""

    visit: Visit
    operation: Operation
    known: Known
    ask: Ask
    position: str
    response: web.StreamResponse
    written_at: float = 0.0

    async def go_on(self, first: Answered, woken: asyncio.Event) -> None:
        """Until the client goes, reads too slowly, or may not follow any more."""
        await self._write(b"retry: 3000\n\n")
        try:
            is_more = await self._tell(first)
            asked_at = monotonic()
            while self._is_wanted():
                await self._must_be_allowed()
                if is_more or woken.is_set() or monotonic() - asked_at >= ASK_SECONDS:
                    woken.clear()
                    is_more, asked_at = await self._tell(await self.ask(self.position)), monotonic()
                    continue
                if monotonic() - self.written_at >= HEARTBEAT_SECONDS:
                    await self._write(b": still here\n\n")
                await _wait(woken)
            refusal: DomainError = EndedError()
        except DomainError as error:
            refusal = error
        ended = json.dumps({"code": refusal.code})
        await self._write(f"event: ended\ndata: {ended}\n\n".encode())

    def _is_wanted(self) -> bool:
        transport = self.visit.request.transport
        is_closed = self.visit.deps.followers.is_closed
        return not is_closed and transport is not None and not transport.is_closing()

    async def _must_be_allowed(self) -> None:
        """What every request is asked; answered from memory until something changes."""
        doorman = self.visit.deps.doorman
        doorman.must_be_valid(self.known)
        await doorman.admit(self.operation, None, self.known)

    async def _tell(self, part: Answered) -> bool:
        """Send on what the caller may see, each at once: the next may have to be asked about. True
        where there was anything, so maybe is more.
        """
        if part.status != HTTPStatus.OK:
            raise EndedError
        blocks = part.body.decode().split("\n\n")[:-1]
        for block in blocks:
            told = dict(line.partition(": ")[::2] for line in block.splitlines())
            self.position = told.get("id", self.position)
            data = json.loads(told.get("data", "{}"))
            if "place" not in data or await self._hears(data["place"], data["type"]):
                await self._write(f"{block}\n\n".encode())
        return any("event: change" in block for block in blocks)

    async def _hears(self, place: str, change: str) -> bool:
        return await self.visit.deps.doorman.hears(self.known, place, change)

    async def _write(self, text: bytes) -> None:
        """TimeoutError where the client does not take it."""
        async with asyncio.timeout(SLOW_READER_SECONDS):
            await self.response.write(text)
        self.written_at = monotonic()


async def _wait(woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await woken.wait()
    except TimeoutError:
        pass


async def follow(
    visit: Visit,
    operation: Operation,
    known: Known,
    ask: Ask,
    begin: Callable[[Answered], web.StreamResponse],
) -> web.StreamResponse | Answered:
    """The stream, when it has ended; the service's answer where it does not begin at all."""
    followers = visit.deps.followers
    with followers.following(known.account, known.org) as woken:
        first = await ask(None)
        if first.status != HTTPStatus.OK:
            return first
        response = begin(first)
        await response.prepare(visit.request)
        position = visit.request.headers.get("Last-Event-ID", "0")
        follower = Follower(visit, operation, known, ask, position, response)
        try:
            await follower.go_on(first, woken)
        except (ConnectionError, TimeoutError):
            _hang_up(visit)
        except Exception:  # an answer that has begun can't become another one
            log.exception("stream_failed")
            _hang_up(visit)
        return response


def _hang_up(visit: Visit) -> None:
    if visit.request.transport is not None:
        visit.request.transport.abort()
