"""Asking for a passkey and taking its answer, once."""

from dataclasses import dataclass
from typing import Any

import structlog

from services.auth.actions.guessing import Guessing, take_code_try
from services.auth.clients.passkey_answers import challenge_in, user_handle_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, addressee
from services.auth.domain.passkeys import Ceremony, Passkey, PasskeyRefusedError
from shared.contracts.auth import PasskeySuspected
from shared.outbox import Transaction

log = structlog.get_logger()


@dataclass(frozen=True)
class Asked:
    """What a passkey is asked for, and whose sign-in or session that belongs to."""

    ceremony: Ceremony
    bound_to: str
    needs_user: bool
    """Whether the authenticator has to verify who uses it, by a PIN, a finger or a face."""


def ask_for_passkey(deps: Deps, account: Account | None, asked: Asked) -> dict[str, Any]:
    """What the browser hands to an authenticator; without an account it offers what it has."""
    challenge = deps.ceremonies.begin(asked.ceremony, asked.bound_to, deps.now())
    passkeys = account.passkeys if account else ()
    return deps.relying_party.request_options(passkeys, challenge, needs_user=asked.needs_user)


async def show_passkey(
    deps: Deps, account: Account, credential: dict[str, Any], asked: Asked, where: Guessing
) -> tuple[str, ...]:
    """Take an answer of one of the account's passkeys: what it shows (`amr`)."""
    if not await take_code_try(deps, where):
        raise PasskeyRefusedError
    try:
        passkey = await take_answer(deps, account, credential, asked)
    except PasskeyRefusedError:
        await deps.attempts.failed(where.around, deps.now())
        raise
    await deps.attempts.forget(where.own)
    return passkey.shows


async def take_answer(
    deps: Deps, account: Account | None, credential: dict[str, Any], asked: Asked
) -> Passkey:
    """The passkey that has answered; PasskeyRefusedError for whatever is wrong with the answer.

    Without an account, or with a passkey of another one, the same work ends in the same refusal.
    """
    passkey = _answering(account, credential)
    challenge = challenge_in(credential)
    deps.ceremonies.check(challenge, asked.ceremony, asked.bound_to, deps.now())
    sign_count = deps.relying_party.check_assertion(
        credential, challenge, passkey, needs_user=asked.needs_user
    )
    if account is None or passkey is None:
        raise PasskeyRefusedError
    if not await deps.spent.spend("passkey", challenge.hex(), deps.now()):
        raise PasskeyRefusedError
    await _take_counter(deps, account, passkey, sign_count)
    return passkey


def _answering(account: Account | None, credential: dict[str, Any]) -> Passkey | None:
    """The account's passkey that an answer names, if it says of no other account that it is its."""
    handle = user_handle_in(credential)
    if account is None or handle not in {None, account.id}:
        return None
    found = (one for one in account.passkeys if one.credential_id == credential["id"])
    return next(found, None)


async def _take_counter(deps: Deps, account: Account, passkey: Passkey, sign_count: int) -> None:
    is_ahead = not passkey.is_behind(sign_count)
    now = deps.now()
    if is_ahead and await deps.passkeys.accept(account.id, passkey, sign_count, now):
        return
    log.warning("passkey_suspected", account=account.id, passkey=passkey.id)
    suspected = PasskeySuspected(
        **addressee(account), passkey_id=passkey.id, name=passkey.name, suspected_at=now
    )

    async def work(tx: Transaction) -> None:
        tx.publish(suspected, sequence=account.version)

    await deps.transact(work)
    raise PasskeyRefusedError
