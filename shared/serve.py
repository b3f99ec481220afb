"""A service as a process: settings read, signals heard, a clean stop, a hard one if need be."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
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
    try:
        async with AsyncExitStack() as stack:
            opening = asyncio.create_task(stack.enter_async_context(opened(settings)))
            either: set[asyncio.Future[Any]] = {told, opening}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():  # it may wait for the bus as long as the bus is away
                opening.cancel()
                await asyncio.wait({opening})
                return 0
            up = opening.result()
            _spare_what_stays()
            await asyncio.wait({told, up.ended}, return_when=asyncio.FIRST_COMPLETED)
            return 1 if up.ended.done() and up.ended.exception() else 0
    except (OSError, UnavailableError) as error:
        log.error("service_not_started", reason=str(error))  # noqa: TRY400 the reason says it all
        return 1


def _spare_what_stays() -> None:
    """Take what is loaded by now out of the garbage collector's rounds, which would otherwise stop
    every request for the time it takes to look through it.
    """
    gc.collect()
    gc.freeze()


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
