"""Transactions: tried again where they collide, and given up after five seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.clock import monotonic
from shared.mongo.collection import Session
from shared.mongo.errors import StoreAwayError

T = TypeVar("T")

TRANSACTION_SECONDS: Final = 5.0
"""How long a transaction may be tried again before the caller hears 503."""
_TRANSIENT: Final = "TransientTransactionError"
_UNKNOWN_COMMIT: Final = "UnknownTransactionCommitResult"


async def transact(session: Session, work: Callable[[Session], Awaitable[T]]) -> T:
    """Run `work` in a transaction of this session, again where it collides, and commit it.

    StoreAwayError where that takes longer than TRANSACTION_SECONDS.
    """
    until = monotonic() + TRANSACTION_SECONDS
    while True:
        try:
            return await _once(session, work, until)
        except PyMongoError as error:
            if not error.has_error_label(_TRANSIENT):
                raise
            if monotonic() > until:
                raise StoreAwayError from error
            await asyncio.sleep(0.005)


async def _once(session: Session, work: Callable[[Session], Awaitable[T]], until: float) -> T:
    session.start_transaction(
        read_concern=ReadConcern("snapshot"), write_concern=WriteConcern(w="majority", j=True)
    )
    try:
        result = await work(session)
    except BaseException:
        await _abort(session)
        raise
    while True:
        try:
            await _commit(session)
        except PyMongoError as error:
            if not error.has_error_label(_UNKNOWN_COMMIT) or monotonic() > until:
                raise
        else:
            return result


async def _commit(session: Session) -> None:
    """Commit, and where that is cancelled, still wait: the driver's thread uses the session, and
    ending it meanwhile would abort the transaction by a call that blocks the event loop.
    """
    commit = asyncio.ensure_future(session.commit_transaction())
    try:
        await asyncio.shield(commit)
    except asyncio.CancelledError:
        await asyncio.wait([commit])
        raise


async def _abort(session: Session) -> None:
    try:
        await session.abort_transaction()
    except PyMongoError:
        return  # MongoDB ends it by itself; what made us give up is the error to tell
