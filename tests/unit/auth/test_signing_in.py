"""Who may sign in, and what follows on the right password."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.accounts import RSP, Account, Status, Totp, username_key
from services.auth.domain.signing_in import Next, next_step, notices
from tests.support.accounts import an_account

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PASSED, AHEAD = NOW - timedelta(days=1), NOW + timedelta(days=10, hours=1)
ANNA = an_account()
RESELLER_PORTAL = "https://reseller-portal.example"
WITH_TOTP = replace(ANNA, totp=Totp("locked", 0, NOW))


@pytest.mark.parametrize(
    ("account", "may"),
    [
        (ANNA, True),
        (replace(ANNA, roles=("auditor",)), True),
        (replace(ANNA, roles=()), False),
        (replace(ANNA, roles=("sales",)), False),
        (replace(ANNA, status=Status.DISABLED), False),
        (replace(ANNA, status=Status.INVITED), False),
        (replace(ANNA, password_hash=None), False),
        (replace(ANNA, org="100001.rsp", roles=("reseller-support",)), True),
        (replace(ANNA, org="100001.rsp", roles=()), False),
        (replace(ANNA, org="vendor", roles=("sales",)), True),
    ],
)
def test_an_account_signs_in_with_a_role_that_opens_the_portal(
    account: Account, *, may: bool
) -> None:
    assert account.may_sign_in is may


@pytest.mark.parametrize(
    ("account", "deadline", "step"),
    [
        (WITH_TOTP, PASSED, Next.TOTP),
        (WITH_TOTP, AHEAD, Next.TOTP),
        (ANNA, AHEAD, Next.DONE),
        (ANNA, PASSED, Next.ENROL_TOTP),
        (replace(ANNA, label=RSP), AHEAD, Next.DONE),
        (replace(ANNA, label=RSP), PASSED, Next.RESELLER_PORTAL),
    ],
)
def test_what_follows_depends_on_the_factor_the_date_and_the_label(
    account: Account, deadline: datetime, step: Next
) -> None:
    assert next_step(account, NOW, deadline) is step


def test_before_the_deadline_a_notice_says_how_many_days_are_left() -> None:
    (notice,) = notices(ANNA, NOW, AHEAD, RESELLER_PORTAL)

    assert (notice.code, notice.days_left, notice.deadline) == ("totp_due", 10, AHEAD)
    assert notice.url is None
    assert notices(WITH_TOTP, NOW, None, RESELLER_PORTAL) == []
    assert notices(ANNA, NOW, PASSED, RESELLER_PORTAL) == []


def test_the_notice_of_an_rsp_account_says_where_its_factor_lives() -> None:
    (notice,) = notices(replace(ANNA, label=RSP), NOW, AHEAD, RESELLER_PORTAL)

    assert notice.url == RESELLER_PORTAL
    assert "Reseller Portal" in notice.detail


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=23), "within a day"),
        (timedelta(hours=25), "in one day"),
        (timedelta(days=2), "in 2 days"),
    ],
)
def test_the_last_days_are_counted_in_words(left: timedelta, words: str) -> None:
    (notice,) = notices(ANNA, NOW, NOW + left, RESELLER_PORTAL)

    assert words in notice.detail


def test_user_names_are_the_same_whatever_their_case_width_and_spaces() -> None:
    assert username_key(" ＡＮＮＡ ") == username_key("anna")  # noqa: RUF001
