"""One portal at http://localhost, sites of others beside it, and one browser for all tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import web

from tests.browser.visitor import Visitor
from tests.support.browser import Page, chromium, opened
from tests.support.deployments import UNLIMITED, embedded
from tests.support.devtools import Devtools
from tests.support.person import Portal


@dataclass(frozen=True)
class Sites:
    """Pages of others: to a browser, what differs in host, port or scheme is another origin, and
    what differs in host another site.
    """

    listed: str
    """An origin that the portal is told to let call it."""
    neighbour: str
    """Another port of the portal's own host."""
    foreign: str
    """Another host."""


async def _blank(_: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>Elsewhere</title>", content_type="text/html")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sites() -> AsyncIterator[Sites]:
    app = web.Application()
    app.router.add_get("/", _blank)
    runner = web.AppRunner(app)
    await runner.setup()
    for _ in range(2):
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    listed, other = [address[1] for address in runner.addresses]
    yield Sites(
        f"http://localhost:{listed}", f"http://localhost:{other}", f"http://127.0.0.1:{other}"
    )
    await runner.cleanup()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def portal(tmp_path_factory: pytest.TempPathFactory, sites: Sites) -> AsyncIterator[Portal]:
    env = {**UNLIMITED, "PORTAL_CORS_ORIGINS": sites.listed}
    folder = tmp_path_factory.mktemp("browsed")
    async with embedded(folder, env, host="localhost") as (up, _):
        yield up


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Devtools]:
    async with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Devtools) -> AsyncIterator[Page]:
    async with opened(browser) as blank:
        yield blank


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(page: Page, portal: Portal) -> Visitor:
    arrived = Visitor(page, portal)
    await arrived.arrive()
    return arrived
