"""What a tenant's licences mean for it at an instant."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.tenancy.domain.licences import HeldLicence, LicenceState, licence_state, valid_until
from services.tenancy.domain.tenants import Tenant
from shared.contracts.licensing import LicenceTimeline

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def a_timeline(starts: float, ends: float) -> LicenceTimeline:
    """Starts and ends so many days from now; expiring 30 days before, in grace 30 days after."""
    return LicenceTimeline(
        starts_at=NOW + starts * DAY,
        expiring_at=NOW + (ends - 30) * DAY,
        grace_at=NOW + ends * DAY,
        expired_at=NOW + (ends + 30) * DAY,
    )


def a_licence(licence_id: str, *, sequence: int = 1, ends_on: date | None = None) -> HeldLicence:
    return HeldLicence(
        licence_id=licence_id,
        product="mdm",
        seats=5,
        ends_on=ends_on or date(2027, 3, 9),
        timeline=a_timeline(-1, 364),
        sequence=sequence,
    )


def a_tenant(*licences: HeldLicence) -> Tenant:
    return Tenant(
        id="123456.sms",
        name="Acme",
        reseller_id="100001.rsp",
        locale="de",
        created_at=NOW,
        licences=licences,
    )


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        pytest.param(0, 365, LicenceState.ACTIVE, id="from its first instant"),
        pytest.param(-335, 30.001, LicenceState.ACTIVE, id="until 30 days are left"),
        pytest.param(-335, 30, LicenceState.EXPIRING, id="with 30 days left"),
        pytest.param(-365, 0.001, LicenceState.EXPIRING, id="until its last instant"),
        pytest.param(-365, 0, LicenceState.GRACE, id="after its last instant"),
        pytest.param(-395, -29.999, LicenceState.GRACE, id="until grace is over"),
        pytest.param(-395, -30, LicenceState.EXPIRED, id="when grace is over"),
        pytest.param(0.001, 365, LicenceState.NONE, id="before it starts"),
    ],
)
def test_a_licence_passes_through_its_states_at_their_instants(
    starts: float, ends: float, expected: LicenceState
) -> None:
    assert licence_state([a_timeline(starts, ends)], NOW) is expected


def test_the_best_licence_counts() -> None:
    expired, grace, active = a_timeline(-400, -40), a_timeline(-370, -5), a_timeline(-1, 364)

    assert licence_state([expired, grace], NOW) is LicenceState.GRACE
    assert licence_state([expired, active, grace], NOW) is LicenceState.ACTIVE


def test_a_tenant_without_licences_has_none_and_is_valid_until_nothing() -> None:
    assert licence_state([], NOW) is LicenceState.NONE
    assert valid_until([], NOW) is None


def test_validity_lasts_until_the_end_of_grace() -> None:
    assert valid_until([a_timeline(-1, 364)], NOW) == NOW + 394 * DAY


def test_a_licence_that_follows_carries_validity_on() -> None:
    present, next_one = a_timeline(-300, 10), a_timeline(40, 400)

    assert valid_until([next_one, present], NOW) == NOW + 430 * DAY


def test_a_gap_ends_validity() -> None:
    present, after_a_gap = a_timeline(-300, 10), a_timeline(41, 400)

    assert valid_until([present, after_a_gap], NOW) == NOW + 40 * DAY


def test_what_is_over_or_yet_to_start_gives_no_validity() -> None:
    assert valid_until([a_timeline(-400, -30)], NOW) is None
    assert valid_until([a_timeline(0.001, 365)], NOW) is None


def test_what_was_said_before_of_the_same_licence_changes_nothing() -> None:
    tenant = a_tenant(a_licence("l-1", sequence=3))

    assert tenant.holding(a_licence("l-1", sequence=2)) is tenant
    assert tenant.holding(a_licence("l-1", sequence=3)) is tenant


def test_what_is_said_later_of_a_licence_takes_its_place() -> None:
    tenant = a_tenant(a_licence("l-1", sequence=3), a_licence("l-2"))

    later = tenant.holding(a_licence("l-1", sequence=4))

    assert {(held.licence_id, held.sequence) for held in later.licences} == {("l-1", 4), ("l-2", 1)}
    assert later.version == tenant.version + 1


def test_the_last_day_is_that_of_the_licence_that_ends_last() -> None:
    early = a_licence("l-1", ends_on=date(2026, 5, 1))
    late = a_licence("l-2", ends_on=date(2028, 5, 1))

    assert a_tenant(late, early).licence_ends_on == date(2028, 5, 1)
    assert a_tenant().licence_ends_on is None
