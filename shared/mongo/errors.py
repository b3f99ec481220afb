"""What can go wrong with the database, in the words of those who use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pymongo.errors import (
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WTimeoutError,
)

from shared.errors import UnavailableError

__all__ = ["BeingWrittenError", "DuplicateKeyError", "StoreAwayError", "away_becomes_ours"]

_AWAY: Final = (ConnectionFailure, ExecutionTimeout, WTimeoutError)


class StoreAwayError(UnavailableError):
    """The database can't be reached or has no primary just now."""

    code = "store_unavailable"
    detail = "The database can't be reached just now. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=5)


class BeingWrittenError(OperationFailure):
    """Another transaction, not committed yet, writes the document that was to be inserted."""


@contextmanager
def away_becomes_ours() -> Iterator[None]:
    """The driver's errors that say so become StoreAwayError; all others stay as they are."""
    try:
        yield
    except _AWAY as error:
        raise StoreAwayError from error
