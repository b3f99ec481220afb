"""Signing in with a passkey: after the password, or with nothing else."""

from typing import Any

from services.auth.actions.give_code import challenged
from services.auth.actions.guessing import Guessing, Visitor, guessing_at
from services.auth.actions.refusals import count_refusal
from services.auth.actions.show_passkey import Asked, ask_for_passkey, show_passkey, take_answer
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.clients.passkey_answers import user_handle_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.links import digest
from services.auth.domain.passkeys import Ceremony, PasskeyRefusedError
from services.auth.domain.throttle import Guess, Place, Scope
from shared.ids import VENDOR

_ALONE = Asked(Ceremony.SIGN_IN, "", needs_user=True)


async def passkey_options(deps: Deps, challenge: str | None) -> dict[str, Any]:
    """What to ask the authenticator for: one of whoever gave a password, or any that it has."""
    if challenge is None:
        return ask_for_passkey(deps, None, _ALONE)
    step = deps.signer.read_challenge(challenge, deps.now())
    return ask_for_passkey(deps, await challenged(deps, step), _after(challenge))


async def second_step(
    deps: Deps, challenge: str, credential: dict[str, Any], visitor: Visitor
) -> SignedIn:
    step = deps.signer.read_challenge(challenge, deps.now())
    account = await challenged(deps, step)
    where = guessing_at(deps, Guess.PASSKEY, account.org, account.username, account, visitor)
    try:
        shown = await show_passkey(deps, account, credential, _after(challenge), where)
    except PasskeyRefusedError:
        await count_refusal(deps, account.org, account, "passkey", where)
        raise
    return await start_session(
        deps, account, visitor, amr=("pwd", *shown), wants_body=step.wants_body
    )


async def only_step(
    deps: Deps, credential: dict[str, Any], visitor: Visitor, *, wants_body: bool
) -> SignedIn:
    """Sign in without user name and password: the answer says whose it is and proves it.

    Nobody guesses a signature, and the account is not known before: the source is what is slowed.
    """
    source = Place(Guess.PASSKEY, Scope.SOURCE, visitor.source, deps.policy.paces.source)
    if not await deps.attempts.are_open([source], deps.now()):
        await deps.attempts.held_back([source], deps.now())
        await _count(deps, None, source)
        raise PasskeyRefusedError
    named = None
    try:
        named = await deps.accounts.get(user_handle_in(credential) or "")
        account = await _if_it_may_sign_in(deps, named)
        passkey = await take_answer(deps, account, credential, _ALONE)
    except PasskeyRefusedError:
        await deps.attempts.failed([source], deps.now())
        await _count(deps, named, source)
        raise
    assert account is not None, "an answer without an account is refused"
    return await start_session(deps, account, visitor, amr=passkey.shows, wants_body=wants_body)


async def _count(deps: Deps, named: Account | None, source: Place) -> None:
    """For the account that the user handle leads to, whoever has sent it."""
    await count_refusal(deps, named.org if named else VENDOR, named, "passkey", Guessing(source))


async def _if_it_may_sign_in(deps: Deps, account: Account | None) -> Account | None:
    is_open = await deps.organisations.is_open(account.org if account else "")
    return account if account is not None and account.may_sign_in and is_open else None


def _after(challenge: str) -> Asked:
    return Asked(Ceremony.SECOND_STEP, digest(challenge), needs_user=False)
