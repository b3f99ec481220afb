"""Who stands how to which place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.tenancy.domain.access_requests import Access, AccessState
from services.tenancy.domain.delegation import Delegation, Level
from services.tenancy.domain.places import Place, standing
from services.tenancy.domain.support_access import SupportAccess
from shared.access import Relation, Role, permissions

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
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
    assert standing(caller, place, NOW).relation is expected


def test_only_an_assignment_can_end_by_itself() -> None:
    assigned = standing("100001.rsp", LICENSED, NOW)
    own = standing("123456.sms", LICENSED, NOW)
    vendor = standing("vendor", LICENSED, NOW)

    assert assigned.valid_until == LATER
    assert own.valid_until is None
    assert vendor.valid_until is None


def test_a_place_names_the_reseller_it_belongs_to() -> None:
    at_tenant = standing("vendor", LICENSED, NOW)
    at_reseller = standing("vendor", RESELLER, NOW)
    at_vendor = standing("vendor", VENDOR, NOW)

    assert at_tenant.reseller_id == "100001.rsp"
    assert at_reseller.reseller_id == "100001.rsp"
    assert at_vendor.reseller_id is None


def an_access(*roles: str, ends_at: datetime = LATER) -> Access:
    wish = Access("a-1", "123456.sms", "100001.rsp", roles, "P30D", "Migration", NOW, "rita")
    return replace(wish, state=AccessState.ACTIVE, ends_at=ends_at)


def limited(level: Level, *accesses: Access) -> Place:
    return replace(LICENSED, delegation=Delegation("123456.sms", level), accesses=accesses)


def test_a_customer_that_allows_reading_allows_nothing_else() -> None:
    found = standing("100001.rsp", limited(Level.READ_ONLY), NOW)

    assert found.relation is Relation.ASSIGNED
    assert found.cap is not None
    assert {permission.partition(":")[2] for permission in found.cap} == {"read"}


def test_a_customer_that_closed_its_inside_is_not_there_until_it_grants_access() -> None:
    granted = an_access("reseller-support", ends_at=NOW + timedelta(hours=1))

    closed = standing("100001.rsp", limited(Level.NONE), NOW)
    opened = standing("100001.rsp", limited(Level.NONE, granted), NOW)
    over = standing("100001.rsp", limited(Level.NONE, granted), NOW + timedelta(hours=1))

    assert closed.relation is over.relation is None
    assert opened.relation is Relation.ASSIGNED
    assert opened.cap == permissions(["reseller-support"], Relation.ASSIGNED)
    assert opened.valid_until == NOW + timedelta(hours=1)


def test_what_was_granted_opens_nothing_without_a_licence() -> None:
    place = replace(limited(Level.NONE, an_access("reseller-admin")), valid_until=None)

    assert standing("100001.rsp", place, NOW).relation is None


def test_what_was_only_asked_for_opens_nothing() -> None:
    asked = replace(an_access("reseller-admin"), state=AccessState.REQUESTED, ends_at=None)

    assert standing("100001.rsp", limited(Level.NONE, asked), NOW).relation is None


def test_support_stays_outside_until_it_has_entered_and_after_its_time() -> None:
    entered = SupportAccess("s-1", "123456.sms", "sam", "Ticket 7", NOW, NOW + timedelta(hours=4))
    place = replace(LICENSED, support=(entered,))

    assert standing("vendor", LICENSED, NOW).outside == {Role.SUPPORT}
    assert standing("vendor", place, NOW).outside == frozenset()
    assert standing("vendor", place, NOW).valid_until == entered.ends_at
    assert standing("vendor", place, entered.ends_at).outside == {Role.SUPPORT}


def test_every_decision_says_what_it_rests_on() -> None:
    for caller in ("vendor", "100001.rsp", "100002.rsp", "123456.sms"):
        assert standing(caller, limited(Level.NONE, an_access("reseller-admin")), NOW).facts
