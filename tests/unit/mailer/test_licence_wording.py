"""What is told of licences reads as sentences in both languages, and as a code at worst."""

from datetime import date

import pytest

from services.licensing.actions.stale_orders import TIMED_OUT
from services.licensing.domain.ledger import CONFIRMED
from services.licensing.domain.sales import NotOwnTenantError
from services.mailer.domain.licence_wording import deed, doer, rejection, seats, term
from services.mailer.domain.templates import Locale
from services.tenancy.domain.resellers import ResellerNotAuthorisedError

EACH_LANGUAGE = pytest.mark.parametrize("locale", list(Locale))


@EACH_LANGUAGE
@pytest.mark.parametrize("act", sorted(CONFIRMED))
def test_every_act_that_is_confirmed_has_a_word_of_its_own(act: str, locale: Locale) -> None:
    done, effect = deed(act, locale)

    assert done != deed("something new", locale)[0]
    assert effect.endswith(".")


@pytest.mark.parametrize(("locale", "word"), [(Locale.DE, "geändert"), (Locale.EN, "changed")])
def test_an_act_that_is_not_known_is_a_change(locale: Locale, word: str) -> None:
    done, _ = deed("something new", locale)

    assert done == word


@EACH_LANGUAGE
@pytest.mark.parametrize(
    "code", [NotOwnTenantError.code, ResellerNotAuthorisedError.code, TIMED_OUT]
)
def test_every_rejection_has_a_sentence(code: str, locale: Locale) -> None:
    said = rejection(code, locale)

    assert said.endswith(".")
    assert code not in said


@EACH_LANGUAGE
def test_a_rejection_that_is_not_known_is_a_sentence_with_its_code(locale: Locale) -> None:
    said = rejection("no_quota", locale)

    assert said.endswith(" (no_quota).")
    assert len(said.split()) > 4


@pytest.mark.parametrize(
    ("last", "german", "english"),
    [
        (
            date(2027, 3, 9),
            "10. März 2026 bis 9. März 2027",
            "10 March 2026 to 9 March 2027",
        ),
        (
            None,
            "ab 10. März 2026, bis sie gekündigt wird",
            "from 10 March 2026 until it is cancelled",
        ),
    ],
)
def test_a_term_has_both_days_or_no_end(last: date | None, german: str, english: str) -> None:
    first = date(2026, 3, 10)

    assert term(first, last, Locale.DE) == german
    assert term(first, last, Locale.EN) == english


def test_seats_are_counted_where_they_are_limited() -> None:
    assert [seats(5, Locale.DE), seats(0, Locale.DE)] == ["5", "0"]
    assert [seats(None, locale) for locale in (Locale.DE, Locale.EN)] == ["unbegrenzt", "unlimited"]


@pytest.mark.parametrize(
    ("org", "german", "english"),
    [
        ("vendor", "Hersteller", "the vendor"),
        ("100001.rsp", "100001.rsp", "100001.rsp"),
        (None, "Portal", "the portal"),
    ],
)
def test_whoever_did_it_is_an_organisation(org: str | None, german: str, english: str) -> None:
    assert [doer(org, Locale.DE), doer(org, Locale.EN)] == [german, english]
