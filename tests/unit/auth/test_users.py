"""Who may be what in an organisation, and who may decide it."""

import pytest

from services.auth.domain.accounts import Status
from services.auth.domain.users import (
    GrantTooHighError,
    ManagedElsewhereError,
    RoleOfAnotherPlaceError,
    admin_role,
    check_grant,
    check_owned,
    is_acting_admin,
    roles_of,
    sorted_roles,
    status_when_enabled,
)
from shared.access import Permission, Relation, Role, permissions
from tests.support.accounts import an_account

PLACES = {"vendor": Relation.VENDOR, "100001.rsp": Relation.OWN, "123456.sms": Relation.OWN}


def test_every_role_belongs_to_exactly_one_kind_of_organisation() -> None:
    found = [role for org in PLACES for role in roles_of(org)]

    assert sorted(found) == sorted(Role)


@pytest.mark.parametrize("org", PLACES)
def test_whoever_manages_users_holds_what_the_administrator_holds(org: str) -> None:
    for role in roles_of(org):
        held = permissions([role], PLACES[org])
        if Permission.USER_MANAGE in held:
            check_grant(org, roles_of(org), set(map(str, held)))


@pytest.mark.parametrize(
    ("org", "granted", "own"),
    [
        ("123456.sms", "admin", "auditor"),
        ("100001.rsp", "reseller-admin", "reseller-sales"),
        ("100001.rsp", "reseller-sales", "reseller-support"),
        ("vendor", "sales", "support"),
        ("vendor", "vendor-admin", "sales"),
    ],
)
def test_who_holds_less_cannot_grant_more(org: str, granted: str, own: str) -> None:
    held = permissions([own], PLACES[org])

    with pytest.raises(GrantTooHighError):
        check_grant(org, [granted], held)


def test_no_role_is_anybodys_to_give() -> None:
    check_grant("123456.sms", [], set())


@pytest.mark.parametrize(
    ("org", "role"),
    [
        ("123456.sms", "reseller-admin"),
        ("100001.rsp", "admin"),
        ("vendor", "admin"),
        ("?", "admin"),
    ],
)
def test_a_role_of_another_place_is_refused(org: str, role: str) -> None:
    with pytest.raises(RoleOfAnotherPlaceError):
        sorted_roles(org, [role])


def test_roles_are_kept_once_and_in_order_of_rank() -> None:
    assert sorted_roles("123456.sms", ["auditor", "admin", "auditor"]) == ("admin", "auditor")


@pytest.mark.parametrize("field", ["email", "display_name", "locale", "status", "invitation"])
def test_the_reseller_portal_keeps_what_is_its_own(field: str) -> None:
    with pytest.raises(ManagedElsewhereError):
        check_owned(an_account(label="RSP"), ["comment", field])

    check_owned(an_account(label="RSP"), ["comment", "roles"])
    check_owned(an_account(), [field])


@pytest.mark.parametrize(
    "changes",
    [{"roles": ("auditor",)}, {"status": Status.INVITED}, {"status": Status.DISABLED}],
)
def test_only_an_active_administrator_counts_as_one(changes: dict[str, object]) -> None:
    assert is_acting_admin(an_account())
    assert is_acting_admin(an_account(org="100001.rsp", roles=("reseller-admin",)))
    assert not is_acting_admin(an_account(**changes))


def test_who_has_no_password_is_invited_when_enabled() -> None:
    assert status_when_enabled(an_account()) is Status.ACTIVE
    assert status_when_enabled(an_account(password_hash=None)) is Status.INVITED


def test_the_administrator_comes_first() -> None:
    assert [admin_role(org) for org in PLACES] == ["vendor-admin", "reseller-admin", "admin"]
