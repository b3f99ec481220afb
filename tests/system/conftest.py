"""The portals that system tests walk through."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.deployments import Fleet, embedded, fleet
from tests.support.person import Portal


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_process(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    """The portal as `make up` runs it."""
    async with embedded(tmp_path_factory.mktemp("embedded")) as (portal, _):
        yield portal


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def many_processes(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, amqp_url: str
) -> AsyncIterator[Fleet]:
    """The portal as operators run it, on a real RabbitMQ."""
    async with fleet(tmp_path_factory.mktemp("fleet"), mongo_url, amqp_url) as running:
        yield running


@pytest.fixture(
    scope="session",
    params=["one_process", pytest.param("many_processes", marks=pytest.mark.rabbitmq)],
)
def portal(request: pytest.FixtureRequest) -> Portal:
    running: Portal | Fleet = request.getfixturevalue(request.param)
    return running if isinstance(running, Portal) else running.portal
