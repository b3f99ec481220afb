"""What is told of a device is short, true for common browsers, and harmless for any header."""

import pytest

from services.auth.domain.agents import Agent, agent_of

_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_GALAXY = "Mozilla/5.0 (Linux; Android 14; SM-S911B)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("header", "browser", "system"),
    [
        (f"{_WINDOWS} {_KIT} Chrome/125.0 Safari/537.36", "Chrome", "Windows"),
        (f"{_WINDOWS} {_KIT} Chrome/125.0 Safari/537.36 Edg/125.0", "Edge", "Windows"),
        (f"{_WINDOWS} {_KIT} Chrome/124.0 Safari/537.36 OPR/110.0", "Opera", "Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Firefox/126.0", "Firefox", "Linux"),
        (f"{_MAC} AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15", "Safari", "macOS"),
        (f"{_IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari", "iOS"),
        (f"{_IPHONE} CriOS/125.0 Mobile/15E148 Safari/604.1", "Chrome", "iOS"),
        (f"{_GALAXY} {_KIT} SamsungBrowser/25.0 Chrome/121.0", "Samsung Internet", "Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_KIT} Chrome/125.0", "Chrome", "ChromeOS"),
        ("curl/8.5.0", "curl", None),
        ("python-requests/2.32 Linux/6.1", "python-requests", "Linux"),
        ("Mozilla/5.0", None, None),
        ("unknown", None, None),
        ("", None, None),
    ],
)
def test_a_device_is_named_by_browser_and_system(
    header: str, browser: str | None, system: str | None
) -> None:
    assert agent_of(header) == Agent(browser, system)


@pytest.mark.parametrize(
    "header",
    ["https://evil.example/", "Call 0123-456 now/1", "<b>x</b>/1", "x" * 5000 + "/1", "évil/1"],
)
def test_nothing_but_a_plain_word_of_what_was_sent_is_repeated(header: str) -> None:
    assert agent_of(header) == Agent(None, None)
