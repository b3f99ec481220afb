"""Deleting what the mailer keeps of an organisation that is gone."""

from services.mailer.deps import Deps
from shared.outbox import Transaction


async def forget_organisation(deps: Deps, org: str, tx: Transaction) -> None:
    """A job deletes its contacts and mails."""
    await deps.purges.note(org, deps.now(), tx.session)


async def purge_deleted(deps: Deps) -> None:
    await deps.purges.carry_out(deps.belongings.delete_some)
