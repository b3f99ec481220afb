"""Sending what is due: take a mail, note that it is being sent, hand it over, note the outcome."""

import asyncio
from contextlib import ExitStack
from datetime import datetime
from typing import Final

import structlog

from services.mailer.actions.branding import branding_for
from services.mailer.actions.write_letter import UnwritableError, write_letter
from services.mailer.clients.smtp import NotTakenError
from services.mailer.deps import Deps
from services.mailer.domain.bounces import domain_of
from services.mailer.domain.mails import (
    Mail,
    MailState,
    after_failure,
    after_success,
    begin,
    suppressed,
    unwritable,
)
from services.mailer.store.mails import Outgoing
from shared import context
from shared.clock import monotonic
from shared.errors import UnavailableError

log = structlog.get_logger()

_RUN_SECONDS: Final = 5.0
"""A run ends after so long even if more is due, so that a stop doesn't wait for a long queue."""
_SAVE_SECONDS: Final = 20.0
"""How long an outcome is tried to be noted while the database is away; less than the lease."""


async def send_mails(deps: Deps) -> None:
    """Send one mail after the other until none is due; several such runs share the work."""
    until = monotonic() + _RUN_SECONDS
    while monotonic() < until:
        if not await _send_next(deps, deps.now()):
            return


async def _send_next(deps: Deps, now: datetime) -> bool:
    """Send whichever mail has its turn; False where none is due, or only to busy domains."""
    with ExitStack() as counted:
        async with deps.domains.choosing:
            busy = deps.domains.busy()
            outgoing = await deps.mails.claim(now, now + deps.lease, busy)
            if outgoing is None:
                return False
            mail = outgoing.mail
            counted.enter_context(deps.domains.counted(domain_of(mail.recipient)))
        context.begin(context.Cause(outgoing.request_id), mail_id=mail.id, template=mail.template)
        await _carry(deps, outgoing, now)
    return True


async def _carry(deps: Deps, claimed: Outgoing, now: datetime) -> None:
    if claimed.mail.state is MailState.SENDING:
        # Whoever was sending it is gone, and nobody knows whether the relay has it.
        await _note(deps, claimed, after_failure(claimed.mail, None, None, now))
        return
    begun = begin(claimed.mail, now)
    outgoing = await _note(deps, claimed, begun)
    if outgoing is not None and begun.state is MailState.SENDING:
        await _note(deps, outgoing, await _attempt(deps, outgoing))


async def _attempt(deps: Deps, outgoing: Outgoing) -> Mail:
    """Try to hand the mail over; the mail as it is afterwards."""
    mail = outgoing.mail
    try:
        if await deps.suppressions.has(mail.recipient):
            return suppressed(mail)
        branding = await branding_for(deps, outgoing.org)
        recipient, content = write_letter(deps, outgoing, branding)
        sender = deps.letterhead.sender.addr_spec
        taken = await deps.relay.send(sender, recipient.addr_spec, content)
    except UnwritableError as error:
        log.warning("mail_not_written", reason=str(error))
        return unwritable(mail)
    except NotTakenError as error:
        return after_failure(mail, error.smtp_code, error.answer, deps.now())
    except Exception as error:  # noqa: BLE001 whatever is wrong with one mail, the others go out
        log.warning("mail_attempt_broken", error=type(error).__name__)
        return after_failure(mail, None, type(error).__name__, deps.now())
    return after_success(mail, taken.smtp_code, taken.answer, deps.now())


async def _note(deps: Deps, outgoing: Outgoing, mail: Mail) -> Outgoing | None:
    """Keep what became of the mail; None where another replica has taken it over meanwhile.

    A mail that was sent and not noted would be sent again, so we wait for a database that is away.
    """
    until = monotonic() + _SAVE_SECONDS
    while True:
        try:
            noted = await deps.mails.save(outgoing, mail, deps.now(), deps.lease)
        except UnavailableError:
            if monotonic() > until:
                raise
            await asyncio.sleep(1)
        else:
            _tell(mail, is_ours=noted is not None)
            if mail.state is not MailState.SENDING:
                deps.figures.attempted(mail)
            return noted


def _tell(mail: Mail, *, is_ours: bool) -> None:
    facts = {"attempts": mail.attempts, "smtp_code": mail.smtp_code, "reason": mail.reason}
    if not is_ours:
        log.warning("mail_taken_over", **facts)
    elif mail.state is MailState.SENT:
        log.info("mail_sent", **facts)
    elif mail.state is MailState.DEFERRED:
        log.warning("mail_deferred", **facts)
    elif mail.state in {MailState.FAILED, MailState.SUPPRESSED}:
        log.warning("mail_failed", **facts)
