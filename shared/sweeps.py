"""A pass over what is due, in which one item that can't be carried out keeps no other waiting.

A job that fails ends its process, which is right for what is broken altogether. A single item that
is broken would end it again and again, with all that the service does besides.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

import structlog

from shared.errors import UnavailableError

log = structlog.get_logger()


class Sweep:
    """One pass; whoever looks for what is due leaves out what has failed in it."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        """Tried again by the next pass."""

    @contextmanager
    def over(self, item: str) -> Iterator[None]:
        """Around what is done about one item. Where the database is away, the whole pass ends."""
        try:
            yield
        except UnavailableError:
            raise
        except Exception:
            self.failed.add(item)
            log.exception("item_failed", item=item)


def all_but(items: AbstractSet[str]) -> dict[str, Any]:
    """As a query: documents of any id but these."""
    return {"_id": {"$nin": sorted(items)}} if items else {}
