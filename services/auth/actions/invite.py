"""New accounts: by invitation, so that nobody but the user ever knows the password."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status
from services.auth.domain.links import MAILS_PER_HOUR, Link, Purpose, digest
from shared.access import Role
from shared.context import cause
from shared.contracts.auth import AccountInvited
from shared.contracts.tenancy import FirstAdmin
from shared.errors import TooManyError
from shared.ids import OrgKind, kind_of, new_id
from shared.outbox import Transaction

_HOUR: Final = timedelta(hours=1)


class TooManyInvitationsError(TooManyError):
    code = "too_many_invitations"
    detail = f"At most {MAILS_PER_HOUR} invitations an hour are sent to one user."


@dataclass(frozen=True)
class NewUser:
    """Whom to invite, as what."""

    username: str
    email: str
    display_name: str
    locale: str
    roles: tuple[str, ...]
    comment: str = ""


@dataclass(frozen=True)
class Invitation:
    """A link, its token, and the same token as only the mailer can read it."""

    link: Link
    token: str
    sealed_token: str


async def invite_first(
    deps: Deps, org: str, first: FirstAdmin | None, role: Role, tx: Transaction
) -> Account | None:
    """Invite whoever is to manage a new organisation, where somebody was named."""
    if first is None:
        return None
    user = NewUser(
        username=first.username,
        email=first.email,
        display_name=first.display_name,
        locale=first.locale,
        roles=(role,),
    )
    account = replace(invited_account(deps, org, user), is_primary=kind_of(org) is OrgKind.RESELLER)
    await add_invited(deps, [(account, an_invitation(deps, account))], tx)
    return account


def invited_account(deps: Deps, org: str, user: NewUser) -> Account:
    now = deps.now()
    return Account(
        id=new_id(),
        org=org,
        username=user.username,
        email=user.email,
        display_name=user.display_name,
        locale=user.locale,
        roles=user.roles,
        label=None,
        status=Status.INVITED,
        password_hash=None,
        password_changed_at=now,
        totp=None,
        pending_totp=None,
        recovery_hashes=(),
        created_at=now,
        version=1,
        comment=user.comment,
    )


def an_invitation(deps: Deps, account: Account) -> Invitation:
    token, now = secrets.token_urlsafe(32), deps.now()
    until = now + deps.policy.invitation_life
    giver = cause().actor_org
    of_another = {"org": account.org, "given_by": giver} if giver not in {None, account.org} else {}
    link = Link(digest(token), account.id, Purpose.INVITATION, now, until, **of_another)
    return Invitation(link, token, deps.vault.seal_for_mailer(account.id, token))


async def add_invited(
    deps: Deps, invited: list[tuple[Account, Invitation]], tx: Transaction
) -> None:
    """Add accounts of one organisation and mail each of them; all of them or none."""
    await deps.accounts.add(*(account for account, _ in invited), tx=tx)
    await deps.links.add_first(*(invitation.link for _, invitation in invited), tx=tx)
    org_name = await deps.organisations.name_of(invited[0][0].org, tx)
    for account, invitation in invited:
        _publish(account, invitation, org_name, tx)


async def invite_again(
    deps: Deps, account: Account, tx: Transaction, *, by_mail: bool = True
) -> Invitation:
    """A new invitation; the one before is void. TooManyInvitationsError after three an hour."""
    now = deps.now()
    made = await deps.links.times_since(account.id, now - _HOUR, tx)
    if len(made) >= MAILS_PER_HOUR:
        wait = made[-MAILS_PER_HOUR] + _HOUR - now
        raise TooManyInvitationsError(retry_after_seconds=int(wait.total_seconds()) + 1)
    invitation = an_invitation(deps, account)
    await deps.links.replace(invitation.link, tx)
    if by_mail:
        org_name = await deps.organisations.name_of(account.org, tx)
        _publish(account, invitation, org_name, tx)
    return invitation


def _publish(account: Account, invitation: Invitation, org_name: str, tx: Transaction) -> None:
    invited = AccountInvited(
        account_id=account.id,
        org=account.org,
        org_name=org_name,
        username=account.username,
        display_name=account.display_name,
        email=account.email,
        locale=account.locale,
        sealed_token=invitation.sealed_token,
        expires_at=invitation.link.expires_at,
    )
    tx.publish(invited, sequence=account.version)
