"""By when an account must have a second factor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.deadlines import Compulsion, deadline_of
from tests.support.accounts import an_account

DAY = timedelta(days=1)
FROM = datetime(2026, 5, 1, tzinfo=UTC)
VENDOR = Compulsion(FROM, timedelta(0))
EARLY = FROM - 100 * DAY
ANNA = an_account(created_at=EARLY, password_changed_at=EARLY)


def test_who_was_there_before_must_have_one_from_the_date_on() -> None:
    assert deadline_of(ANNA, VENDOR) == FROM


def test_who_comes_later_must_have_one_at_once() -> None:
    later = replace(ANNA, created_at=FROM + 3 * DAY)

    assert deadline_of(later, VENDOR) == FROM + 3 * DAY


def test_the_grace_follows_on_either() -> None:
    patient = Compulsion(FROM, 14 * DAY)

    assert deadline_of(ANNA, patient) == FROM + 14 * DAY
    assert deadline_of(replace(ANNA, created_at=FROM + DAY), patient) == FROM + 15 * DAY


@pytest.mark.parametrize(
    ("own", "counts"),
    [(FROM - 10 * DAY, FROM - 10 * DAY), (FROM + 10 * DAY, FROM), (None, FROM)],
    ids=["earlier", "later", "none"],
)
def test_a_tenants_own_date_counts_where_it_is_earlier(
    own: datetime | None, counts: datetime
) -> None:
    assert deadline_of(ANNA, VENDOR.narrowed(own)) == counts


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"roles": ("auditor",)}, id="another role"),
        pytest.param({"recovery_hashes": (), "totp": None}, id="a factor reset"),
        pytest.param({"created_at": FROM + 50 * DAY}, id="another making"),
    ],
)
def test_what_is_written_is_never_moved_away(change: dict[str, object]) -> None:
    written = replace(ANNA, totp_deadline=FROM)
    changed = replace(written, **change)  # type: ignore[arg-type]  # each is a field of its type

    assert deadline_of(changed, VENDOR) == FROM
    assert deadline_of(changed, Compulsion(FROM + 90 * DAY, 30 * DAY)) == FROM


def test_what_is_written_comes_nearer_where_a_tenant_becomes_stricter() -> None:
    written = replace(ANNA, totp_deadline=FROM)

    assert deadline_of(written, VENDOR.narrowed(FROM - 7 * DAY)) == FROM - 7 * DAY
