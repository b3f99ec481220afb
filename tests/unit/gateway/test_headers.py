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
