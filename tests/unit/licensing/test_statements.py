"""What a licence comes to in a month, told from its ledger."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.licensing.domain.ledger import Act, Entry
from services.licensing.domain.licences import Licence
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.statements import Customer, Line, account, line
from services.licensing.domain.usage import Measured

ACME = Customer("123456.sms", "Acme")
BOUGHT = Licence(
    id="l-1",
    key="…ABCDE",
    product="mobile-security",
    seats=10,
    starts_on=date(2026, 3, 10),
    ends_on=date(2027, 3, 9),
    tenant_id="123456.sms",
    reseller_id="100001.rsp",
    created_at=datetime(2026, 3, 10, 12, tzinfo=UTC),
)
BY_USE = replace(BOUGHT, model=LicenceModel.MSP, seats=None, ends_on=None)


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


def entry(act: Act, at: datetime, after: Licence, before: Licence | None = None) -> Entry:
    return Entry(act, at, before, after, actor=None, actor_org=None, request_id="r-1")


def used(day: date, devices: int) -> Measured:
    return Measured("l-1", "123456.sms", "100001.rsp", "mobile-security", day, devices)


def stated(
    *entries: Entry,
    month: str = "2026-03",
    reseller: str = "100001.rsp",
    use: tuple[Measured, ...] = (),
) -> Line | None:
    known = account(entries, reseller, month)
    return line(known, use, ACME, "R", month) if known else None


def chargeable(*entries: Entry, month: str = "2026-03", reseller: str = "100001.rsp") -> int | None:
    found = stated(*entries, month=month, reseller=reseller)
    return found.chargeable_units if found else None


MADE = entry(Act.CREATED, on(3, 10), BOUGHT)
CANCELLED = replace(BOUGHT, ends_on=date(2026, 3, 12), cancelled_at=on(3, 12))


@pytest.mark.parametrize(
    ("later", "sums"),
    [
        ([], [10, 0]),
        ([entry(Act.RESIZED, on(3, 20), replace(BOUGHT, seats=14), BOUGHT)], [14, 0]),
        ([entry(Act.RESIZED, on(4, 20), replace(BOUGHT, seats=14), BOUGHT)], [10, 4]),
        ([entry(Act.RESIZED, on(4, 20), replace(BOUGHT, seats=3), BOUGHT)], [10, 0]),
        (
            [entry(Act.RENEWED, on(4, 1), replace(BOUGHT, ends_on=date(2028, 3, 9)), BOUGHT)],
            [10, 10],
        ),
        ([entry(Act.SUSPENDED, on(4, 1), replace(BOUGHT, suspended_at=on(4, 1)), BOUGHT)], [10, 0]),
        ([entry(Act.CANCELLED, on(3, 12), CANCELLED, BOUGHT)], [10, None]),
        (
            [entry(Act.REVOKED, on(3, 12), replace(BOUGHT, revoked_at=on(3, 12)), BOUGHT)],
            [10, None],
        ),
    ],
)
def test_a_bought_licence_is_charged_when_it_is_bought(
    later: list[Entry], sums: list[int | None]
) -> None:
    march = [each for each in (MADE, *later) if each.at < on(4, 1).replace(hour=0)]

    assert [chargeable(*march), chargeable(MADE, *later, month="2026-04")] == sums


@pytest.mark.parametrize("model", [LicenceModel.TRIAL, LicenceModel.NFR])
def test_trials_and_own_licences_are_free(model: LicenceModel) -> None:
    found = stated(entry(Act.CREATED, on(3, 10), replace(BOUGHT, model=model)))

    assert found is not None
    assert (found.units, found.free_units, found.chargeable_units) == (10, 10, 0)


def test_a_trial_is_charged_when_it_is_bought() -> None:
    trial = replace(BOUGHT, model=LicenceModel.TRIAL)
    tried = entry(Act.CREATED, on(3, 10), trial)

    bought = entry(Act.CONVERTED, on(3, 20), replace(BOUGHT, seats=7), trial)

    assert chargeable(tried, bought) == 7


def test_use_is_charged_as_measured_last() -> None:
    made = entry(Act.CREATED, on(3, 10), BY_USE)

    found = stated(made, use=(used(date(2026, 3, 30), 9), used(date(2026, 3, 31), 4)))

    assert found is not None
    assert (found.measured_on, found.units) == (date(2026, 3, 31), 4)
    assert (found.chargeable_units, found.ends_on) == (4, None)


def test_use_after_a_cancellation_is_not_charged() -> None:
    stopped = replace(BY_USE, ends_on=date(2026, 3, 15), cancelled_at=on(3, 15))
    made, gone = entry(Act.CREATED, on(3, 10), BY_USE), entry(Act.CANCELLED, on(3, 15), stopped)
    use = (used(date(2026, 3, 15), 3), used(date(2026, 3, 31), 3_000))

    found = stated(made, gone, use=use)

    assert found is not None
    assert (found.measured_on, found.chargeable_units) == (date(2026, 3, 15), 3)
    assert found.ends_on == date(2026, 3, 15)
    assert stated(made, gone, month="2026-04") is None


@pytest.mark.parametrize(
    ("until", "free", "charged"),
    [(date(2026, 3, 31), 3, 2), (date(2026, 3, 30), 0, 5), (None, 0, 5)],
)
def test_carried_over_units_are_free_up_to_their_day(
    until: date | None, free: int, charged: int
) -> None:
    licence = replace(BY_USE, free_units=3, free_until=until)

    found = stated(entry(Act.CREATED, on(3, 10), licence), use=(used(date(2026, 3, 31), 5),))

    assert found is not None
    assert (found.free_units, found.chargeable_units) == (free, charged)


def test_no_more_is_free_than_is_used() -> None:
    licence = replace(BY_USE, free_units=30, free_until=date(2026, 12, 31))

    found = stated(entry(Act.CREATED, on(3, 10), licence), use=(used(date(2026, 3, 31), 5),))

    assert found is not None
    assert (found.free_units, found.chargeable_units, found.max_free_units) == (5, 0, 30)


def test_who_has_bought_pays_and_who_has_it_at_the_end_pays_for_use() -> None:
    moved = replace(BOUGHT, reseller_id="100002.rsp")
    over = entry(Act.HANDED_OVER, on(3, 20), moved, BOUGHT)

    assert chargeable(MADE, over) == 10
    assert chargeable(MADE, over, reseller="100002.rsp") == 0
    assert chargeable(MADE, over, month="2026-04") is None
    assert chargeable(MADE, over, month="2026-04", reseller="100002.rsp") == 0
    assert chargeable(MADE, over, reseller="100003.rsp") is None


def test_a_revoked_licence_ends_on_its_day_and_is_stated_no_more() -> None:
    gone = entry(Act.REVOKED, on(3, 20), replace(BOUGHT, revoked_at=on(3, 20)), BOUGHT)

    found = stated(MADE, gone)

    assert found is not None
    assert (found.ends_on, found.measured_on) == (date(2026, 3, 20), date(2026, 3, 20))
    assert stated(MADE, gone, month="2026-04") is None


def test_a_licence_past_its_end_is_stated_no_more_and_has_no_end_of_its_own_before() -> None:
    short = entry(Act.CREATED, on(3, 10), replace(BOUGHT, ends_on=date(2026, 4, 9)))

    april = stated(short, month="2026-04")

    assert april is not None
    assert (april.measured_on, april.ends_on) == (date(2026, 4, 9), None)
    assert stated(short, month="2026-05") is None


def test_a_licence_that_starts_later_is_charged_when_ordered() -> None:
    ahead = entry(Act.CREATED, on(3, 10), replace(BOUGHT, starts_on=date(2026, 5, 1)))

    assert chargeable(ahead) == 10
    assert stated(ahead, month="2026-04") is None
    assert chargeable(ahead, month="2026-05") == 0


def test_the_number_of_the_next_reseller_is_not_told_to_the_former_one() -> None:
    own = replace(BOUGHT, reseller_number="K-1")
    over = entry(Act.HANDED_OVER, on(3, 20), replace(BOUGHT, reseller_id="100002.rsp"), own)
    entries = [entry(Act.CREATED, on(3, 10), own), over]
    accounts = [account(entries, each, "2026-03") for each in ("100001.rsp", "100002.rsp")]
    known = replace(ACME, reseller_number="K-2")

    found = [line(each, (), known, "R", "2026-03") for each in accounts if each]

    assert [each.reseller_number for each in found if each] == ["K-1", "K-2"]


def test_a_sandbox_costs_nothing() -> None:
    known = account([MADE], "100001.rsp", "2026-03")
    assert known is not None

    found = line(known, (), replace(ACME, is_sandbox=True), "R", "2026-03")

    assert found is None
