"""Who may sign in, and what follows on the right password."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.accounts import RSP, Account, Status, Totp, username_key
from services.auth.domain.signing_in import Next, next_step, notices

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PASSED, AHEAD = NOW - timedelta(days=1), NOW + timedelta(days=10, hours=1)
ANNA = Account(
    id="a",
    org="123456.sms",
    username="anna",
    email="anna@example.org",
    display_name="Anna",
    locale="de",
    roles=("admin",),
    label=None,
    status=Status.ACTIVE,
    password_hash="hash",
    password_changed_at=NOW,
    totp=None,
    pending_totp=None,
    recovery_hashes=(),
    created_at=NOW,
    version=1,
)
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
    ("account", "required_from", "step"),
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
    account: Account, required_from: datetime, step: Next
) -> None:
    assert next_step(account, NOW, required_from) is step


def test_before_the_date_a_notice_says_how_many_days_are_left() -> None:
    (notice,) = notices(ANNA, NOW, AHEAD)

    assert (notice.code, notice.days_left, notice.deadline) == ("totp_due", 10, AHEAD)
    assert notices(WITH_TOTP, NOW, AHEAD) == []


def test_user_names_are_the_same_whatever_their_case_width_and_spaces() -> None:
    assert username_key(" ＡＮＮＡ ") == username_key("anna")  # noqa: RUF001
