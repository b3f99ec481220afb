"""The portals that system tests walk through."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.deployments import Fleet, embedded, fleet
from tests.support.person import Portal
from tests.support.wiretap import Wiretap, tapped


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    """The portal as `make up` runs it."""
    async with embedded(tmp_path_factory.mktemp("embedded")) as (portal, _):
        yield portal


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def wiretap(amqp_url: str) -> AsyncIterator[Wiretap]:
    """Hears all that the portal says on the broker in these tests; all of it must be documented."""
    async with tapped(amqp_url) as tap:
        yield tap
    assert tap.flaws() == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def many_processes(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, amqp_url: str, wiretap: Wiretap
) -> AsyncIterator[Fleet]:
    """The portal as operators run it, on a real RabbitMQ that is listened to."""
    assert wiretap.heard == []
    async with fleet(tmp_path_factory.mktemp("fleet"), mongo_url, amqp_url) as running:
        yield running


@pytest.fixture(
    scope="session",
    params=["one_process", pytest.param("many_processes", marks=pytest.mark.rabbitmq)],
)
def portal(request: pytest.FixtureRequest) -> Portal:
    running: Portal | Fleet = request.getfixturevalue(request.param)
    return running if isinstance(running, Portal) else running.portal
