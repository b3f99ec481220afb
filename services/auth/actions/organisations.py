"""Knowing what organisations are called, closing those whose people may do nothing, and deleting
all that there is of those that are gone.
"""

from dataclasses import replace

import structlog

from services.auth.deps import Deps
from shared.contracts.auth import OrganisationClosed
from shared.outbox import Transaction

log = structlog.get_logger()


async def note_organisation(  # noqa: PLR0913 what is known of it, each fact with its name
    deps: Deps, org: str, *, name: str, locale: str, is_open: bool, sequence: int, tx: Transaction
) -> None:
    """Keep what was said of it unless something later is known; what is closed, ends at once.

    Sessions, keys and links aren't touched one by one, however many there are: each is judged by
    its organisation when it is used.
    """
    known = await deps.organisations.get(org, tx)
    if known.sequence >= sequence:
        log.info("stale_organisation_ignored", org=org)
        return
    closes = known.is_open and not is_open
    said = replace(known, name=name, locale=locale, is_open=is_open, sequence=sequence)
    if closes:
        said = replace(said, closed_at=deps.now())
        tx.publish(OrganisationClosed(org=org), sequence=sequence)
        log.info("organisation_closed", org=org)
    await deps.organisations.note(said, tx)


async def delete_organisation(deps: Deps, org: str, sequence: int, tx: Transaction) -> None:
    """Close it for good; a job deletes what it has, little by little, however much that is."""
    known = await deps.organisations.get(org, tx)
    gone = replace(known, name=org, is_open=False, closed_at=deps.now(), sequence=sequence)
    await deps.organisations.note(gone, tx)
    await deps.purges.note(org, deps.now(), tx.session)
    tx.publish(OrganisationClosed(org=org), sequence=sequence)


async def purge_deleted(deps: Deps) -> None:
    """Delete what deleted organisations still have."""
    await deps.purges.carry_out(deps.belongings.delete_some)
