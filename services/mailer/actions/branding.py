"""How a reseller's mails look: read, changed, and found for a recipient."""

import structlog

from services.mailer.deps import Deps
from services.mailer.domain.brands import Branding
from shared.contracts.mailer import BrandingChanged
from shared.ids import OrgKind, kind_of
from shared.outbox import Transaction

log = structlog.get_logger()


async def read_branding(deps: Deps, reseller_id: str) -> Branding:
    return await deps.brandings.of(reseller_id)


async def change_branding(deps: Deps, wanted: Branding, *, was: int) -> Branding:
    """Replace what the reseller has chosen, if it is still as the caller read it."""

    async def work(tx: Transaction) -> Branding:
        known = await deps.brandings.of(wanted.reseller_id, tx)
        changed = known.changed(wanted, was=was)
        await deps.brandings.save(changed, tx)
        event = BrandingChanged(
            reseller_id=changed.reseller_id,
            name=changed.name,
            colour=changed.colour,
            sender_name=changed.sender_name,
            has_logo=changed.logo is not None,
        )
        tx.publish(event, sequence=changed.version)
        return changed

    changed = await deps.transact(work)
    log.info("branding_changed", reseller_id=changed.reseller_id, version=changed.version)
    return changed


async def branding_for(deps: Deps, org: str) -> Branding | None:
    """What the reseller has chosen that an organisation is, or belongs to; None for the vendor."""
    if kind_of(org) is OrgKind.RESELLER:
        return await deps.brandings.of(org)
    reseller_id = await deps.recipients.reseller_of(org)
    return await deps.brandings.of(reseller_id) if reseller_id else None
