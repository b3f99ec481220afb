"""Who stands how to which place."""

from datetime import UTC, datetime

import pytest

from services.tenancy.domain.places import Place, relation, standing
from shared.access import Relation

LATER = datetime(2027, 1, 1, tzinfo=UTC)
LICENSED = Place("123456.sms", reseller_id="100001.rsp", valid_until=LATER)
EXPIRED = Place("123457.sms", reseller_id="100001.rsp", valid_until=None)
RESELLER = Place("100001.rsp", reseller_id="100001.rsp")
VENDOR = Place("vendor", reseller_id=None)


@pytest.mark.parametrize(
    ("caller", "place", "expected"),
    [
        pytest.param("vendor", VENDOR, Relation.VENDOR, id="the vendor at home"),
        pytest.param("vendor", RESELLER, Relation.VENDOR, id="the vendor at a reseller"),
        pytest.param("vendor", EXPIRED, Relation.VENDOR, id="the vendor, whatever the licence"),
        pytest.param("100001.rsp", RESELLER, Relation.OWN, id="a reseller at home"),
        pytest.param("100001.rsp", LICENSED, Relation.ASSIGNED, id="a reseller at its customer"),
        pytest.param("100001.rsp", EXPIRED, None, id="a reseller when the licence is over"),
        pytest.param("100002.rsp", LICENSED, None, id="another reseller"),
        pytest.param("100002.rsp", RESELLER, None, id="a reseller at another"),
        pytest.param("100001.rsp", VENDOR, None, id="a reseller at the vendor"),
        pytest.param("123456.sms", LICENSED, Relation.OWN, id="a tenant at home"),
        pytest.param("123457.sms", EXPIRED, Relation.OWN, id="a tenant without a valid licence"),
        pytest.param("123457.sms", LICENSED, None, id="a tenant at another"),
        pytest.param("123456.sms", RESELLER, None, id="a tenant at its reseller"),
        pytest.param("", VENDOR, None, id="nobody"),
    ],
)
def test_everyone_is_let_in_where_they_belong_and_nowhere_else(
    caller: str, place: Place, expected: Relation | None
) -> None:
    assert relation(caller, place) is expected


def test_only_an_assignment_can_end_by_itself() -> None:
    assigned = standing("100001.rsp", LICENSED)
    own = standing("123456.sms", LICENSED)
    vendor = standing("vendor", LICENSED)

    assert assigned is not None
    assert assigned.valid_until == LATER
    assert own is not None
    assert own.valid_until is None
    assert vendor is not None
    assert vendor.valid_until is None


def test_a_place_names_the_reseller_it_belongs_to() -> None:
    at_tenant = standing("vendor", LICENSED)
    at_reseller = standing("vendor", RESELLER)
    at_vendor = standing("vendor", VENDOR)

    assert at_tenant is not None
    assert at_tenant.reseller_id == "100001.rsp"
    assert at_reseller is not None
    assert at_reseller.reseller_id == "100001.rsp"
    assert at_vendor is not None
    assert at_vendor.reseller_id is None
