"""Whether tenancy is there, also while nobody asks it anything because the answers are known."""

import asyncio
from http import HTTPStatus
from typing import Final

import structlog

from services.gateway.clients.upstreams import HttpUpstream, UpstreamError
from services.gateway.domain.room import Room
from shared.clock import monotonic

log = structlog.get_logger()
BEAT_SECONDS: Final = 1.0
_ROOM: Final = 1024 * 1024


class Pulse:
    """Felt once a second, beside all that is asked for somebody: neither a crowd nor a breaker that
    is still open is taken for its absence. A missed beat tells that it was lost when felt last.
    """

    def __init__(self, tenancy_url: str) -> None:
        self._tenancy = HttpUpstream(tenancy_url, BEAT_SECONDS, BEAT_SECONDS, Room(_ROOM))
        self._felt_at = monotonic()
        self._is_lost = False

    @property
    def lost_at(self) -> float | None:
        """When it was felt last (monotonic seconds), None while it is."""
        return self._felt_at if self._is_lost else None

    async def feel(self) -> None:
        """Until cancelled."""
        try:
            while True:
                at = monotonic()
                self._note(at, is_there=await self._is_ready())
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            self._tenancy.close()

    def _note(self, at: float, *, is_there: bool) -> None:
        if is_there:
            self._felt_at = at
        if is_there and self._is_lost:
            log.info("tenancy_found")
        elif not is_there and not self._is_lost:
            log.warning("tenancy_lost")
        self._is_lost = not is_there

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                answer = await self._tenancy.send("GET", "/readyz", [], None)
        except (TimeoutError, UpstreamError):
            return False
        return answer.status == HTTPStatus.OK
