"""Which collections were read as a whole, as MongoDB itself notes it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.service import Client


@asynccontextmanager
async def scanned(client: Client) -> AsyncIterator[set[str]]:
    """Filled at the end of the context with the collections that no index has served."""
    database: Any = client.mongo._database
    await database["system.profile"].drop()
    await database.command("profile", 2)
    found: set[str] = set()
    yield found
    await database.command("profile", 0)
    async for row in database["system.profile"].find({"planSummary": re.compile("COLLSCAN")}):
        found.add(row["ns"].partition(".")[2])
