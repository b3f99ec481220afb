"""Signing in, second step: a code of the authenticator app, or a recovery code."""

from datetime import UTC, datetime

from services.auth.actions.guessing import Guessing, Visitor, guessing_at, take_code_try
from services.auth.actions.refusals import count_refusal
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.clients.tokens import Challenge
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Totp, addressee
from services.auth.domain.signing_in import CodeRefusedError
from services.auth.domain.throttle import Guess
from services.auth.domain.totp import is_recovery_code, matching_step, recovery_hash
from shared.contracts.auth import RecoveryCodeUsed
from shared.outbox import Transaction


async def give_code(deps: Deps, challenge: str, code: str, visitor: Visitor) -> SignedIn:
    step = deps.signer.read_challenge(challenge, deps.now())
    account = await challenged(deps, step)
    where = guessing_at(deps, Guess.CODE, account.org, account.username, account, visitor)
    try:
        account, shown = await show_factor(deps, account, code, where)
    except CodeRefusedError:
        await count_refusal(deps, account.org, account, "code", where)
        raise
    amr = ("pwd", *shown)
    return await start_session(deps, account, visitor, amr=amr, wants_body=step.wants_body)


async def show_factor(
    deps: Deps, account: Account, code: str, where: Guessing
) -> tuple[Account, tuple[str, ...]]:
    """Take a code of the account, once: the account as it is then, and what was shown (`amr`)."""
    if not account.has_second_factor or not await take_code_try(deps, where):
        raise CodeRefusedError
    shown = ("mfa", "otp")
    if is_recovery_code(code):
        account = await _take_recovery_code(deps, account, code, where)
        shown = ("mfa", "kba")
    else:
        await _take_totp(deps, account, account.totp, code, where)
    await deps.attempts.forget(where.own)
    return account, shown


async def challenged(deps: Deps, step: Challenge) -> Account:
    """The account that gave its password; a password changed since makes the challenge void, and so
    does an organisation that was closed since, also where it is open again.
    """
    account = await deps.accounts.get(step.account_id)
    if account is None or not account.may_sign_in:
        raise CodeRefusedError
    organisation = await deps.organisations.get(account.org)
    if not organisation.lets_in(datetime.fromtimestamp(step.issued_at, UTC)):
        raise CodeRefusedError
    if not step.was_given_password_of(account):
        raise CodeRefusedError
    return account


async def _take_totp(
    deps: Deps, account: Account, totp: Totp | None, code: str, where: Guessing
) -> None:
    step = None
    if totp is not None:
        secret = deps.vault.unlock_totp(account.id, totp.locked_secret)
        step = matching_step(secret, code, deps.now())
    if step is None:
        await deps.attempts.failed(where.around, deps.now())
        raise CodeRefusedError
    if not await deps.codes.accept_step(account.id, step):
        await deps.attempts.give_back(where.own)  # a right code that was used already is no guess
        raise CodeRefusedError


async def _take_recovery_code(deps: Deps, account: Account, code: str, where: Guessing) -> Account:
    digest = recovery_hash(account.id, code)

    async def work(tx: Transaction) -> Account | None:
        changed = await deps.codes.accept_recovery(account, digest, tx)
        if changed is not None:
            notice = RecoveryCodeUsed(
                **addressee(changed),
                used_at=deps.now(),
                codes_left=len(changed.recovery_hashes),
            )
            tx.publish(notice, sequence=changed.version)
        return changed

    changed = await deps.transact(work)
    if changed is None:
        await deps.attempts.failed(where.around, deps.now())
        raise CodeRefusedError
    return changed
