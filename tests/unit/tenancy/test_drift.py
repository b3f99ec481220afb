"""What is known of a comparison, in whatever order the reports of it come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from services.tenancy.domain.drift import KINDS, Drift, Report, company, heard
from shared.contracts.sync import Difference
from shared.drift import checksum_of

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def a_report(comparison: str = "c-1", at: datetime = AT, *differing: str, **more: object) -> Report:
    facts: dict[str, object] = {
        "reseller_id": "1000001.rsp",
        "service": "tenancy",
        "comparison_id": comparison,
        "reported_at": at,
        "checksums": {},
        "checksums_there": {},
        "differences": [Difference(kind="customer", id=one, how="differs") for one in differing],
        "different": len(differing),
    }
    return Report(**facts | more)  # type: ignore[arg-type]


def checksums(comparison: str = "c-1", at: datetime = AT, there: str = "b") -> Report:
    said = {"checksums": {"customer": "a"}, "checksums_there": {"customer": there}}
    return a_report(comparison, at, **said)


def after(*reports: Report) -> Drift:
    drift: Drift | None = None
    for report in reports:
        drift = heard(drift, report) or drift
    assert drift is not None
    return drift


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_parts_of_a_comparison_come_to_the_same_in_any_order(order: tuple[int, ...]) -> None:
    reports = [checksums(), a_report("c-1", AT, "1", "2"), a_report("c-1", AT, "9")]

    drift = after(*(reports[index] for index in order))

    assert drift.checksums == {"customer": "a"}
    assert drift.different == 3
    assert {one.id for one in drift.differences} == {"1", "2", "9"}
    assert not drift.is_alike


def test_a_later_comparison_counts_whichever_is_heard_of_last() -> None:
    early, late = checksums(), checksums("c-2", AT + DAY, there="a")

    in_order, out_of_order = after(early, late), after(late, early, a_report("c-1", AT, "1"))

    assert in_order == out_of_order
    assert (in_order.comparison_id, in_order.is_alike) == ("c-2", True)


def test_a_record_differs_since_the_first_of_the_comparisons_that_found_it_in_a_row() -> None:
    drift = after(
        a_report("c-1", AT, "1", "2"),
        a_report("c-2", AT + DAY, "1"),
        a_report("c-3", AT + 2 * DAY, "1", "2"),
    )

    since = {one.id: one.since for one in drift.differences}
    assert since == {"1": AT, "2": AT + 2 * DAY}


def test_of_many_differences_the_first_thousand_are_named_and_all_are_counted() -> None:
    names = [str(number) for number in range(700)]

    drift = after(a_report("c-1", AT, *names), a_report("c-1", AT, *names))

    assert (len(drift.differences), drift.different) == (1_000, 1_400)


def test_a_companys_checksum_is_of_all_kinds_of_one_comparison() -> None:
    here = dict.fromkeys(KINDS, "a")
    first = after(a_report("c-2", AT, checksums=here, checksums_there=here))
    old = after(a_report("c-1", AT - DAY, checksums={"person": "x"}, service="auth"))
    half = after(a_report("c-3", AT + DAY, "1", checksums={"person": "x"}, service="auth"))

    whole, begun = company([old, first]), company([half, first])

    assert whole.checksum == whole.checksum_there == checksum_of(here)
    assert whole.is_alike
    assert (begun.checksum, begun.is_alike, begun.different) == (None, False, 1)
