"""Showing the second factor again, and what only a factor just shown opens."""

from services.auth.actions.carry_session import live_session
from services.auth.actions.give_code import show_factor
from services.auth.actions.guessing import guessing_in_session
from services.auth.actions.second_factor import fresh_codes
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, addressee
from services.auth.domain.factor_resets import FactorElsewhereError, NoFactorError
from services.auth.domain.sessions import SessionEndedError
from services.auth.domain.throttle import Guess
from shared.contracts.auth import RecoveryCodesReplaced
from shared.errors import NotFoundError
from shared.outbox import Transaction


async def step_up(deps: Deps, session_id: str, code: str) -> str:
    """Show a factor again in the own session; the access token that says so."""
    session, account = await live_session(deps, session_id)
    if account.label == RSP:
        raise FactorElsewhereError(deps.policy.reseller_portal_url)
    if account.totp is None:
        raise NoFactorError
    account, amr = await show_factor(
        deps, account, code, guessing_in_session(deps, Guess.CODE, session.id)
    )
    proved = await deps.sessions.prove(session.id, account.id, deps.now(), amr)
    if proved is None:
        raise SessionEndedError
    return deps.signer.access_token(account, proved, deps.now())


async def replace_recovery_codes(deps: Deps, account_id: str) -> list[str]:
    """Ten new recovery codes; those before are good for nothing from now on."""
    account = await deps.accounts.get(account_id)
    if account is None:
        raise NotFoundError
    if account.totp is None:
        raise NoFactorError
    codes, hashes = fresh_codes(account)

    async def work(tx: Transaction) -> None:
        changed = await deps.accounts.replace_recovery(account, hashes, tx)
        if changed is None:
            raise NoFactorError
        notice = RecoveryCodesReplaced(**addressee(account), replaced_at=deps.now())
        tx.publish(notice, sequence=changed.version)

    await deps.transact(work)
    return codes
