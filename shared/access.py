"""Who may do what: the one table from roles to permissions, and how a place narrows it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from shared.ids import OrgKind, kind_of


class Role(StrEnum):
    VENDOR_ADMIN = "vendor-admin"
    SALES = "sales"
    SUPPORT = "support"
    RESELLER_ADMIN = "reseller-admin"
    RESELLER_SALES = "reseller-sales"
    RESELLER_SUPPORT = "reseller-support"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    RESELLER_MANAGE = "reseller:manage"
    RESELLER_READ = "reseller:read"
    TENANT_CREATE = "tenant:create"
    TENANT_READ = "tenant:read"
    TENANT_EDIT = "tenant:edit"
    TENANT_TRANSFER = "tenant:transfer"
    USER_READ = "user:read"
    USER_MANAGE = "user:manage"
    LICENCE_READ = "licence:read"
    LICENCE_CREATE = "licence:create"
    LICENCE_MANAGE = "licence:manage"
    DEVICE_READ = "device:read"
    DEVICE_MANAGE = "device:manage"
    ENTITLEMENT_CHECK = "entitlement:check"
    """For back ends of the vendor's products, which ask about the devices of all tenants."""
    ACTIVITY_READ = "activity:read"
    MAIL_READ = "mail:read"
    DEAD_LETTER_MANAGE = "dead-letter:manage"
    DELEGATION_MANAGE = "delegation:manage"
    """The customer's side decides, the reseller's asks; nobody does either for them."""
    TENANT_ENTER = "tenant:enter"
    """Says why one must look into a tenant, and may then do so for a while."""


STEP_UP: Final = frozenset({Permission.RESELLER_MANAGE, Permission.TENANT_TRANSFER})
"""What needs, besides the permission, a second factor that was shown a short while ago. Other
operations are marked so one by one in their service's `routes.py`."""


class Relation(StrEnum):
    """How an account's organisation stands to the place that a request names."""

    VENDOR = "vendor"
    """The vendor's staff, in any place that exists."""
    OWN = "own"
    """The place is the account's own organisation."""
    ASSIGNED = "assigned"
    """A tenant assigned to the account's reseller that holds a valid licence."""


_P: Final = Permission
_READ: Final = frozenset({_P.TENANT_READ, _P.LICENCE_READ})
_LOOK_INSIDE: Final = _READ | {_P.USER_READ, _P.DEVICE_READ, _P.ACTIVITY_READ}
_SELL: Final = frozenset({_P.TENANT_CREATE, _P.LICENCE_CREATE, _P.LICENCE_MANAGE})

GRANTS: Final[dict[Role, dict[Relation, frozenset[Permission]]]] = {
    Role.VENDOR_ADMIN: {Relation.VENDOR: frozenset(_P) - {_P.DELEGATION_MANAGE}},
    Role.SALES: {
        Relation.VENDOR: _READ | _SELL | {_P.RESELLER_READ, _P.TENANT_EDIT, _P.TENANT_TRANSFER}
    },
    Role.SUPPORT: {Relation.VENDOR: _LOOK_INSIDE | {_P.RESELLER_READ, _P.TENANT_ENTER}},
    Role.RESELLER_ADMIN: {
        Relation.OWN: _READ
        | _SELL
        | {_P.RESELLER_READ, _P.USER_READ, _P.USER_MANAGE, _P.ACTIVITY_READ, _P.DELEGATION_MANAGE},
        Relation.ASSIGNED: _LOOK_INSIDE
        | {
            _P.TENANT_EDIT,
            _P.USER_MANAGE,
            _P.LICENCE_CREATE,
            _P.LICENCE_MANAGE,
            _P.DEVICE_MANAGE,
        },
    },
    Role.RESELLER_SALES: {
        Relation.OWN: _READ | _SELL | {_P.RESELLER_READ},
        Relation.ASSIGNED: _READ | {_P.TENANT_EDIT, _P.LICENCE_CREATE, _P.LICENCE_MANAGE},
    },
    Role.RESELLER_SUPPORT: {
        Relation.OWN: _READ | {_P.RESELLER_READ},
        Relation.ASSIGNED: _LOOK_INSIDE,
    },
    Role.ADMIN: {
        Relation.OWN: _LOOK_INSIDE
        | {_P.TENANT_EDIT, _P.USER_MANAGE, _P.DEVICE_MANAGE, _P.DELEGATION_MANAGE}
    },
    Role.AUDITOR: {Relation.OWN: _LOOK_INSIDE},
}


def permissions(roles: Iterable[str], relation: Relation) -> frozenset[Permission]:
    """All that these roles allow in a place of this relation; unknown roles allow nothing."""
    granted: frozenset[Permission] = frozenset()
    for role in roles:
        if role in GRANTS:
            granted |= GRANTS[Role(role)].get(relation, frozenset())
    return granted


READS: Final = frozenset(each for each in _P if each.endswith(":read"))
THRESHOLD: Final = frozenset({_P.TENANT_ENTER})
"""What is left to a role in a tenant that it has not entered."""


def permissions_here(
    roles: Iterable[str],
    relation: Relation,
    *,
    cap: Iterable[str] | None = None,
    outside: Iterable[str] = (),
) -> frozenset[Permission]:
    """What these roles allow in one place: no more than the cap, where the place has one, and of
    roles that stay outside it nothing but to enter.
    """
    held, shut_out = set(roles), set(outside)
    granted = permissions(held - shut_out, relation)
    granted |= permissions(held & shut_out, relation) & THRESHOLD
    return granted if cap is None else granted & frozenset(map(Permission, cap))


_HIGHEST: Final = {
    OrgKind.VENDOR: Role.VENDOR_ADMIN,
    OrgKind.RESELLER: Role.RESELLER_ADMIN,
    OrgKind.TENANT: Role.ADMIN,
}


def ceiling(org: str, relation: Relation) -> frozenset[Permission]:
    """The most that anybody of this organisation may do in a place of this relation."""
    kind = kind_of(org)
    return GRANTS[_HIGHEST[kind]].get(relation, frozenset()) if kind else frozenset()
