"""Which headers pass the door."""

import pytest

from services.gateway.domain.headers import to_client, to_service


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "AUTHORIZATION",
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-HOST",
        "X_Forwarded_For",
        "X-Real-IP",
        "X-Portal-Enrolment",
        "x_portal_enrolment",
        "X-Portal-Pass",
        "X-Request-Id",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Expect",
        "Host",
        "Content-Length",
        "If_Match",
        "Proxy-Authorization",
    ],
)
def test_what_a_client_may_not_say_stays_outside(name: str) -> None:
    assert to_service([(name, "x"), ("Accept", "*/*")]) == [("Accept", "*/*")]


def test_what_belongs_to_one_hop_stays_inside() -> None:
    answer = [
        ("Connection", "close, X-Inner"),
        ("connection", "x-second"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Connection", "close"),
        ("Transfer-Encoding", "chunked"),
        ("Upgrade", "h2c"),
        ("Server", "inner/1.0"),
        ("X-Inner", "1"),
        ("X-SECOND", "2"),
        ("ETag", '"1"'),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    ]

    assert to_client(answer) == [("ETag", '"1"'), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


@pytest.mark.parametrize("raw", [b"a\xffb", b"a\xed\xa0\x80b", b'"\xe4"'])
def test_what_is_no_text_becomes_text(raw: bytes) -> None:
    value = raw.decode("utf-8", "surrogateescape")  # as aiohttp reads a header

    (told,) = to_service([("User-Agent", value)])

    assert "\ufffd" in told[1].encode().decode()


def test_what_is_text_stays_as_it_is() -> None:
    given = [("User-Agent", "Müller/1 💩"), ("Cookie", "portal_refresh=prt_x")]

    assert to_service(given) == given


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (TRACE, [("traceparent", TRACE)]),
        (TRACE.upper(), []),
        (f"{TRACE}-more", []),
        (f"ff{TRACE[2:]}", []),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", []),
        (f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01", []),
        ("x" * 8000, []),
        ("", []),
    ],
)
def test_only_a_trace_is_carried_on_as_one(given: str, told: list[tuple[str, str]]) -> None:
    assert to_service([("traceparent", given)]) == told
