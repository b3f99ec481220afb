"""A lost second factor: an admin asks, the owner may stop it, time carries it out."""

import secrets

import structlog

from services.auth.actions.end_session import end_all
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, addressee
from services.auth.domain.factor_resets import (
    FactorReset,
    ResetDoneError,
    ResetState,
    check_resettable,
)
from services.auth.domain.links import LinkError, digest
from services.auth.domain.users import check_grant
from shared.context import Cause, acting_as, begin, cause
from shared.contracts.auth import (
    PasskeyRemoved,
    TotpRemoved,
    TotpResetAsked,
    TotpResetDone,
    TotpResetStopped,
)
from shared.errors import NotFoundError
from shared.ids import new_id
from shared.outbox import Transaction
from shared.passes import Pass
from shared.sweeps import Sweep

log = structlog.get_logger()


async def ask_reset(deps: Deps, caller: Pass, account_id: str, reason: str) -> FactorReset:
    """Have the second factor of an account of this place taken off when its owner had time to
    object; the owner is told at once.
    """
    account = await deps.accounts.get_in(caller.place, account_id)
    if account is None:
        raise NotFoundError
    check_grant(account.org, account.roles, caller.permissions)
    check_resettable(account, deps.policy.reseller_portal_url)
    token, now = secrets.token_urlsafe(32), deps.now()
    reset = FactorReset(
        id=new_id(),
        account_id=account.id,
        org=account.org,
        reason=reason,
        asked_by=caller.subject,
        asked_by_org=caller.org,
        request_id=cause().request_id,
        asked_at=now,
        due_at=now + deps.policy.totp_reset_wait,
        stop_digest=digest(token),
    )
    asked = _asked(deps, account, reset, token)

    async def work(tx: Transaction) -> None:
        await deps.factor_resets.add(reset, tx)
        tx.publish(asked, sequence=account.version)

    await deps.transact(work)
    log.info("totp_reset_asked", account=account.id, due_at=reset.due_at.isoformat())
    return reset


def _asked(deps: Deps, account: Account, reset: FactorReset, token: str) -> TotpResetAsked:
    return TotpResetAsked(
        **addressee(account),
        reset_id=reset.id,
        reason=reset.reason,
        asked_at=reset.asked_at,
        due_at=reset.due_at,
        sealed_token=deps.vault.seal_for_mailer(account.id, token),
    )


async def stop_reset(deps: Deps, token: str) -> None:
    """Stop the reset that a mail's link is about; a link works once and only in time.

    ResetDoneError where it comes too late: its owner should hear that, above all without a wait.
    """

    async def work(tx: Transaction) -> None:
        reset = await deps.factor_resets.stop(digest(token), deps.now(), tx)
        if reset is None:
            is_done = await deps.factor_resets.is_done(digest(token), tx)
            raise ResetDoneError if is_done else LinkError
        acting_as(reset.account_id, reset.org)
        stopped = TotpResetStopped(
            account_id=reset.account_id, org=reset.org, reset_id=reset.id, reason=reset.reason
        )
        tx.publish(stopped)

    await deps.transact(work)


async def finish_resets(deps: Deps) -> None:
    """Carry out every reset whose wait is over; replicas may do this side by side."""
    sweep = Sweep()
    while (reset := await deps.factor_resets.next_due(deps.now(), sweep.failed)) is not None:
        begin(Cause(reset.request_id, reset.asked_by, actor_org=reset.asked_by_org))
        with sweep.over(reset.id):
            await _finish(deps, reset)


async def _finish(deps: Deps, reset: FactorReset) -> None:
    now = deps.now()

    async def work(tx: Transaction) -> ResetState | None:
        account = await deps.accounts.get(reset.account_id, tx)
        fits = account is not None and reset.still_fits(account)
        state = ResetState.DONE if fits else ResetState.VOID
        if not await deps.factor_resets.end(reset.id, state, now, tx):
            return None
        if account is not None and fits:
            await _take_off(deps, account, reset, tx)
        return state

    state = await deps.transact(work)
    if state is not None:
        log.info("totp_reset_ended", account=reset.account_id, state=state)


async def _take_off(deps: Deps, account: Account, reset: FactorReset, tx: Transaction) -> None:
    """All factors at once: whoever can't show one can't tell which of them are safe."""
    changed = await deps.accounts.change(
        account, tx, totp=None, pending_totp=None, passkeys=[], recovery_hashes=[]
    )
    assert changed is not None, "it was read in this very transaction"
    await end_all(deps, account, "totp_reset", tx)
    for passkey in account.passkeys:
        removed = PasskeyRemoved(
            **addressee(account),
            passkey_id=passkey.id,
            name=passkey.name,
            removed_at=deps.now(),
            reason=reset.reason,
        )
        tx.publish(removed, sequence=changed.version)
    tx.publish(
        TotpRemoved(**addressee(account), removed_at=deps.now(), reason=reset.reason),
        sequence=changed.version,
    )
    tx.publish(
        TotpResetDone(
            account_id=account.id, org=account.org, reset_id=reset.id, reason=reset.reason
        ),
        sequence=changed.version,
    )
