"""Going along every chain and saying what does not fit."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.tenancy.deps import Deps
from services.tenancy.domain.chain import Head, Walk
from shared.keys import TokenError

_AT_ONCE: Final = 2000


@dataclass(frozen=True)
class Verdict:
    """What was found of one chain."""

    chain: str
    head: Head
    flaws: list[str]


async def verify_activity(deps: Deps, known: Mapping[str, Head]) -> AsyncIterator[Verdict]:
    """A verdict on each chain that has rows, a head, or is known from an earlier time.

    `known` has heads that were seen before and kept elsewhere: whoever has put back rows and head
    alike to an older state is found out by them.
    """
    chains = {*await deps.heads.chains(), *await deps.entries.chains(), *known}
    for chain in sorted(chains):
        yield await _verify(deps, chain, known.get(chain))


async def _verify(deps: Deps, chain: str, known: Head | None) -> Verdict:
    statement = await deps.heads.statement(chain)
    try:
        head = deps.notary.read(statement or "", chain)
    except TokenError:
        flaw = "its signed head is gone" if statement is None else "its head was signed by no key"
        return Verdict(chain, Head(chain), [flaw])
    walk, flaws, after = Walk.of(head, [known.sequence] if known else []), list[str](), 0
    while rows := await deps.entries.after(chain, after, _AT_ONCE):
        after = rows[-1].sequence
        for row in rows:
            if row.sequence > head.sequence and await _has_moved(deps, head):
                break  # linked while we were on our way
            flaws += walk.step(row.fields())
    flaws += walk.end(head)
    if known is not None:
        flaws += _compared(walk, head, known)
    return Verdict(chain, head, flaws)


async def _has_moved(deps: Deps, head: Head) -> bool:
    statement = await deps.heads.statement(head.chain)
    try:
        return deps.notary.read(statement or "", head.chain).sequence > head.sequence
    except TokenError:
        return False


def _compared(walk: Walk, head: Head, known: Head) -> list[str]:
    if known.sequence > head.sequence:
        return [f"row {known.sequence} was seen before and is gone: the chain was put back"]
    if known.sequence < head.cut_sequence:
        return []  # it was cut off since, as the signed head says
    if walk.passed.get(known.sequence) != known.hash:
        return [f"row {known.sequence} is not the one that was seen before"]
    return []
