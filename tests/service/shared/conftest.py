"""A database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from shared.ids import new_id
from shared.mongo.database import Mongo, open_mongo


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    async with open_mongo(mongo_url, f"h_{new_id()[:12]}") as opened:
        yield opened
        await opened.drop()
