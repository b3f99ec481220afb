"""The most that an organisation's people may do."""

import pytest

from shared.access import GRANTS, Permission, Relation, Role, ceiling

ROLES = {
    "vendor": (Role.VENDOR_ADMIN, Role.SALES, Role.SUPPORT),
    "100001.rsp": (Role.RESELLER_ADMIN, Role.RESELLER_SALES, Role.RESELLER_SUPPORT),
    "123456.sms": (Role.ADMIN, Role.AUDITOR),
}


@pytest.mark.parametrize("org", ROLES)
@pytest.mark.parametrize("relation", Relation)
def test_no_role_of_an_organisation_may_do_more_than_its_ceiling(
    org: str, relation: Relation
) -> None:
    together = {one for role in ROLES[org] for one in GRANTS[role].get(relation, ())}

    assert ceiling(org, relation) == together


def test_what_is_no_organisation_may_do_nothing() -> None:
    assert not any(ceiling("nobody", relation) for relation in Relation)
    assert ceiling("vendor", Relation.VENDOR) == frozenset(Permission) - {
        Permission.DELEGATION_MANAGE
    }
