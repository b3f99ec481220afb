"""A forgotten password, from the report to the link.

The report is filed without looking anything up, so that its answer and time tell nothing; what
follows happens when auth takes in its own event.
"""

import secrets
from datetime import timedelta

from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, Account, Status, addressee
from services.auth.domain.links import MAILS_PER_HOUR, Link, Purpose, digest
from services.auth.domain.throttle import Guess, Place, Scope
from shared.contracts.auth import (
    ForgottenPasswordReported,
    PasswordResetReferred,
    PasswordResetRequested,
)
from shared.ids import new_id
from shared.outbox import Transaction

_ACCOUNTS_AT_MOST = 5


async def report_forgotten_password(
    deps: Deps, username: str, org: str | None, source: str
) -> None:
    """File the report; one of a source that has filed too many is dropped, with the same answer."""
    where = Place(Guess.REPORT, Scope.SOURCE, source, deps.policy.paces.reports)
    if not await deps.attempts.take(where, deps.now()):
        return
    report = ForgottenPasswordReported(report_id=new_id(), username=username, org=org)

    async def work(tx: Transaction) -> None:
        tx.publish(report)

    await deps.transact(work)


async def follow_report(deps: Deps, report: ForgottenPasswordReported, tx: Transaction) -> None:
    """Send a link to every account that the report can mean; without a tenant it may be several."""
    if report.org is None:
        accounts = await deps.accounts.find_anywhere(report.username, _ACCOUNTS_AT_MOST)
    else:
        found = await deps.accounts.find(report.org, report.username)
        accounts = [found] if found else []
    for account in accounts:
        if account.status is Status.ACTIVE and await deps.organisations.is_open(account.org):
            await _offer_link(deps, account, tx)


async def _offer_link(deps: Deps, account: Account, tx: Transaction) -> None:
    now = deps.now()
    await deps.accounts.wait_for_mail(account.id, tx)
    if await deps.links.count_since(account.id, now - timedelta(hours=1), tx) >= MAILS_PER_HOUR:
        return
    token = secrets.token_urlsafe(32)
    life = deps.policy.reset_life
    link = Link(digest(token), account.id, Purpose.RESET, now, now + life)
    await deps.links.replace(link, tx)
    to = addressee(account)
    if account.label == RSP:
        await deps.links.kill(account.id, tx)
        tx.publish(PasswordResetReferred(**to), sequence=account.version)
        return
    tx.publish(
        PasswordResetRequested(
            **to,
            sealed_token=deps.vault.seal_for_mailer(account.id, token),
            expires_at=link.expires_at,
        ),
        sequence=account.version,
    )
