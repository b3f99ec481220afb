"""Comparing the staff of a reseller with what the Reseller Portal has of it."""

from services.auth.deps import Deps
from services.auth.domain.sync import person
from shared.contracts.auth import AuthDriftReported
from shared.contracts.reseller_portal import RecordsCompared
from shared.drift import Kept, answer_comparison
from shared.inbox import Received
from shared.outbox import Transaction


async def compare(deps: Deps, received: Received[RecordsCompared], tx: Transaction) -> bool:
    said, kept = received.body, {}
    if "person" in said.digests:
        staff = [
            (person(one), one.version) for one in await deps.accounts.all_of(said.reseller_id, tx)
        ]
        kept["person"] = [Kept(one, version) for one, version in staff if one is not None]
    return answer_comparison(received, kept, AuthDriftReported, tx)
