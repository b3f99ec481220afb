"""What the Reseller Portal is told of an account."""

from services.auth.domain.accounts import RSP, Account
from shared.contracts.auth import PersonRecorded
from shared.ids import OrgKind, kind_of


def person(account: Account) -> PersonRecorded | None:
    """The account as one of a reseller's staff; None where it belongs to another organisation."""
    if kind_of(account.org) is not OrgKind.RESELLER:
        return None
    elsewhere = account.portal_user_id if account.label == RSP else None
    return PersonRecorded(
        user_id=elsewhere or account.id,
        reseller_id=account.org,
        username=account.username,
        email=account.email,
        display_name=account.display_name,
        locale=account.locale,
        roles=list(account.roles),
        status=account.status.value,
        label=account.label,
    )
