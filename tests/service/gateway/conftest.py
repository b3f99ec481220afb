"""The gateway between a client and small servers."""

from collections.abc import AsyncIterator

import pytest

from services.gateway import subscriptions
from services.gateway.clients import doorman, passes, tokens
from tests.service.gateway.world import RESELLER, TENANT, Watch, World, a_world, assigned


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as made:
        yield made


@pytest.fixture
def seller(world: World) -> World:
    """The caller is of a reseller that the tenant is assigned to."""
    world.org, world.roles = RESELLER, ["reseller-admin"]
    world.places[TENANT] = assigned()
    return world


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch()
    for module in (doorman, passes, tokens, subscriptions):
        monkeypatch.setattr(module, "monotonic", made)
    return made
