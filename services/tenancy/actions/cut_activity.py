"""Cutting off the old ends of the chains: what is no longer to be kept.

The head that vouches for the chain says where it was cut, and a row at its other end says so to
whoever reads it. What does not fit together is not cut, so that nothing is hidden that way.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

import structlog

from services.tenancy.actions.link_activity import BATCH, append
from services.tenancy.deps import Deps
from services.tenancy.domain.activity import Activity
from services.tenancy.domain.chain import Entry, Head, Walk
from shared.ids import new_id
from shared.keys import TokenError
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()
_AT_ONCE: Final = 2000
_EVERY: Final = timedelta(days=1)


async def cut_all(deps: Deps) -> None:
    """Cut each chain that has rows too old, at most once a day."""
    sweep = Sweep()
    while chains := await deps.heads.older_than(_due(deps) - _EVERY, BATCH, sweep.failed):
        for chain in chains:
            with sweep.over(chain):
                await _cut(deps, chain)


async def _cut(deps: Deps, chain: str) -> None:
    async def act(transaction: Transaction) -> list[Entry]:
        session = transaction.session
        statement = await deps.heads.statement(chain, session)
        head = deps.notary.read(statement or "", chain)
        kept = await deps.entries.after(chain, head.cut_sequence, _AT_ONCE + 1, session)
        old = list(takewhile(lambda entry: entry.activity.at < _due(deps), kept[:_AT_ONCE]))
        _must_fit(head, old)
        last, rest = old[-1], kept[len(old) :]
        head = replace(head, cut_sequence=last.sequence, cut_hash=last.hash)
        await append(deps, head, [_note(deps, chain, len(old), last)], session)
        await deps.entries.cut(chain, last.sequence, session)
        oldest_at = rest[0].activity.at if rest else deps.now()
        await deps.heads.note_oldest(chain, oldest_at, session)
        return old

    try:
        old = await deps.transact(act)
    except (TokenError, DuplicateKeyError) as error:
        log.exception("activity_not_cut", chain=chain, reason=str(error))
        await deps.heads.note_oldest(chain, _due(deps))  # not before tomorrow
    else:
        log.info("activity_cut", chain=chain, count=len(old))


def _due(deps: Deps) -> datetime:
    return deps.now() - deps.activity_kept


def _must_fit(head: Head, old: list[Entry]) -> None:
    walk = Walk.of(head)
    flaws = [flaw for entry in old for flaw in walk.step(entry.fields())]
    if flaws or not old:
        raise TokenError(flaws[0] if flaws else "the oldest row is gone")


def _note(deps: Deps, chain: str, count: int, last: Entry) -> Activity:
    return Activity(
        id=new_id(),
        place=chain,
        at=deps.now(),
        what="activity.cut",
        subject=chain,
        actor=None,
        actor_org=None,
        reason="no longer kept",
        request_id=None,
        details={"count": str(count), "until": str(last.sequence)},
    )
