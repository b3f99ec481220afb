"""Reminding people of the day from which they need a second factor."""

import structlog

from services.auth.actions.compulsion import totp_deadline
from services.auth.deps import Deps
from services.auth.domain.accounts import addressee
from services.auth.domain.deadlines import next_reminder
from shared.context import Cause, begin
from shared.contracts.auth import TotpDeadlineAnnounced
from shared.ids import new_id
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()


async def remind_of_deadlines(deps: Deps) -> None:
    """Remind whoever has no factor yet; the work grows with that, and replicas share it.

    Who has not signed in since a factor was asked for is told at the next sign-in.
    """
    sweep = Sweep()
    while (due := await deps.accounts.next_to_remind(deps.now(), sweep.failed)) is not None:
        begin(Cause(new_id()), job="remind_of_deadlines")
        with sweep.over(due.id):
            await _remind(deps, due.id)


async def _remind(deps: Deps, account_id: str) -> None:
    now = deps.now()

    async def work(tx: Transaction) -> bool:
        account = await deps.accounts.get(account_id, tx)
        if account is None:
            return False
        deadline = totp_deadline(deps, account, await deps.settings.line(account.org))
        later = next_reminder(deadline, now) if deadline is not None else None
        if not await deps.accounts.remind_later(account_id, now, later, tx):
            return False
        if deadline is None or deadline <= now or not account.may_sign_in:
            return False
        announced = TotpDeadlineAnnounced(**addressee(account), deadline=deadline)
        tx.publish(announced, sequence=account.version)
        return True

    if await deps.transact(work):
        log.info("totp_deadline_announced", account=account_id)
