"""Forms, read as RFC 6749 wants them."""

import pytest

from shared.forms import FormError, parse_form


def test_names_and_values_are_decoded() -> None:
    found = parse_form(b"grant_type=client_credentials&scope=tenant%3Aread+licence%3Aread")

    assert found == {"grant_type": "client_credentials", "scope": "tenant:read licence:read"}


def test_an_empty_value_is_an_absent_one() -> None:
    assert parse_form(b"a=1&scope=") == {"a": "1"}


def test_no_body_has_no_names() -> None:
    assert parse_form(b"") == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"scope=a&scope=b",
        b"scope=&scope=",
        b"scope",
        b"a=1&&b=2",
        b"a=%ff",
        b"a=\xc3\xa4",
        b"&".join(b"a%d=1" % number for number in range(33)),
        b'{"grant_type": "client_credentials"}',
    ],
    ids=["twice", "twice-empty", "no-value", "gap", "not-utf8", "not-ascii", "many", "json"],
)
def test_a_body_that_is_no_strict_form_is_refused(raw: bytes) -> None:
    with pytest.raises(FormError):
        parse_form(raw)
