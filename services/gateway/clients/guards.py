"""What stands before a service: so many requests at once, and none while it is known to be away."""

import math

from typing_extensions import override

from services.gateway.clients.upstreams import (
    Answer,
    AnswerTooLargeError,
    BusyError,
    Upstream,
    UpstreamError,
)
from services.gateway.domain.breakers import Breaker
from shared.clock import monotonic


class GuardedUpstream(Upstream):
    """A service behind a limit of requests under way and a circuit breaker."""

    def __init__(self, behind: Upstream, at_once: int, breaker: Breaker | None = None) -> None:
        self._behind = behind
        self._at_once = at_once
        self._under_way = 0
        self._breaker = breaker or Breaker()

    def lane(self) -> "GuardedUpstream":
        """As many requests once more, for what the gateway itself asks: a crowd of clients at this
        service keeps nobody from being let in elsewhere.
        """
        return GuardedUpstream(self._behind, self._at_once, self._breaker)

    @property
    def is_open(self) -> bool:
        """Whether the breaker is: nobody is let through but a probe."""
        return self._breaker.is_open

    @override
    async def send(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        *,
        is_keyed: bool = False,
    ) -> Answer:
        if self._under_way >= self._at_once:
            raise BusyError
        wait = self._breaker.wait_seconds(monotonic())
        if wait > 0:
            raise UpstreamError(retry_after_seconds=math.ceil(wait))
        self._under_way += 1
        try:
            answer = await self._behind.send(method, target, headers, body, is_keyed=is_keyed)
        except (AnswerTooLargeError, BusyError):  # it is there, only too much comes of it
            self._breaker.succeeded()
            raise
        except UpstreamError:
            self._breaker.failed(monotonic())
            raise
        except BaseException:
            self._breaker.given_up()
            raise
        finally:
            self._under_way -= 1
        self._breaker.succeeded()
        return answer
