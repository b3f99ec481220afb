"""A service as a process: settings read, signals heard, a clean stop, a hard one if need be."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, NoReturn, TypeVar

import structlog
import uvloop

from shared.errors import UnavailableError
from shared.logs import configure_logging
from shared.service import Serving
from shared.settings import Settings, SettingsError, read_settings

S = TypeVar("S", bound=Settings)
log = structlog.get_logger()
_AFTER_GRACE_SECONDS: Final = 5.0


def run(kind: type[S], opened: Callable[[S], AbstractAsyncContextManager[Serving]]) -> NoReturn:
    """Run a service until SIGTERM or Ctrl-C; exits 0 after a clean stop, 1 after a failure, 2 where
    the settings are wrong.
    """
    try:
        settings = read_settings(kind)
    except SettingsError as error:
        sys.stderr.write(f"Settings are missing or wrong:\n{error}\n")
        sys.exit(2)
    configure_logging(level=settings.log_level)
    sys.exit(uvloop.run(_until_told(settings, opened)))


async def _until_told(
    settings: S, opened: Callable[[S], AbstractAsyncContextManager[Serving]]
) -> int:
    told = stop_signal(settings.grace_seconds + _AFTER_GRACE_SECONDS)
    is_up = asyncio.Event()

    async def serve() -> int:
        async with opened(settings) as up:
            is_up.set()
            await asyncio.wait({told, up.ended}, return_when=asyncio.FIRST_COMPLETED)
            return 1 if up.ended.done() else 0

    service = asyncio.create_task(serve())
    either: set[asyncio.Future[Any]] = {told, service}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not is_up.is_set():
        service.cancel()  # it may wait for the broker or the database without end
    try:
        return await service
    except asyncio.CancelledError:
        return 0
    except (OSError, UnavailableError) as error:
        log.error("service_not_started", reason=str(error))  # noqa: TRY400 the reason says it all
        return 1


def stop_signal(hard_exit_seconds: float) -> "asyncio.Future[None]":
    """A future that is done once the process is told to stop; from then on the stop has a limit."""
    loop = asyncio.get_running_loop()
    told = loop.create_future()

    def stop() -> None:
        if told.done():
            return
        told.set_result(None)
        timer = threading.Timer(hard_exit_seconds, os._exit, args=(1,))
        timer.daemon = True
        timer.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return told
