"""A database that goes away: callers hear so in time, and nothing hangs."""

import asyncio
from pathlib import Path

import pytest

from portal.mongod import Mongod
from shared.clock import monotonic
from shared.mongo.collection import Session
from shared.mongo.database import open_mongo
from shared.mongo.errors import StoreAwayError

pytestmark = pytest.mark.timeout(120)


async def test_a_database_that_has_stopped_is_away_within_six_seconds_and_is_found_again(
    tmp_path: Path,
) -> None:
    mongod = Mongod(tmp_path)
    await mongod.start()
    async with open_mongo(mongod.url, "away") as mongo:
        things = mongo.collection("things")
        await things.insert({"_id": "before"})

        async def act(session: Session) -> None:
            await things.insert({"_id": "in an act"}, session=session)

        await mongod.kill()
        begun = monotonic()
        attempts = [
            asyncio.ensure_future(attempt)
            for attempt in (things.count({}), mongo.transact(act), things.insert({"_id": "alone"}))
        ]
        await asyncio.wait(attempts)
        seconds = monotonic() - begun
        pinged = await mongo.ping()
        await mongod.start()
        await mongo.transact(act)
        found = sorted(row["_id"] for row in await things.find({}))
    await mongod.stop()

    assert seconds < 6.5
    for attempt in attempts:
        refusal = attempt.exception()
        assert isinstance(refusal, StoreAwayError)
        assert (refusal.status, refusal.code) == (503, "store_unavailable")
        assert refusal.retry_after_seconds == 5
    assert pinged is False
    assert found == ["before", "in an act"]
