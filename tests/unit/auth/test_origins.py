"""Origins are compared by scheme, host and port."""

import pytest

from services.auth.domain.origins import is_own, origin_of

PUBLIC = "https://portal.example"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://portal.example", "https://portal.example"),
        ("https://Portal.Example:443/path?query", "https://portal.example"),
        ("http://portal.example:80", "http://portal.example"),
        ("http://portal.example:443", "http://portal.example:443"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://somebody@portal.example", "https://portal.example"),
        ("ftp://portal.example", ""),
        ("https://portal.example:no", ""),
        ("https://[portal", ""),
        ("https://", ""),
        ("null", ""),
        ("", ""),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("origin", "host", "is_ours"),
    [
        ("https://portal.example", "portal.example", True),
        ("https://portal.example", "portal.example:443", True),
        ("https://portal.example", "PORTAL.example", True),
        ("https://portal.example:8443", "portal.example:8443", True),
        ("http://portal.example", "portal.example", False),
        ("http://portal.example:443", "portal.example:443", False),
        ("https://portal.example:8443", "portal.example", False),
        ("https://portal.example", "portal.example:8443", False),
        ("https://evil.example", "portal.example", False),
        ("https://evil.example@portal.example", "portal.example", False),
        ("null", "portal.example", False),
        ("null", None, False),
        ("", "", False),
        ("", None, False),
    ],
)
def test_a_page_is_our_own_with_our_scheme_and_the_host_and_port_that_was_called(
    origin: str, host: str | None, *, is_ours: bool
) -> None:
    assert is_own(origin, public_url=PUBLIC, host=host) is is_ours
