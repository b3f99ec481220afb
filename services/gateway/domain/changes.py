"""Who may hear of a change: whoever may read what it is about, or the activity of its place."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from shared.access import Permission

_READ_WITH: Final[Mapping[Permission, tuple[str, ...]]] = {
    Permission.LICENCE_READ: ("licence", "licence_order"),
    Permission.DEVICE_READ: ("device",),
    Permission.TENANT_READ: (
        "access",
        "access_end",
        "delegation",
        "offboarding",
        "support_access",
        "tenant",
    ),
    Permission.RESELLER_READ: ("branding", "reseller", "vendor"),
    Permission.USER_READ: ("account", "passkey", "primary_user", "totp", "totp_reset"),
}
_PERMISSION: Final = {
    noun: permission for permission, nouns in _READ_WITH.items() for noun in nouns
}


def may_hear(reads: AbstractSet[Permission], change: str) -> bool:
    """Whether whoever reads these in a place may hear of a change like `licence.created` there.

    What is not named here is read in the activity alone: sign-ins, sessions, keys.
    """
    if Permission.ACTIVITY_READ in reads:
        return True
    return _PERMISSION.get(change.partition(".")[0]) in reads
