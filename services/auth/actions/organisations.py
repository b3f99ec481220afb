"""Knowing what organisations are called."""

from services.auth.deps import Deps
from services.auth.store.organisations import Organisation
from shared.outbox import Transaction


async def note_organisation(deps: Deps, org: str, name: str, locale: str, tx: Transaction) -> None:
    await deps.organisations.note(Organisation(org, name, locale), tx)
