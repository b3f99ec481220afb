"""Registering passkeys, naming them, and giving them up."""

from dataclasses import dataclass
from typing import Any

from services.auth.actions.activation import Activating, check_may_add, end_activation, fresh_codes
from services.auth.actions.compulsion import compulsion_in
from services.auth.actions.own_account import read_own
from services.auth.actions.start_session import SignedIn
from services.auth.clients.passkey_answers import challenge_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, addressee
from services.auth.domain.deadlines import deadline_of
from services.auth.domain.factors import check_passkey_may_go
from services.auth.domain.passkeys import (
    MOST,
    Ceremony,
    Passkey,
    PasskeyInvalidError,
    PasskeyRefusedError,
    TooManyPasskeysError,
)
from shared.contracts.auth import PasskeyRegistered, PasskeyRemoved
from shared.errors import ConflictError, NotFoundError, PreconditionError
from shared.ids import new_id
from shared.outbox import Transaction


@dataclass(frozen=True)
class Registered:
    passkey: Passkey
    recovery_codes: list[str]
    """Empty where the account has got them with another factor."""
    signed_in: SignedIn | None


def offer_passkey(deps: Deps, by: Activating) -> dict[str, Any]:
    """What the browser hands to an authenticator that is to make a key."""
    _check(deps, by)
    challenge = deps.ceremonies.begin(Ceremony.REGISTRATION, by.bound_to, deps.now())
    return deps.relying_party.creation_options(by.account, challenge)


async def register_passkey(
    deps: Deps, by: Activating, name: str, credential: dict[str, Any]
) -> Registered:
    """Keep the key that an authenticator has made. The first factor comes with recovery codes."""
    _check(deps, by)
    passkey = await _made(deps, by, name, credential)
    is_first = not by.account.has_second_factor
    codes, hashes = fresh_codes(by.account) if is_first else ([], None)

    async def work(tx: Transaction) -> Account:
        changed = await deps.passkeys.add(by.account, passkey, hashes, tx)
        if changed is None:
            raise ConflictError
        notice = PasskeyRegistered(
            **addressee(changed),
            passkey_id=passkey.id,
            name=passkey.name,
            registered_at=passkey.created_at,
        )
        tx.publish(notice, sequence=changed.version)
        return changed

    changed, signed_in = await deps.transact(work), None
    if is_first:
        signed_in = await end_activation(deps, by, changed, passkey.shows)
    return Registered(passkey, codes, signed_in)


def _check(deps: Deps, by: Activating) -> None:
    check_may_add(deps, by)
    if len(by.account.passkeys) >= MOST:
        raise TooManyPasskeysError


async def _made(deps: Deps, by: Activating, name: str, credential: dict[str, Any]) -> Passkey:
    now = deps.now()
    try:
        challenge = challenge_in(credential)
        deps.ceremonies.check(challenge, Ceremony.REGISTRATION, by.bound_to, now)
    except PasskeyRefusedError as error:
        raise PasskeyInvalidError from error
    made = deps.relying_party.check_creation(credential, challenge)
    if not await deps.spent.spend("passkey", challenge.hex(), now):
        raise PasskeyInvalidError
    return Passkey(**vars(made), id=new_id(), name=name, created_at=now)


async def read_passkey(deps: Deps, account_id: str, passkey_id: str) -> Passkey:
    return _one_of(await read_own(deps, account_id), passkey_id)


async def rename_passkey(
    deps: Deps, account_id: str, passkey_id: str, version: int, name: str
) -> Passkey:
    """Give it another name, if it is still as it was read."""
    await read_passkey(deps, account_id, passkey_id)
    account = await deps.passkeys.rename(account_id, passkey_id, version, name)
    if account is None:
        raise PreconditionError
    return _one_of(account, passkey_id)


async def remove_passkey(deps: Deps, account: Account, passkey_id: str) -> None:
    """Give a passkey up, while there is another way in and another factor where one must be."""
    now, passkey = deps.now(), _one_of(account, passkey_id)
    deadline = deadline_of(account, await compulsion_in(deps, account.org))
    check_passkey_may_go(account, passkey_id, deadline, now)
    is_last = account.totp is None and len(account.passkeys) == 1

    async def work(tx: Transaction) -> None:
        changed = await deps.passkeys.remove(account, passkey_id, tx, with_codes=is_last)
        if changed is None:
            raise ConflictError
        notice = PasskeyRemoved(
            **addressee(account),
            passkey_id=passkey.id,
            name=passkey.name,
            removed_at=now,
            is_last_factor=is_last,
        )
        tx.publish(notice, sequence=changed.version)

    await deps.transact(work)


def _one_of(account: Account, passkey_id: str) -> Passkey:
    for passkey in account.passkeys:
        if passkey.id == passkey_id:
            return passkey
    raise NotFoundError
