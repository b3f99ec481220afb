"""Setting a password: with a one-time link, or knowing the old one."""

from services.auth.actions.end_session import end_all
from services.auth.actions.guessing import guessing_in_session, is_right_password
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status, addressee, username_key
from services.auth.domain.links import LinkError, Purpose, digest
from services.auth.domain.passwords import Owner, check_password, owner_words
from services.auth.domain.signing_in import LoginRefusedError
from services.auth.domain.throttle import Guess, Place, Scope
from shared.contracts.auth import PasswordChanged
from shared.errors import ConflictError, NotFoundError
from shared.outbox import Transaction


async def set_password_by_link(deps: Deps, token: str, new_password: str) -> None:
    """Redeem a reset or an invitation. The second factor stays; nobody is signed in."""
    link = await deps.links.find(digest(token), deps.now())
    account = await deps.accounts.get(link.account_id) if link else None
    if link is None or account is None or not _fits(link.purpose, account):
        raise LinkError
    if not await deps.organisations.is_open(account.org):
        raise LinkError
    await _check(deps, account, new_password)
    password_hash = await deps.hasher.hash(new_password)

    async def work(tx: Transaction) -> None:
        if await deps.links.use(link.digest, deps.now(), tx) is None:
            raise LinkError
        await _save(deps, account, password_hash, tx)
        await end_all(deps, account, "password_reset", tx)

    await deps.transact(work)
    await _let_owner_in(deps, account)


async def change_password(
    deps: Deps, account_id: str, session_id: str, old_password: str, new_password: str
) -> None:
    """Replace the own password; every other session ends."""
    account = await deps.accounts.get(account_id)
    if account is None:
        raise NotFoundError
    where = guessing_in_session(deps, Guess.OLD_PASSWORD, session_id)
    if not await is_right_password(deps, where, account.password_hash, old_password):
        raise OldPasswordError
    await _check(deps, account, new_password)
    password_hash = await deps.hasher.hash(new_password)

    async def work(tx: Transaction) -> None:
        await _save(deps, account, password_hash, tx)
        await end_all(deps, account, "password_changed", tx, but=session_id)

    await deps.transact(work)


async def _let_owner_in(deps: Deps, account: Account) -> None:
    """Forget what was guessed at the old password: it is of no use to anybody any more."""
    whom = f"{account.org}/{username_key(account.username)}"
    place = Place(Guess.PASSWORD, Scope.ACCOUNT, whom, deps.policy.paces.account)
    await deps.attempts.forget(place)


class OldPasswordError(LoginRefusedError):
    status = 403
    code = "old_password_wrong"
    detail = "The old password is not right."


def _fits(purpose: Purpose, account: Account) -> bool:
    wanted = Status.INVITED if purpose is Purpose.INVITATION else Status.ACTIVE
    return account.status is wanted


async def _check(deps: Deps, account: Account, new_password: str) -> None:
    org_name = await deps.organisations.name_of(account.org)
    names = (account.display_name, account.email.partition("@")[0], org_name)
    words = owner_words(username=account.username, org=account.org, names=names)
    owner = Owner(has_second_factor=account.has_second_factor, words=words)
    check_password(new_password, owner, deps.common_passwords)


async def _save(deps: Deps, account: Account, password_hash: str, tx: Transaction) -> None:
    now = deps.now()
    changed = await deps.accounts.change(
        account,
        tx,
        password_hash=password_hash,
        password_changed_at=now,
        status=Status.ACTIVE.value,
    )
    if changed is None:
        raise ConflictError
    await deps.links.kill(account.id, tx)
    notice = PasswordChanged(
        **addressee(account),
        changed_at=now,
    )
    tx.publish(notice, sequence=changed.version)
