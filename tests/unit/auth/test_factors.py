"""What must be left of the ways into an account, and what a passkey shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.accounts import Account, IssuerSubject, Status, Totp
from services.auth.domain.factors import (
    CompulsoryError,
    Factor,
    LastWayInError,
    check_passkey_may_go,
    check_totp_may_go,
    factors_of,
)
from services.auth.domain.passkeys import Passkey
from services.auth.domain.sessions import amr_after
from tests.support.accounts import an_account

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NOT_YET = NOW + timedelta(seconds=1)
LAPTOP = Passkey(
    credential_id="c",
    public_key=b"k",
    sign_count=5,
    transports=(),
    aaguid="0",
    is_synced=False,
    verifies_user=True,
    id="laptop",
    name="Laptop",
    created_at=NOW,
)
TOUCH = replace(LAPTOP, id="touch", credential_id="d", verifies_user=False)
TOTP = Totp("locked", 0, NOW)
ANNA = an_account(passkeys=(LAPTOP,))
ELSEWHERE = IssuerSubject("https://reseller-portal.example", "1")


@pytest.mark.parametrize(
    ("account", "deadline"),
    [
        pytest.param(ANNA, NOT_YET, id="nothing is compulsory yet"),
        pytest.param(replace(ANNA, totp=TOTP), NOW, id="an app is left"),
        pytest.param(replace(ANNA, passkeys=(LAPTOP, TOUCH)), NOW, id="a passkey is left"),
        pytest.param(
            replace(ANNA, password_hash=None, passkeys=(LAPTOP, replace(LAPTOP, id="other"))),
            NOW,
            id="no password, and a passkey is left that verifies its user",
        ),
        pytest.param(
            replace(ANNA, password_hash=None, issuer_subject=ELSEWHERE), NOT_YET, id="elsewhere"
        ),
    ],
)
def test_a_passkey_may_go_while_a_way_and_a_factor_are_left(
    account: Account, deadline: datetime
) -> None:
    check_passkey_may_go(account, LAPTOP.id, deadline, NOW)


@pytest.mark.parametrize(
    ("account", "deadline", "error"),
    [
        pytest.param(ANNA, NOW, CompulsoryError, id="the last factor, from the date on"),
        pytest.param(
            replace(ANNA, password_hash=None), NOT_YET, LastWayInError, id="the last way in"
        ),
        pytest.param(
            replace(ANNA, password_hash=None, totp=TOTP),
            NOT_YET,
            LastWayInError,
            id="an app alone opens nothing",
        ),
        pytest.param(
            replace(ANNA, password_hash=None, passkeys=(LAPTOP, TOUCH)),
            NOT_YET,
            LastWayInError,
            id="a touch alone opens nothing",
        ),
        pytest.param(
            replace(ANNA, password_hash=None, issuer_subject=ELSEWHERE),
            NOW,
            CompulsoryError,
            id="elsewhere, but the last factor",
        ),
    ],
)
def test_a_passkey_stays_where_nothing_would_be_left(
    account: Account, deadline: datetime, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_passkey_may_go(account, LAPTOP.id, deadline, NOW)


def test_an_app_stays_where_it_is_the_last_factor_and_one_is_compulsory() -> None:
    alone = replace(ANNA, totp=TOTP, passkeys=())

    check_totp_may_go(alone, NOT_YET, NOW)
    check_totp_may_go(replace(ANNA, totp=TOTP), NOW, NOW)
    with pytest.raises(CompulsoryError):
        check_totp_may_go(alone, NOW, NOW)


def test_what_is_taken_as_the_second_step_is_what_there_is() -> None:
    everything = replace(ANNA, totp=TOTP, recovery_hashes=("h",))

    assert factors_of(everything) == (Factor.TOTP, Factor.PASSKEY, Factor.RECOVERY_CODE)
    assert factors_of(ANNA) == (Factor.PASSKEY,)


def test_without_a_password_only_an_active_account_with_a_role_and_a_passkey_gets_in() -> None:
    without = replace(ANNA, password_hash=None)

    assert without.may_sign_in
    assert not replace(without, passkeys=()).may_sign_in
    assert not replace(without, roles=()).may_sign_in
    assert not replace(without, status=Status.INVITED).may_sign_in


@pytest.mark.parametrize(
    ("known", "told", "is_behind"),
    [(0, 0, False), (0, 1, False), (5, 6, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_counter_only_grows_or_was_always_nought(
    known: int, told: int, *, is_behind: bool
) -> None:
    assert replace(LAPTOP, sign_count=known).is_behind(told) is is_behind


def test_a_passkey_says_whether_its_key_may_be_on_several_devices() -> None:
    assert LAPTOP.shows == ("mfa", "hwk", "user")
    assert replace(LAPTOP, is_synced=True).shows == ("mfa", "swk", "user")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("pwd",), ("pwd", "mfa", "otp")),
        (("pwd", "mfa", "hwk", "user"), ("pwd", "mfa", "otp")),
        (("mfa", "swk", "user"), ("mfa", "otp")),
        (("rsp",), ("rsp", "mfa", "otp")),
    ],
)
def test_a_factor_shown_again_leaves_the_first_step_as_it_was(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert amr_after(before, ("mfa", "otp")) == after
