"""Whose second factor may be taken off, and which one that is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.accounts import RSP, Totp
from services.auth.domain.factor_resets import (
    FactorElsewhereError,
    FactorReset,
    NoFactorError,
    check_resettable,
)
from tests.support.accounts import an_account

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://reseller-portal.example"
ANNA = an_account(totp=Totp("locked", 0, NOW))
RESET = FactorReset(
    id="r",
    account_id="a",
    org="123456.sms",
    reason="Phone lost",
    asked_by="b",
    asked_by_org="123456.sms",
    request_id="q",
    asked_at=NOW + timedelta(days=1),
    due_at=NOW + timedelta(days=2),
    stop_digest="d",
)


def test_only_a_factor_that_is_there_and_ours_can_be_taken_off() -> None:
    check_resettable(ANNA, URL)
    with pytest.raises(NoFactorError):
        check_resettable(replace(ANNA, totp=None), URL)
    with pytest.raises(FactorElsewhereError) as refused:
        check_resettable(replace(ANNA, label=RSP), URL)
    assert refused.value.extensions == {"url": URL}


def test_a_factor_made_after_the_question_is_not_the_one_that_was_lost() -> None:
    newer = Totp("locked", 0, RESET.asked_at + timedelta(hours=1))

    assert RESET.still_fits(ANNA)
    assert not RESET.still_fits(replace(ANNA, totp=newer))
    assert not RESET.still_fits(replace(ANNA, totp=None))
    assert not RESET.still_fits(None)
