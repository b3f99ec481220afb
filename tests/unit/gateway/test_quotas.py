"""Quotas: what one may send, what replicas tell each other, and what a silent bus leaves."""

import pytest

from services.gateway.domain.crowds import CrowdedError, Crowds
from services.gateway.domain.quotas import (
    GONE_SECONDS,
    MOST_TOLD,
    Left,
    Quota,
    Quotas,
    fields,
)
from services.gateway.domain.trust import BUS_SILENT_SECONDS

ME = [("account", "a-1")]


class Bus:
    """How long it has been silent."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


def some_quotas(bus: Bus | None = None, name: str = "r-1", **amounts: int) -> Quotas:
    return Quotas(amounts or {"account": 60}, name, bus or Bus())


def passed(quotas: Quotas, times: int, now: float = 0, whose: list[tuple[str, str]] = ME) -> int:
    """How many of so many requests are let through."""
    return sum(not quotas.take(whose, now)[-1].is_refused for _ in range(times))


def gossip(*replicas: Quotas, now: float) -> None:
    for speaker in replicas:
        used = speaker.told()
        for listener in replicas:
            listener.hear(speaker.replica, used, now)


def test_a_quota_is_used_up_and_comes_back_steadily() -> None:
    quotas = some_quotas()

    assert passed(quotas, 100) == 60
    assert passed(quotas, 100, now=0.5) == 0
    assert passed(quotas, 100, now=10) == 10
    assert passed(quotas, 100, now=1000) == 60


def test_one_that_is_used_up_takes_nothing_from_another() -> None:
    quotas = some_quotas()
    passed(quotas, 100)

    assert passed(quotas, 100, whose=[("account", "a-2")]) == 60


def test_refused_requests_use_nothing_up() -> None:
    quotas = some_quotas()
    passed(quotas, 60)
    passed(quotas, 10_000, now=0.9)

    assert passed(quotas, 100, now=5) == 5


def test_the_narrowest_of_several_quotas_decides_and_the_others_are_not_asked_after_it() -> None:
    quotas = some_quotas(account=10, organisation=100)
    both = [("account", "a-1"), ("organisation", "o-1")]

    assert passed(quotas, 50, whose=both) == 10
    assert passed(quotas, 200, whose=[("organisation", "o-1")]) == 90


def test_a_quota_of_zero_is_none() -> None:
    assert some_quotas(account=0).take(ME, 0) == []


def test_what_one_replica_let_through_is_gone_at_the_others() -> None:
    one, two, three = (some_quotas(name=f"r-{number}") for number in range(3))
    passed(one, 40)
    gossip(one, two, three, now=0)

    assert passed(two, 100) == 20
    gossip(one, two, three, now=0)
    assert passed(three, 100) == 0


def test_a_flood_over_all_replicas_passes_little_more_than_the_quota() -> None:
    replicas = [some_quotas(name=f"r-{number}", account=600) for number in range(4)]

    let_through, tick = 0, 0.2
    for step in range(300):  # a minute, in steps of 200 ms
        let_through += sum(passed(one, 50, now=step * tick) for one in replicas)
        gossip(*replicas, now=step * tick)

    assert let_through <= 2 * 600 + 3 * 50 + 4 * 10  # bucket, a minute's filling, one tick unheard
    assert let_through >= 600


def test_without_the_bus_each_replica_gives_its_share() -> None:
    bus = Bus()
    replicas = [some_quotas(bus, f"r-{number}") for number in range(3)]
    gossip(*replicas, now=0)
    bus.seconds = BUS_SILENT_SECONDS + 1

    assert [passed(one, 100, now=1) for one in replicas] == [20, 20, 20]


def test_a_replica_that_ended_leaves_its_share_to_the_others() -> None:
    bus = Bus()
    one, two = some_quotas(bus, "r-1"), some_quotas(bus, "r-2")
    gossip(one, two, now=0)
    gossip(one, now=GONE_SECONDS + 1)
    bus.seconds = BUS_SILENT_SECONDS + 1

    assert passed(one, 100, now=GONE_SECONDS + 2) == 60


def test_nobody_is_in_debt_for_longer_than_a_minute() -> None:
    quotas = some_quotas()
    quotas.hear("r-2", dict.fromkeys(told_of(ME), 10**9), 0)

    assert passed(quotas, 100, now=59) == 0
    assert passed(quotas, 1, now=61) == 1


@pytest.mark.parametrize("used", [{"account:?": -5}, {"nobody:x": 7}, {"": 1}, {"account": 3}])
def test_nonsense_from_another_replica_gives_nobody_more(used: dict[str, int]) -> None:
    quotas = some_quotas()
    quotas.hear("r-2", used, 0)

    assert passed(quotas, 100) == 60


def test_the_greatest_counts_are_told_first_and_none_is_forgotten() -> None:
    quotas = some_quotas(source=1000)
    for number in range(MOST_TOLD + 10):
        passed(quotas, 2 if number % 2 else 1, whose=[("source", f"s-{number}")])

    first, second, third = quotas.told(), quotas.told(), quotas.told()

    assert (len(first), len(second), third) == (MOST_TOLD, 10, {})
    assert min(first.values()) >= max(second.values())


def test_memory_is_bounded_however_many_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.domain.quotas._BUCKETS", 100)
    quota = Quota("source", 60)
    for number in range(1000):
        quota.take(f"s-{number}", 0, 1)

    assert len(quota) == 100


def test_the_fields_tell_all_quotas_and_what_is_left_of_the_scarcest() -> None:
    wide = Left("source", 6000, 5999, is_refused=False, wait_seconds=1)
    scarce = Left("account", 60, 0.5, is_refused=True, wait_seconds=3)

    assert fields([wide, scarce]) == {
        "RateLimit-Policy": '"source";q=6000;w=60, "account";q=60;w=60',
        "RateLimit": '"account";r=0;t=3',
    }
    assert fields([]) == {}


def test_of_one_organisation_no_more_are_inside_than_may_be() -> None:
    crowds = Crowds(2)

    with crowds.inside("o-1"), crowds.inside("o-1"):
        with pytest.raises(CrowdedError), crowds.inside("o-1"):
            raise AssertionError
        with crowds.inside("o-2"):
            assert len(crowds) == 2
    with crowds.inside("o-1"):
        assert len(crowds) == 1
    assert len(crowds) == 0


def told_of(whose: list[tuple[str, str]]) -> list[str]:
    """How these are called among replicas."""
    quotas = some_quotas(name="r-9")
    quotas.take(whose, 0)
    return list(quotas.told())
