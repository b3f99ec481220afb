"""Carrying out what the Reseller Portal says of the people of its companies.

It owns who they are, how they are reached and whether they may sign in; it has them sign in there.
Their roles and our comment on them are ours.
"""

from typing import Any

import structlog

from services.auth.actions.end_session import end_all
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, Account, IssuerSubject, Status
from services.auth.domain.users import UsernameTakenError, sorted_roles
from shared.contracts.auth import AccountDeleted, AccountDisabled
from shared.contracts.reseller_portal import UserRemoved, UserUpserted
from shared.errors import ConflictError
from shared.ids import new_id
from shared.outbox import Transaction
from shared.sync import ForeignRecordError, Known, NotYetKnownError

log = structlog.get_logger()


async def upsert_person(deps: Deps, said: UserUpserted, sequence: int, tx: Transaction) -> bool:
    """An account for somebody who has none here, or the one that there is as it is said to be."""
    known = await _own(deps, said, tx)
    if known is not None and known.sequence >= sequence:
        return False
    if not (await deps.organisations.get(said.reseller_id, tx)).sequence:
        raise NotYetKnownError("unknown_company")
    account = await _account(deps, said, known, tx)
    found = await deps.accounts.find(said.reseller_id, said.username, tx)
    if found is not None and (account is None or found.id != account.id):
        raise UsernameTakenError
    if account is None:
        account, is_changed = await _add(deps, said, tx), True
    else:
        is_changed = await _change(deps, account, said, tx)
    await deps.synced.note(said.user_id, said.reseller_id, sequence, tx, ours=account.id)
    return is_changed


async def remove_person(deps: Deps, said: UserRemoved, sequence: int, tx: Transaction) -> bool:
    """Delete the account; whoever it was is signed out."""
    known = await _own(deps, said, tx)
    if known is not None and known.sequence >= sequence:
        return False
    await deps.synced.note(said.user_id, said.reseller_id, sequence, tx, is_removed=True)
    account = await deps.accounts.get(known.ours, tx) if known and known.ours else None
    if account is None:
        return False
    if not await deps.accounts.remove(account, tx):
        raise ConflictError
    await deps.links.kill(account.id, tx)
    await deps.known_devices.forget(account.id, tx)
    await end_all(deps, account, "account_deleted", tx)
    deleted = AccountDeleted(account_id=account.id, org=account.org)
    tx.publish(deleted, sequence=account.version + 1)
    log.info("user_deleted", org=account.org, user_id=account.id)
    return True


async def _own(deps: Deps, said: UserUpserted | UserRemoved, tx: Transaction) -> Known | None:
    """What is known of the person; ForeignRecordError where another company has it."""
    known = await deps.synced.get(said.user_id, tx)
    if known is not None and known.reseller_id != said.reseller_id and not known.is_removed:
        raise ForeignRecordError
    return known


async def _account(
    deps: Deps, said: UserUpserted, known: Known | None, tx: Transaction
) -> Account | None:
    """The person's account, also where it was taken over from elsewhere before."""
    if known is not None and known.ours is not None:
        return await deps.accounts.get(known.ours, tx)
    elsewhere = _elsewhere(deps, said)
    if elsewhere is None:
        return None
    account = await deps.accounts.find_elsewhere(elsewhere.issuer, elsewhere.subject, tx)
    if account is not None and account.org != said.reseller_id:
        raise ForeignRecordError
    return account


async def _add(deps: Deps, said: UserUpserted, tx: Transaction) -> Account:
    elsewhere, now = _elsewhere(deps, said), deps.now()
    account = Account(
        id=new_id(),
        org=said.reseller_id,
        username=said.username,
        email=said.email,
        display_name=said.display_name,
        locale=said.locale,
        roles=sorted_roles(said.reseller_id, said.initial_roles),
        label=RSP,
        status=_status(said),
        password_hash=None,
        password_changed_at=now,
        totp=None,
        pending_totp=None,
        recovery_hashes=(),
        created_at=now,
        version=1,
        issuer_subject=elsewhere,
        portal_user_id=said.user_id,
    )
    await deps.accounts.add(account, tx=tx)
    log.info("user_taken_over", org=account.org, user_id=account.id)
    return account


async def _change(deps: Deps, account: Account, said: UserUpserted, tx: Transaction) -> bool:
    elsewhere = _elsewhere(deps, said) or account.issuer_subject
    wanted: dict[str, Any] = {
        "username": said.username,
        "email": said.email,
        "display_name": said.display_name,
        "locale": said.locale,
        "status": _status(said),
        "issuer_subject": elsewhere,
        "portal_user_id": said.user_id,
        "label": RSP,
    }
    changes = {name: value for name, value in wanted.items() if getattr(account, name) != value}
    if not changes:
        return False
    if elsewhere is not None and "issuer_subject" in changes:
        changes["issuer_subject"] = {"issuer": elsewhere.issuer, "subject": elsewhere.subject}
    if "status" in changes:
        changes["status"] = changes["status"].value
    changed = await deps.accounts.change(account, tx, **changes)
    if changed is None:
        raise ConflictError
    if account.status is not Status.DISABLED and changed.status is Status.DISABLED:
        await deps.links.kill(account.id, tx)
        await end_all(deps, account, "account_disabled", tx)
        told = AccountDisabled(account_id=account.id, org=account.org)
        tx.publish(told, sequence=changed.version)
    log.info("user_edited", org=account.org, user_id=account.id, fields=sorted(changes))
    return True


def _elsewhere(deps: Deps, said: UserUpserted) -> IssuerSubject | None:
    """Who it is at the issuer, where one is configured: a full sync tells it later otherwise."""
    return IssuerSubject(deps.issuer.client.issuer, said.user_id) if deps.issuer else None


def _status(said: UserUpserted) -> Status:
    return Status.ACTIVE if said.is_active else Status.DISABLED
