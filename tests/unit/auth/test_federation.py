"""What is begun with the Reseller Portal, by the vectors of the standards and at its edges."""

from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.federation import (
    LOGOUT_EVENT,
    ClaimsError,
    Expected,
    Factors,
    Flow,
    Identity,
    identity_in,
    logged_out_in,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
FLOW = Flow(
    state="state",
    nonce="nonce",
    verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    begun_at=SECONDS,
    max_age_seconds=3600,
    device_token=None,
)
ISSUER = "https://rsp.example"
# The access token and its hash are those of OpenID Connect Core 1.0, appendix A.4.
EXPECTED = Expected(
    issuer=ISSUER,
    client_id="us",
    nonce="nonce",
    signed_in_since=FLOW.signed_in_since,
    access_token="jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
    algorithm="RS256",
)
CLAIMS = {
    "iss": ISSUER,
    "aud": "us",
    "sub": "4711",
    "iat": SECONDS,
    "exp": SECONDS + 60,
    "auth_time": SECONDS,
    "nonce": "nonce",
    "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
}
LOGOUT = {
    "iss": ISSUER,
    "aud": ["us"],
    "sub": "4711",
    "jti": "1",
    "iat": SECONDS,
    "events": {LOGOUT_EVENT: {}},
}


def test_the_challenge_is_that_of_rfc_7636() -> None:
    assert FLOW.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_hash_of_the_access_token_is_that_of_openid_connect_core() -> None:
    found = identity_in(CLAIMS, EXPECTED, NOW)

    assert found == Identity(ISSUER, "4711", NOW, None, ())


@pytest.mark.parametrize(
    ("seconds", "is_answered"),
    [
        pytest.param(-61, False, id="long-before-it-began"),
        pytest.param(-60, True, id="clocks-differ"),
        pytest.param(600, True, id="just-in-time"),
        pytest.param(601, False, id="too-late"),
    ],
)
def test_an_answer_has_ten_minutes(seconds: int, *, is_answered: bool) -> None:
    at = NOW + timedelta(seconds=seconds)

    assert FLOW.is_answered_by("state", at) is is_answered
    assert not FLOW.is_answered_by("stat\u00e9", at)


@pytest.mark.parametrize(
    ("claim", "last", "first_wrong"),
    [
        pytest.param("exp", -59, -60, id="exp"),
        pytest.param("iat", 60, 61, id="iat"),
        pytest.param("auth_time", -3660, -3661, id="auth-time-is-old"),
        pytest.param("auth_time", 60, 61, id="auth-time-is-ahead"),
    ],
)
def test_clocks_may_differ_by_a_minute(claim: str, last: int, first_wrong: int) -> None:
    assert identity_in({**CLAIMS, claim: SECONDS + last}, EXPECTED, NOW).subject == "4711"
    with pytest.raises(ClaimsError, match=claim):
        identity_in({**CLAIMS, claim: SECONDS + first_wrong}, EXPECTED, NOW)


def test_nobody_signed_in_later_than_now() -> None:
    found = identity_in({**CLAIMS, "auth_time": SECONDS + 30}, EXPECTED, NOW)

    assert found.signed_in_at == NOW


@pytest.mark.parametrize("name", ["", "x" * 256, "\ud800", 4711, None, ["4711"]])
@pytest.mark.parametrize("claim", ["sub", "jti"])
def test_a_name_is_up_to_255_ascii_characters(claim: str, name: object) -> None:
    claims = {**LOGOUT, claim: name}

    with pytest.raises(ClaimsError, match=claim):
        logged_out_in(claims, ISSUER, "us", NOW)


@pytest.mark.parametrize("seconds", [True, "1", None, float("nan"), float("inf"), -(10**30)])
def test_an_instant_is_a_number_within_time(seconds: object) -> None:
    with pytest.raises(ClaimsError, match="auth_time"):
        identity_in({**CLAIMS, "auth_time": seconds}, EXPECTED, NOW)


def test_a_logout_token_has_five_minutes() -> None:
    assert logged_out_in({**LOGOUT, "iat": SECONDS - 300}, ISSUER, "us", NOW) == ("4711", "1")
    with pytest.raises(ClaimsError, match="iat"):
        logged_out_in({**LOGOUT, "iat": SECONDS - 301}, ISSUER, "us", NOW)


def test_without_words_for_it_no_factor_was_shown() -> None:
    shown = Identity(ISSUER, "4711", NOW, None, ())

    assert not Factors(frozenset(), frozenset()).were_shown(shown)
    assert not Factors(frozenset({"gold"}), frozenset({"mfa"})).were_shown(shown)
