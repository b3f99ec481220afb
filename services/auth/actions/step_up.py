"""Showing the second factor again, and what only a factor just shown opens."""

from typing import Any

from services.auth.actions.activation import fresh_codes
from services.auth.actions.carry_session import live_session
from services.auth.actions.give_code import show_factor
from services.auth.actions.guessing import guessing_in_session
from services.auth.actions.show_passkey import Asked, ask_for_passkey, show_passkey
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, Account, addressee
from services.auth.domain.factor_resets import FactorElsewhereError, NoFactorError
from services.auth.domain.passkeys import Ceremony
from services.auth.domain.sessions import Session, SessionEndedError, amr_after
from services.auth.domain.throttle import Guess
from shared.contracts.auth import RecoveryCodesReplaced
from shared.errors import NotFoundError
from shared.outbox import Transaction


async def step_up_with_code(deps: Deps, session_id: str, code: str) -> str:
    """Show a factor again in the own session; the access token that says so."""
    session, account = await _session_with_factor(deps, session_id)
    where = guessing_in_session(deps, Guess.CODE, session.id)
    account, shown = await show_factor(deps, account, code, where)
    return await _raised(deps, session, account, shown)


async def step_up_options(deps: Deps, session_id: str) -> dict[str, Any]:
    """What to ask the authenticator for."""
    session, account = await _session_with_factor(deps, session_id)
    if not account.passkeys:
        raise NoFactorError
    return ask_for_passkey(deps, account, _asked(session))


async def step_up_with_passkey(deps: Deps, session_id: str, credential: dict[str, Any]) -> str:
    """Show a passkey again in the own session; the access token that says so."""
    session, account = await _session_with_factor(deps, session_id)
    where = guessing_in_session(deps, Guess.PASSKEY, session.id)
    shown = await show_passkey(deps, account, credential, _asked(session), where)
    return await _raised(deps, session, account, shown)


async def _session_with_factor(deps: Deps, session_id: str) -> tuple[Session, Account]:
    session, account = await live_session(deps, session_id)
    if account.label == RSP:
        raise FactorElsewhereError(deps.policy.reseller_portal_url)
    if not account.has_second_factor:
        raise NoFactorError
    return session, account


def _asked(session: Session) -> Asked:
    """Where a passkey was the only step, the authenticator verifies its user again."""
    needs_user = not amr_after(session.amr, ())
    return Asked(Ceremony.STEP_UP, f"{session.account_id}:{session.id}", needs_user)


async def _raised(deps: Deps, session: Session, account: Account, shown: tuple[str, ...]) -> str:
    amr = amr_after(session.amr, shown)
    proved = await deps.sessions.prove(session.id, account.id, deps.now(), amr)
    if proved is None:
        raise SessionEndedError
    return deps.signer.access_token(account, proved, deps.now())


async def replace_recovery_codes(deps: Deps, account_id: str) -> list[str]:
    """Ten new recovery codes; those before are good for nothing from now on."""
    account = await deps.accounts.get(account_id)
    if account is None:
        raise NotFoundError
    if not account.has_second_factor:
        raise NoFactorError
    codes, hashes = fresh_codes(account)

    async def work(tx: Transaction) -> None:
        changed = await deps.codes.replace_recovery(account, hashes, tx)
        if changed is None:
            raise NoFactorError
        notice = RecoveryCodesReplaced(**addressee(account), replaced_at=deps.now())
        tx.publish(notice, sequence=changed.version)

    await deps.transact(work)
    return codes
