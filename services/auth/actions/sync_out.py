"""Comparing the staff of a reseller with what the Reseller Portal has of it."""

from collections.abc import AsyncIterator, Iterable, Mapping

from services.auth.deps import Deps
from services.auth.domain.sync import person
from shared.contracts.auth import AuthChecksumsReported, AuthDriftReported
from shared.contracts.reseller_portal import ChecksumsCompared, RecordsCompared
from shared.contracts.sync import IdRange
from shared.drift import Kept, Reader, answer_checksums, answer_comparison
from shared.inbox import Received
from shared.outbox import Transaction


async def compare_checksums(
    deps: Deps, received: Received[ChecksumsCompared], tx: Transaction
) -> bool:
    readers = _readers(deps, received.body.reseller_id, tx)
    return await answer_checksums(received, readers, AuthChecksumsReported, tx)


async def compare(deps: Deps, received: Received[RecordsCompared], tx: Transaction) -> bool:
    readers = _readers(deps, received.body.reseller_id, tx)
    return await answer_comparison(received, readers, AuthDriftReported, tx)


def _readers(deps: Deps, reseller_id: str, tx: Transaction) -> Mapping[str, Reader]:
    async def people(within: IdRange) -> AsyncIterator[Iterable[Kept]]:
        async for portion in deps.accounts.portions_of(reseller_id, tx):
            told = ((person(one), one.version) for one in portion)
            kept = [Kept(one, version) for one, version in told if one is not None]
            yield [one for one in kept if within.holds(one.id)]

    return {"person": people}
