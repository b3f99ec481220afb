"""What every tier may ask for: a real MongoDB, a real RabbitMQ, and a watch over the event loop."""

from collections.abc import Iterator

import pytest
from blockbuster import BlockBuster

from shared.logs import configure_logging
from tests.support.environment import TestEnvironment
from tests.support.mongod import session_mongod
from tests.support.proof import NEEDS_RABBITMQ
from tests.support.rabbitmq import RabbitNode, session_node


@pytest.fixture(scope="session", autouse=True)
def _logs_as_in_a_terminal() -> None:
    configure_logging(readable=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for the broker or a browser, and tell the report of the broker, so that CI can
    prove that it ran.
    """
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if "browser" in asked:
            item.add_marker("browser")
        if {"rabbitmq", "amqp_url"} & asked:
            item.add_marker("rabbitmq")
        if item.get_closest_marker("rabbitmq"):
            item.user_properties.append(NEEDS_RABBITMQ)


@pytest.fixture(autouse=True)
def _loop_is_never_blocked() -> Iterator[None]:
    """A blocking call of ours on the event loop fails the test that made it."""
    watch = BlockBuster(
        ["services", "shared", "portal"],
        # They run before anything is served and after, and start processes, which blocks a little.
        excluded_modules=["portal.mongod", "portal.children"],
    )
    # PyMongo looks once, as a client is made, whether it runs in a container, and says goodbye to
    # the server as it is closed: both at the ends of a process, never while it serves.
    watch.functions["os.stat"].can_block_in("pymongo/pool_options.py", {"get_container_env_info"})
    for name, function in watch.functions.items():
        if name.startswith("socket."):
            function.can_block_in("pymongo/synchronous/mongo_client.py", {"close"})
    # A traceback for the log shows lines of the source, which are read once each.
    for function in watch.functions.values():
        function.can_block_in("linecache.py", {"checkcache", "updatecache"})
        function.can_block_in("structlog/tracebacks.py", {"extract"})
    watch.activate()
    yield
    watch.deactivate()


@pytest.fixture(scope="session")
def mongo_url() -> Iterator[str]:
    """The session's MongoDB. Use a database with a name of your own and drop it."""
    with session_mongod() as mongod:
        yield mongod.url


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitNode]:
    """The session's private broker; a test may make virtual hosts, stop, kill and start it."""
    with session_node() as node:
        yield node


@pytest.fixture(scope="session")
def amqp_url(request: pytest.FixtureRequest, worker_id: str) -> str:
    """The broker that AMQP_URL names, else the session's private one; two workers share none."""
    if (given := TestEnvironment().amqp_url) and worker_id in {"master", "gw0"}:
        return given
    node: RabbitNode = request.getfixturevalue("rabbitmq")
    return node.url
