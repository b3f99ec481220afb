"""The real MongoDB that a test session shares."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from portal.mongod import Mongod
from tests.support.scratch import scratch_folder


@contextmanager
def session_mongod(*, checkpoint_seconds: int = 5) -> Iterator[Mongod]:
    """A `mongod` on a scratch folder. Tests keep apart by databases with names of their own; as
    they drop so many, their files are given back often.
    """
    with scratch_folder("mongod") as folder:
        # Tests live at a fixed time long ago, so MongoDB would find what they write long expired.
        mongod = Mongod(
            folder, cache_gb=0.5, cleans_up=False, checkpoint_seconds=checkpoint_seconds
        )
        asyncio.run(mongod.start())
        try:
            yield mongod
        finally:
            asyncio.run(mongod.stop())
