"""What tests of signing in with the Reseller Portal's account start from."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.federation import World, a_world


@pytest_asyncio.fixture
async def world(mongo_url: str) -> AsyncIterator[World]:
    async with a_world(mongo_url) as one:
        yield one
