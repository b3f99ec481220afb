"""The services behind the gateway: replicas taken in turn, limits on time, nothing sent twice."""

import asyncio
from abc import ABC, abstractmethod
from itertools import count
from typing import Final

from typing_extensions import override

from services.gateway.clients.wire import (
    Answer,
    AwayError,
    FullError,
    LongError,
    LostError,
    SlowError,
    Wire,
)
from services.gateway.domain.room import Room
from shared.errors import DomainError, UnavailableError

__all__ = ["Answer", "HttpUpstream", "Upstream", "UpstreamError"]
_TRIES: Final = 3


class UpstreamError(UnavailableError):
    code = "service_unavailable"
    detail = "This part of the portal is away. Try again in a moment."

    def __init__(self, retry_after_seconds: int = 2) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)


class BusyError(UpstreamError):
    code = "service_busy"
    detail = "This part of the portal has as much to do as it can. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=1)


class AnswerTooLargeError(DomainError):
    status = 502
    code = "answer_too_large"
    detail = "The answer is larger than 64 MiB. Ask for less at once, by a limit or a filter."


class Upstream(ABC):
    """One service, however it is reached."""

    @abstractmethod
    async def send(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        *,
        is_keyed: bool = False,
    ) -> Answer:
        """Send a request whose target is in its final form; UpstreamError where nobody answers."""


class HttpUpstream(Upstream):
    """One service, at one or several addresses."""

    def __init__(self, urls: str, seconds: float, silent_seconds: float, room: Room) -> None:
        self._wires = [Wire(url, room) for url in urls.split(",")]
        self._turns = count()
        self._seconds = seconds
        self._silent_seconds = silent_seconds

    def close(self) -> None:
        for wire in self._wires:
            wire.close()

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
        """Send a request whose target is in its final form; UpstreamError where nobody answers.

        Another replica is tried where no connection came about, so nothing was sent, and once where
        one was lost in the middle of a request that may be sent twice.
        """
        losses, first = 0, next(self._turns)
        for turn in range(first, first + max(_TRIES, len(self._wires))):
            wire = self._wires[turn % len(self._wires)]
            try:
                return await wire.ask(
                    method,
                    target,
                    headers,
                    body,
                    seconds=self._seconds,
                    silent_seconds=self._silent_seconds,
                )
            except AwayError:
                await asyncio.sleep(0.02)
            except LongError as error:
                raise AnswerTooLargeError from error
            except FullError as error:
                raise BusyError from error
            except SlowError as error:  # slow, not lost: it may still be at it
                raise UpstreamError from error
            except LostError as error:
                losses += 1
                if losses > 1 or not _may_be_sent_twice(method, headers, is_keyed=is_keyed):
                    raise UpstreamError from error
        raise UpstreamError


def _may_be_sent_twice(method: str, headers: list[tuple[str, str]], *, is_keyed: bool) -> bool:
    """Reading changes nothing, and what takes an Idempotency-Key and has one is done once."""
    return method == "GET" or (
        is_keyed and any(name.lower() == "idempotency-key" for name, _ in headers)
    )
