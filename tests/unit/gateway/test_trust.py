"""How long a decision is trusted."""

import pytest

from services.gateway.domain import trust
from services.gateway.domain.trust import Granted, Known, News

KNOWN = Known("account-1", "session-1", "100001.rsp", 9e9)
PLACE = "123456.sms"


def a_decision(*, asked_at: float = 100, until: float = 160) -> Granted:
    return Granted("Bearer x", asked_at, until)


def is_trusted(news: News, granted: Granted, *, now: float = 101, bus_silent: float = 0) -> bool:
    return news.is_trusted(granted, KNOWN, PLACE, now, bus_silent)


def test_a_decision_holds_until_its_time_is_over() -> None:
    assert is_trusted(News(), a_decision(), now=159.9)
    assert not is_trusted(News(), a_decision(), now=160)


@pytest.mark.parametrize("about", ["account-1", "session-1", "100001.rsp", PLACE])
def test_news_about_account_session_organisation_or_place_voids_what_was_decided_before(
    about: str,
) -> None:
    news = News()
    news.note(about, 110)

    assert not is_trusted(news, a_decision(asked_at=109), now=111)
    assert not is_trusted(news, a_decision(asked_at=110), now=111)
    assert is_trusted(news, a_decision(asked_at=110.1), now=111)


@pytest.mark.parametrize("about", ["account-2", "session-2", "123457.sms", "100002.rsp"])
def test_news_about_others_voids_nothing(about: str) -> None:
    news = News()
    news.note(about, 110)

    assert is_trusted(news, a_decision(asked_at=100), now=111)


def test_while_the_bus_is_silent_nothing_older_than_five_seconds_is_trusted() -> None:
    assert is_trusted(News(), a_decision(), now=105, bus_silent=60)
    assert not is_trusted(News(), a_decision(), now=105.1, bus_silent=60)
    assert is_trusted(News(), a_decision(), now=120, bus_silent=2.9)


def test_what_was_asked_for_before_the_bus_is_heard_again_is_trusted_no_longer_then() -> None:
    news = News()
    news.feel(103, bus_silent=2.9)
    news.feel(104, bus_silent=3.1)
    news.feel(107, bus_silent=0.1)

    assert is_trusted(news, a_decision(asked_at=104), now=109)
    assert not is_trusted(news, a_decision(asked_at=104), now=109.1)
    assert is_trusted(news, a_decision(asked_at=104.1), now=150)


def test_news_that_had_to_be_forgotten_still_voids_what_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trust, "_STAMPS", 3)
    news = News()
    news.note("session-1", 110)
    for number in range(10):
        news.note(f"other-{number}", 111 + number)

    assert not is_trusted(news, a_decision(asked_at=109), now=121)
    assert is_trusted(news, a_decision(asked_at=118), now=121)


def test_a_token_remembers_so_many_places_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_PLACES", 3)
    known = Known("a", "s", "o", 9e9)

    for number in range(10):
        known.remember(f"place-{number}", a_decision())

    assert list(known.passes) == ["place-7", "place-8", "place-9"]
