"""What a receiver's answer means, how long one waits, and which addresses are public."""

from datetime import timedelta

import pytest

from services.tenancy.domain.deliveries import (
    LONGEST_HOLD,
    Answer,
    Delivery,
    DeliveryState,
    Reason,
    after,
    answered,
    hold,
)
from services.tenancy.domain.webhook_urls import UrlRefusedError, is_public, target_of
from tests.support.service import NOON

LADDER = (timedelta(seconds=5), timedelta(minutes=5))
WAITING = Delivery("d", "w", "e", "portal.t", "123456.sms", NOON, due_at=NOON)
REFUSED = Answer(500, Reason.REFUSED)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, None),
        (204, None),
        (299, None),
        (301, Reason.REDIRECTED),
        (304, Reason.REDIRECTED),
        (400, Reason.REFUSED),
        (410, Reason.GONE),
        (500, Reason.REFUSED),
    ],
)
def test_only_2xx_is_taken(status: int, reason: Reason | None) -> None:
    assert answered(status, None, NOON) == Answer(status, reason)


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "Tue, 10 Mar 2026 12:10:00 GMT", timedelta(minutes=10)),
        (503, "Tue, 10 Mar 2026 11:00:00 GMT", timedelta(0)),
        (429, "99999999999999999999", LONGEST_HOLD),
        (503, "Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_HOLD),
        (429, "-5", None),
        (429, "१२", None),
        (429, "soon", None),
        (429, "", None),
        (500, "120", None),
        (200, "120", None),
    ],
)
def test_retry_after_is_kept_within_bounds(status: int, said: str, wait: timedelta | None) -> None:
    assert answered(status, said, NOON).retry_after == wait


def test_a_delivery_climbs_the_ladder_and_then_fails() -> None:
    first = after(WAITING, REFUSED, NOON, LADDER, 0)
    second = after(first, REFUSED, NOON, LADDER, 1)
    third = after(second, REFUSED, NOON, LADDER, 0)

    assert first.due_at == NOON + timedelta(seconds=5)
    assert second.due_at == NOON + timedelta(seconds=330)
    assert (third.state, third.due_at, third.attempts) == (DeliveryState.FAILED, None, 3)
    assert len(third.history) == 3


def test_a_receiver_in_trouble_is_given_a_rest_that_grows_to_a_minute() -> None:
    rests = [hold(REFUSED, failures).total_seconds() for failures in (1, 2, 3, 4, 5, 100)]

    assert rests == [5, 10, 20, 40, 60, 60]
    assert hold(Answer(400, Reason.REFUSED), 100) == timedelta(0)
    assert hold(Answer(reason=Reason.TIMED_OUT), 1) == timedelta(seconds=5)
    assert hold(Answer(429, Reason.REFUSED, timedelta(hours=1)), 1) == timedelta(hours=1)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e"])
def test_addresses_out_there_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1", "100.64.0.1",
        "0.0.0.0", "192.0.2.1",  # noqa: S104 refused
        "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
        "2002:0a00:0001::", "2001::1", "2001:db8::1", "fc00::1", "fe80::1", "fe80::1%eth0",
        "2606:4700::1%eth0", "ff02::1", "127.1", "localhost", "",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_an_exempt_origin_is_the_whole_of_it() -> None:
    exempt = frozenset({"http://127.0.0.1:9000"})

    assert target_of("http://127.0.0.1:9000/hook", exempt).is_exempt
    assert not target_of("https://hooks.example.com/", exempt).is_exempt
    for url in ("http://127.0.0.1:9001/", "https://127.0.0.1:9000/", "http://127.0.0.1:9000@x.y/"):
        with pytest.raises(UrlRefusedError):
            target_of(url, exempt)
