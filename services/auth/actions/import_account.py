"""Taking over an account from elsewhere, with its password and second factor."""

from dataclasses import dataclass

from services.auth.clients.imported_hashes import ImportedHashError, check_importable
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, Account, IssuerSubject, Status, Totp
from shared.ids import new_id
from shared.outbox import Transaction


@dataclass(frozen=True)
class ImportedAccount:
    org: str
    username: str
    password: str | None
    """None where the hash is taken over instead."""
    totp_secret: str | None
    roles: tuple[str, ...]
    email: str
    display_name: str
    locale: str
    password_hash: str | None = None
    """Argon2id, bcrypt or PBKDF2; replaced at the first right sign-in."""
    issuer_subject: IssuerSubject | None = None
    """Who it is at the Reseller Portal, where it lives there; it then needs no password here."""
    is_primary: bool = False


async def import_account(deps: Deps, given: ImportedAccount) -> bool:
    """Add the account as active; False, and nothing is changed, where the user name is taken."""
    if await deps.accounts.is_taken(given.org, given.username):
        return False
    account_id, now = new_id(), deps.now()
    totp = None
    if given.totp_secret is not None:
        totp = Totp(deps.vault.lock_totp(account_id, given.totp_secret), 0, now)
    account = Account(
        id=account_id,
        org=given.org,
        username=given.username,
        email=given.email,
        display_name=given.display_name,
        locale=given.locale,
        roles=given.roles,
        label=RSP if given.issuer_subject else None,
        status=Status.ACTIVE,
        password_hash=await _hash(deps, given),
        password_changed_at=now,
        totp=totp,
        pending_totp=None,
        recovery_hashes=(),
        created_at=now,
        version=1,
        issuer_subject=given.issuer_subject,
        is_primary=given.is_primary,
    )

    async def work(tx: Transaction) -> None:
        await deps.accounts.add(account, tx=tx)

    await deps.transact(work)
    return True


async def _hash(deps: Deps, given: ImportedAccount) -> str | None:
    if given.password is not None:
        return await deps.hasher.hash(given.password)
    if given.issuer_subject is not None and given.password_hash is None:
        return None
    if given.password_hash is None:
        raise ImportedHashError
    check_importable(given.password_hash)
    return given.password_hash
