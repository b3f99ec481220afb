"""Keeping up with who else gets an organisation's notices."""

from services.mailer.deps import Deps
from shared.contracts.tenancy import Decided
from shared.outbox import Transaction


async def note_recipients(
    deps: Deps, org: str, decided: Decided, sequence: int, tx: Transaction
) -> None:
    await deps.recipients.note(org, decided, sequence, tx)


async def note_assignment(
    deps: Deps, tenant: str, reseller: str, sequence: int, tx: Transaction
) -> None:
    await deps.recipients.assign(tenant, reseller, sequence, tx)
