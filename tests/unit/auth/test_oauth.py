"""Client credentials and scopes by RFC 6749."""

import base64

import pytest

from services.auth.domain.oauth import (
    Credentials,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    credentials,
    narrowed,
)

HELD = ("licence:read", "tenant:read")


def basic(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return f"Basic {base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    ("authorization", "client_id", "secret"),
    [
        (basic("one:two"), None, None),
        (basic("one:two"), "one", None),
        (basic("%6Fne:tw%6F"), None, None),
        (basic("one:two").replace("Basic", "bASIC"), None, None),
        (None, "one", "two"),
    ],
    ids=["basic", "basic-and-id", "encoded", "scheme-in-any-case", "body"],
)
def test_a_client_authenticates_in_the_header_or_in_the_body(
    authorization: str | None, client_id: str | None, secret: str | None
) -> None:
    assert credentials(authorization, client_id, secret) == Credentials("one", "two")


@pytest.mark.parametrize(
    ("authorization", "client_id", "secret"),
    [
        (None, None, None),
        (None, "one", None),
        (None, None, "two"),
        ("Basic", None, None),
        ("Basic !!!", None, None),
        (basic("no colon"), None, None),
        (basic(b"\xff:\xff"), None, None),
        ("Bearer abc", None, None),
        (basic("one:two"), "another", None),
    ],
)
def test_whoever_shows_no_whole_credentials_is_no_client(
    authorization: str | None, client_id: str | None, secret: str | None
) -> None:
    with pytest.raises(InvalidClientError):
        credentials(authorization, client_id, secret)


def test_credentials_in_both_places_are_refused() -> None:
    with pytest.raises(InvalidRequestError):
        credentials(basic("one:two"), "one", "two")


def test_a_scope_narrows_and_without_one_a_token_has_all() -> None:
    assert narrowed(None, HELD) == HELD
    assert narrowed("tenant:read", HELD) == ("tenant:read",)
    assert narrowed("tenant:read licence:read tenant:read", HELD) == HELD


@pytest.mark.parametrize(
    "scope",
    ["tenant:edit", "tenant:read tenant:edit", "tenant:read ", " ", 'a"b', "a\\b", "ä", "*"],
)
def test_a_scope_that_is_more_than_the_client_has_or_malformed_is_refused(scope: str) -> None:
    with pytest.raises(InvalidScopeError):
        narrowed(scope, HELD)
