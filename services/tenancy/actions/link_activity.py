"""Giving what happened its place in the chains."""

from typing import Final

import structlog

from services.tenancy.actions.changes import file_changes
from services.tenancy.deps import Deps
from services.tenancy.domain.activity import Activity
from services.tenancy.domain.chain import Head, link
from services.tenancy.domain.changes import EVERYTHING
from shared.keys import TokenError
from shared.mongo.collection import Session
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()
BATCH: Final = 500
_TRIES: Final = 5


async def link_all(deps: Deps) -> None:
    """Link what waits, of all chains; replicas that take the same chain take turns. A chain in
    which nothing can be linked keeps no other one waiting, however much waits for it.
    """
    stuck: set[str] = set()
    while chains := await deps.waiting_activities.chains(BATCH, but=stuck):
        for chain in chains:
            is_stream = chain == EVERYTHING
            linked = await (file_changes(deps) if is_stream else link_waiting(deps, chain))
            if not linked:
                stuck.add(chain)


async def link_waiting(deps: Deps, chain: str) -> int:
    """Link what waits for its place in this chain; returns how many rows that were.

    A chain whose head nobody vouches for, or that has rows where its head says that it ends, is
    left as it is: to go on would hide what was done to it.
    """
    linked = 0
    try:
        while await deps.waiting_activities.has(chain):
            count = await _link_some(deps, chain)
            if not count:
                break
            linked += count
    except TokenError:
        log.exception("activity_head_not_believed", chain=chain)
    return linked


async def _link_some(deps: Deps, chain: str) -> int:
    async def act(transaction: Transaction) -> tuple[int, Head]:
        session = transaction.session
        statement = await deps.heads.statement(chain, session)
        head = deps.notary.read(statement, chain) if statement else Head(chain)
        waiting = await deps.waiting_activities.take(chain, BATCH, session)
        if waiting:
            head = await append(deps, head, waiting, session, is_new=statement is None)
        return len(waiting), head

    for _ in range(_TRIES):
        try:
            count, head = await deps.transact(act)
        except DuplicateKeyError:  # another replica went on with the chain at the same instant
            continue
        if count:
            log.info("activity_linked", chain=chain, sequence=head.sequence, hash=head.hash)
        return count
    log.error("activity_beyond_its_head", chain=chain)
    return 0


async def append(
    deps: Deps, head: Head, activities: list[Activity], session: Session, *, is_new: bool = False
) -> Head:
    """Link these and vouch for the new end; the whole chain is read by one transaction at a time,
    because each writes its head.
    """
    entries, then = link(head, activities)
    await deps.entries.add(entries, session)
    statement = deps.notary.vouch(then, deps.now())
    if is_new:
        await deps.heads.begin(head.chain, statement, entries[0].activity.at, session)
    else:
        await deps.heads.move(head.chain, statement, session)
    return then
