"""Editing tenants and finding them by name."""

from datetime import UTC, datetime

import pytest

from services.tenancy.domain.tenants import Tenant, TenantEdit
from shared.folding import folded


def a_tenant() -> Tenant:
    return Tenant(
        id="123456.sms",
        name="Acme",
        reseller_id="100001.rsp",
        locale="de",
        created_at=datetime(2026, 3, 10, tzinfo=UTC),
    )


def test_an_edit_changes_what_is_given_and_counts_the_version_up() -> None:
    edited = TenantEdit(name="Acme GmbH").of(a_tenant())

    assert (edited.name, edited.locale, edited.version) == ("Acme GmbH", "de", 2)


def test_an_edit_that_changes_nothing_is_no_new_version() -> None:
    tenant = a_tenant()

    assert TenantEdit(name="Acme", locale="de").of(tenant) is tenant
    assert TenantEdit().of(tenant) is tenant


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param("Müller", "muller", id="accents"),
        pytest.param("  ACME  ", "acme", id="case and spaces around"),
        pytest.param("Straße", "strasse", id="sharp s"),
        pytest.param("ＡＢＣ", "abc", id="width"),  # noqa: RUF001 full-width letters are the point
    ],
)
def test_names_are_folded_to_what_people_type(name: str, key: str) -> None:
    assert folded(name) == key
