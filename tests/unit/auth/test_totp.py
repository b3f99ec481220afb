"""Time-based codes against the vectors of RFC 6238, and what is no code at all."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.totp import (
    is_recovery_code,
    matching_step,
    otpauth_uri,
    readable,
    recovery_hash,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
"""RFC 6238, appendix B, SHA-1, the last six of its eight digits."""


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_of_rfc_6238_are_accepted_at_their_time(seconds: int, code: str) -> None:
    assert matching_step(RFC_SECRET, code, at(seconds)) == seconds // 30


@pytest.mark.parametrize(
    ("offset", "accepted"), [(-60, False), (-30, True), (30, True), (60, False)]
)
def test_a_code_is_accepted_one_step_early_or_late_and_no_more(
    offset: int, *, accepted: bool
) -> None:
    now = at(1234567890) + timedelta(seconds=offset)

    step = matching_step(RFC_SECRET, "005924", now)

    assert (step == 1234567890 // 30) if accepted else step is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "28708",
        "2870820",
        " 287082",
        "287 082",
        "287082\n",
        "٢٨٧٠٨٢",
        "\uff12\uff18\uff17\uff10\uff18\uff12",
        "-87082",
    ],
)
def test_only_six_ascii_digits_are_a_code(code: str) -> None:
    assert matching_step(RFC_SECRET, code, at(59)) is None


def test_the_label_in_the_app_names_the_tenant() -> None:
    uri = otpauth_uri(RFC_SECRET, "anna & co", "123456.sms")

    assert uri.startswith(
        "otpauth://totp/Mobile%20Security%20Portal%3Aanna%20%26%20co%20%28123456.sms%29?"
    )
    assert f"secret={RFC_SECRET}" in uri


def test_a_recovery_code_is_the_same_however_it_is_typed_and_bound_to_its_account() -> None:
    shown = readable("abcdefgh23456723")

    assert shown == "abcd-efgh-2345-6723"
    assert is_recovery_code(" ABCD efgh-23456723")
    assert recovery_hash("a", shown) == recovery_hash("a", "ABCDEFGH23456723")
    assert recovery_hash("a", shown) != recovery_hash("b", shown)
    assert not is_recovery_code("123456")
