"""New accounts: by invitation, so that nobody but the user ever knows the password."""

import secrets
from datetime import datetime

from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status
from services.auth.domain.links import Link, Purpose, digest
from shared.access import Role
from shared.contracts.auth import AccountInvited
from shared.contracts.tenancy import TenantCreated
from shared.ids import new_id
from shared.outbox import Transaction


async def invite_first_admin(deps: Deps, created: TenantCreated, tx: Transaction) -> None:
    """Invite whoever is to manage a new tenant, where somebody was named."""
    if created.first_admin is None:
        return
    now = deps.now()
    account = Account(
        id=new_id(),
        org=created.tenant_id,
        username=created.first_admin.username,
        email=created.first_admin.email,
        display_name=created.first_admin.display_name,
        locale=created.first_admin.locale,
        roles=(Role.ADMIN,),
        label=None,
        status=Status.INVITED,
        password_hash=None,
        password_changed_at=now,
        totp=None,
        pending_totp=None,
        recovery_hashes=(),
        created_at=now,
        version=1,
    )
    await deps.accounts.add(account, tx)
    await _send_invitation(deps, account, created.name, now, tx)


async def _send_invitation(
    deps: Deps, account: Account, org_name: str, now: datetime, tx: Transaction
) -> None:
    token = secrets.token_urlsafe(32)
    link = Link(
        digest(token), account.id, Purpose.INVITATION, now, now + deps.policy.invitation_life
    )
    await deps.links.replace(link, tx)
    invitation = AccountInvited(
        account_id=account.id,
        org=account.org,
        org_name=org_name,
        username=account.username,
        display_name=account.display_name,
        email=account.email,
        locale=account.locale,
        sealed_token=deps.vault.seal_for_mailer(account.id, token),
        expires_at=link.expires_at,
    )
    tx.publish(invitation, sequence=account.version)
