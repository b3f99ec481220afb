"""What a machine may do where, beside what a person may."""

import pytest

from services.gateway.domain.rights import allowed
from services.gateway.domain.trust import Known
from shared.access import Permission, Relation

TENANT, RESELLER = "123456.sms", "100001.rsp"
EVERYTHING = list(map(str, Permission))


def a_machine(org: str, scope: frozenset[str] | None = None) -> Known:
    return Known("client-1", "client-1", org, 9e9, key_digest="0" * 64, scope=scope)


def test_a_person_may_do_what_the_roles_allow() -> None:
    person = Known("account-1", "session-1", TENANT, 9e9)

    assert Permission.TENANT_EDIT in allowed(person, ["admin"], Relation.OWN)
    assert not allowed(person, ["tenant:edit"], Relation.OWN)


def test_a_machine_may_do_what_its_key_holds_and_no_role_means_anything() -> None:
    assert allowed(a_machine(TENANT), ["tenant:read"], Relation.OWN) == {"tenant:read"}
    assert not allowed(a_machine(TENANT), ["admin"], Relation.OWN)


@pytest.mark.parametrize(
    ("org", "relation", "never"),
    [
        (TENANT, Relation.OWN, {"licence:create", "tenant:transfer", "mail:read"}),
        (TENANT, Relation.ASSIGNED, set(EVERYTHING)),
        (TENANT, Relation.VENDOR, set(EVERYTHING)),
        (RESELLER, Relation.ASSIGNED, {"tenant:create", "tenant:transfer", "reseller:manage"}),
        (RESELLER, Relation.OWN, {"device:manage", "mail:read", "reseller:manage"}),
        (RESELLER, Relation.VENDOR, set(EVERYTHING)),
    ],
)
def test_a_machine_never_has_more_than_anybody_of_its_organisation(
    org: str, relation: Relation, never: set[str]
) -> None:
    assert not allowed(a_machine(org), EVERYTHING, relation) & never


def test_a_token_has_what_its_scope_and_its_key_both_have() -> None:
    narrowed = a_machine(TENANT, frozenset({"tenant:read", "tenant:edit"}))

    assert allowed(narrowed, ["tenant:read", "user:read"], Relation.OWN) == {"tenant:read"}
    assert not allowed(a_machine(TENANT, frozenset()), EVERYTHING, Relation.OWN)
