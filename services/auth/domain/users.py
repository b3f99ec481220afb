"""Who may be what in an organisation, and who may decide it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.auth.domain.accounts import RSP, Account, Status
from shared.access import Permission, Relation, Role, permissions
from shared.errors import ConflictError, FieldError, ForbiddenError, InvalidError
from shared.ids import OrgKind, kind_of

_ROLES: Final = {
    OrgKind.VENDOR: (Role.VENDOR_ADMIN, Role.SALES, Role.SUPPORT),
    OrgKind.RESELLER: (Role.RESELLER_ADMIN, Role.RESELLER_SALES, Role.RESELLER_SUPPORT),
    OrgKind.TENANT: (Role.ADMIN, Role.AUDITOR),
}
_ONLY_AT_HOME: Final = {Permission.DELEGATION_MANAGE}
_OWNED_BY_THE_PORTAL: Final = frozenset({"roles", "comment"})


FOREIGN_DOMAIN: Final = "foreign_domain"


class UserOrder(StrEnum):
    """What a list of users is sorted by."""

    USERNAME = "username"
    NAME = "name"


class LabelFilter(StrEnum):
    RSP = RSP
    NONE = "none"


class RoleFilter(StrEnum):
    """A role, or none: who has none holds a device and can't sign in."""

    VENDOR_ADMIN = Role.VENDOR_ADMIN
    SALES = Role.SALES
    SUPPORT = Role.SUPPORT
    RESELLER_ADMIN = Role.RESELLER_ADMIN
    RESELLER_SALES = Role.RESELLER_SALES
    RESELLER_SUPPORT = Role.RESELLER_SUPPORT
    ADMIN = Role.ADMIN
    AUDITOR = Role.AUDITOR
    NONE = "none"


@dataclass(frozen=True)
class UserManager:
    """Who manages users."""

    account: str
    org: str
    held: AbstractSet[str]
    """The permissions in the place where that is."""


@dataclass(frozen=True)
class UserFilter:
    """Which users, in which order, after which one."""

    order: UserOrder = UserOrder.USERNAME
    search: str | None = None
    """The beginning of a user name or of a name."""
    status: Status | None = None
    role: RoleFilter | None = None
    has_factor: bool | None = None
    label: LabelFilter | None = None
    after: tuple[str, ...] | None = None
    """The last one seen: its user name's key, or its folded name and its id."""


class UsernameTakenError(ConflictError):
    code = "username_taken"
    detail = "There is a user of this name already."


class LastAdminError(ConflictError):
    code = "last_admin"
    detail = "This is the last administrator. Make somebody else one first."


class DisableFirstError(ConflictError):
    code = "disable_first"
    detail = "Disable the user before you delete it."


class ManagedElsewhereError(ConflictError):
    code = "managed_elsewhere"
    detail = "This account lives in the Reseller Portal; only its roles and comment are ours."


class NotPrimaryUserError(ForbiddenError):
    code = "primary_user_only"
    detail = "Only the reseller's primary user, or the vendor, does this."


class PrimaryUserError(ConflictError):
    code = "primary_user"
    detail = "This is the primary user. Make somebody else that first."


class NotAnAdministratorError(ConflictError):
    code = "not_an_administrator"
    detail = "Only an active administrator can be the primary user."


class NotInvitedError(ConflictError):
    code = "not_invited"
    detail = "Only a user who is yet to accept an invitation can be invited again."


class RoleOfAnotherPlaceError(InvalidError):
    def __init__(self, org: str) -> None:
        known = ", ".join(roles_of(org))
        flaw = FieldError("#/body/roles", "unknown_role", f"The roles here are: {known}.")
        super().__init__(fields=[flaw])


class ForeignAddressError(InvalidError):
    def __init__(self) -> None:
        detail = "Staff has an address at a domain of the reseller or of one of its customers."
        super().__init__(fields=[FieldError("#/body/email", FOREIGN_DOMAIN, detail)])


class GrantTooHighError(ForbiddenError):
    code = "grant_too_high"
    detail = "Nobody may give or take more than he holds."


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()


def roles_of(org: str) -> tuple[Role, ...]:
    """The roles there are in an organisation of this kind, the administrator first."""
    kind = kind_of(org)
    return _ROLES[kind] if kind else ()


def admin_role(org: str) -> Role:
    """The role of which an organisation must never lose the last holder."""
    return roles_of(org)[0]


def sorted_roles(org: str, roles: Iterable[str]) -> tuple[str, ...]:
    """Each role once, in the order of rank; RoleOfAnotherPlaceError where one is none of here."""
    wanted = set(roles)
    if not wanted <= set(roles_of(org)):
        raise RoleOfAnotherPlaceError(org)
    return tuple(role for role in roles_of(org) if role in wanted)


def check_grant(org: str, roles: Iterable[str], held: AbstractSet[str]) -> None:
    """Raise GrantTooHighError unless whoever holds these permissions here holds all of the roles'.

    It is asked for roles that are given and taken, and for all that an account has before
    anything is done to it: who could change the address of somebody above could become them.
    What only an organisation's own people ever hold can't be asked of others who manage them.
    """
    at_home = Relation.VENDOR if kind_of(org) is OrgKind.VENDOR else Relation.OWN
    if not permissions(roles, at_home) - _ONLY_AT_HOME <= held:
        raise GrantTooHighError


def check_owned(account: Account, fields: Iterable[str]) -> None:
    """Raise ManagedElsewhereError where the Reseller Portal owns what is to be changed."""
    if account.label == RSP and not _OWNED_BY_THE_PORTAL.issuperset(fields):
        raise ManagedElsewhereError


def is_acting_admin(account: Account) -> bool:
    """Whether the account is one of those of whom an organisation needs at least one."""
    return account.status is Status.ACTIVE and admin_role(account.org) in account.roles


def check_stays_primary(account: Account, roles: Iterable[str] = ()) -> None:
    """Raise PrimaryUserError where a primary user would be left with these roles, or be gone."""
    if account.is_primary and admin_role(account.org) not in roles:
        raise PrimaryUserError


def status_when_enabled(account: Account) -> Status:
    """Who never chose a password is still only invited."""
    return Status.INVITED if account.password_hash is None else Status.ACTIVE
