"""A mail's text on the wire: its own dots are doubled, and no line of it ends early."""

import pytest

from services.mailer.clients.conversation import text_of


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (b"Hello.\r\n", b"Hello.\r\n.\r\n"),
        (b"\r\n.\r\nBye.\r\n", b"\r\n..\r\nBye.\r\n.\r\n"),
        (b".first\r\n..second\r\n", b"..first\r\n...second\r\n.\r\n"),
    ],
)
def test_a_dot_at_the_start_of_a_line_is_doubled(mail: bytes, text: bytes) -> None:
    assert text_of(mail) == text


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"no end",
        b"lone\n.\nMAIL FROM:<eve@evil.example>\r\n",
        b"lone\r.\r\n",
        b"odd\n\r\n",
        b"odd\r\r\n",
        b"equal\r in \n number\r\n",
    ],
)
def test_a_line_that_does_not_end_in_cr_lf_is_refused(mail: bytes) -> None:
    with pytest.raises(ValueError, match="doesn't end in CR LF"):
        text_of(mail)
