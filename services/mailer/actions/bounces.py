"""Returned mails: what they tell is noted, and an address that takes no mail gets none any more."""

import structlog

from services.mailer.clients.returned import bounces_in
from services.mailer.deps import Deps
from services.mailer.domain.bounces import Bounce, Suppression, address_key
from services.mailer.domain.mails import MailState, bounced
from shared.errors import NotFoundError
from shared.ids import new_id
from shared.newest import Position
from shared.outbox import Transaction

log = structlog.get_logger()


async def take_report(deps: Deps, message: bytes) -> list[bool]:
    """For each recipient that a returned mail speaks of, whether the address is suppressed by it;
    NoBounceError where the message is no report.
    """
    return [await _take(deps, bounce) for bounce in bounces_in(message)]


async def _take(deps: Deps, bounce: Bounce) -> bool:
    """Note that a mail came back for good, and suppress its address; False where nothing is noted.

    A report is believed only about a mail that we have sent to that very address: its Message-ID
    can't be guessed, so nobody can silence somebody else by a made-up report.
    """

    async def work(tx: Transaction) -> bool:
        logged = await deps.mails.find(bounce.mail_id, tx)
        if logged is None or not bounce.is_for_good:
            return False
        mail = logged.mail
        if address_key(mail.recipient) != address_key(bounce.address):
            return False
        now, said = deps.now(), f"{bounce.status} {bounce.diagnostic}".strip()
        if mail.state is MailState.SENT:
            await deps.mails.note_bounce(logged, bounced(mail, said), now, tx)
        suppression = Suppression(
            id=new_id(),
            address=mail.recipient,
            mail_id=mail.id,
            status=bounce.status,
            diagnostic=bounce.diagnostic,
            created_at=now,
        )
        await deps.suppressions.add(suppression, tx)
        return True

    taken = await deps.transact(work)
    log.info("bounce_taken" if taken else "bounce_ignored", mail_id=bounce.mail_id)
    return taken


async def list_suppressions(deps: Deps, after: Position | None, limit: int) -> list[Suppression]:
    return await deps.suppressions.page(after, limit + 1)


async def lift_suppression(deps: Deps, suppression_id: str) -> None:
    """Let mails go to the address again."""

    async def work(tx: Transaction) -> None:
        if not await deps.suppressions.lift(suppression_id, tx):
            raise NotFoundError

    await deps.transact(work)
    log.info("suppression_lifted", suppression_id=suppression_id)
