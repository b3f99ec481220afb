"""A program as each service is one, small enough to watch it start, serve, fail and stop."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from pydantic import Field

from shared.listener import Runner
from shared.serve import run
from shared.service import Serving, listen_on
from shared.settings import KeySetting, Settings


class ProgramSettings(Settings):
    port: int = Field(0, ge=0, le=65535, description="Port.")
    seconds: float = Field(description="How long an answer takes.")
    fails_after: float = Field(0, description="When the long task ends; 0 for never.")
    keys: KeySetting = Field(description="Keys.")


@asynccontextmanager
async def opened(settings: ProgramSettings) -> AsyncIterator[Serving]:
    async def slow(_: web.Request) -> web.Response:
        sys.stderr.write("request begun\n")
        await asyncio.sleep(settings.seconds)
        return web.Response(text="done")

    app = web.Application()
    app.router.add_get("/", slow)
    runner = Runner(app, keepalive_seconds=5, grace_seconds=settings.grace_seconds)
    await runner.setup()
    up = Serving(await listen_on(runner, settings.host, settings.port))
    if settings.fails_after:
        error = RuntimeError("the relay has ended")
        asyncio.get_running_loop().call_later(settings.fails_after, up.ended.set_exception, error)
    try:
        yield up
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    run(ProgramSettings, opened)
