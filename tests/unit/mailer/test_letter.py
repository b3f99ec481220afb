"""A letter arrives as it was written, and nothing in it can forge a header."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from services.mailer.clients.letter import LetterError, build, parse_address
from services.mailer.clients.renderer import Rendered

SENDER = parse_address("portal@example.com", "Mobile Security Portal")
ERIKA = parse_address("erika@example.com", "Erika Müller, Geschäftsführung")
WRITTEN = Rendered(
    subject="Passwort zurücksetzen: über 75 Zeichen lang, damit die Zeile gefaltet werden muss 🔑",
    text="Grüße = 100 %\n.\n-- \nhttps://portal.example/?token=" + "a" * 200 + "\n",
    html="<p>Grüße</p>\n" + "x" * 2_000,
)


def a_letter(
    written: Rendered = WRITTEN,
    *,
    message_id: str = "<mail-1@portal.example>",
    recipient: Address = ERIKA,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    return build(
        written,
        message_id=message_id,
        sender=SENDER,
        recipient=recipient,
        date=datetime(2026, 3, 10, 12, tzinfo=UTC),
        headers=headers,
    )


def received(letter: bytes) -> EmailMessage:
    return message_from_bytes(letter, _class=EmailMessage, policy=policy.default)


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_letter_arrives_as_it_was_written() -> None:
    letter = received(a_letter(headers={"X-Request-Id": "r-1"}))

    assert letter["From"] == "Mobile Security Portal <portal@example.com>"
    assert letter["To"].addresses == (ERIKA,)
    assert letter["Subject"] == WRITTEN.subject
    assert letter["Date"].datetime == datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert letter["Message-ID"] == "<mail-1@portal.example>"
    assert letter["X-Request-Id"] == "r-1"
    assert body(letter, "plain") == WRITTEN.text
    assert body(letter, "html") == WRITTEN.html
    assert letter.defects == []


def test_a_letter_says_that_a_machine_wrote_it_and_prefers_html() -> None:
    letter = received(a_letter())

    kinds = [part.get_content_type() for part in letter.iter_parts()]
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html"]


def test_a_letter_fits_through_any_server() -> None:
    raw = a_letter()

    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 78


def test_the_same_letter_is_the_same_bytes_at_every_attempt() -> None:
    assert a_letter() == a_letter()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Request-Id": "r-1\r\nBcc: eve@example.com"},
        {"X-Request-Id": "r-1\nBcc: eve@example.com"},
        {"X-Request-Id\r\nBcc": "eve@example.com"},
        {"Bcc": "eve@example.com"},
        {"X-Ä": "x"},
    ],
    ids=["crlf", "lf", "crlf-in-name", "bcc", "not-ascii"],
)
def test_a_forged_header_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(LetterError, match="header"):
        a_letter(headers=headers)


def test_a_subject_with_a_line_break_is_refused() -> None:
    forged = Rendered(subject="Hello\r\nBcc: eve@example.com", text="x", html="x")

    with pytest.raises(LetterError, match="line break"):
        a_letter(forged)


@pytest.mark.parametrize(
    "message_id",
    ["mail-1", "<mail-1>", "<a@b>\r\nBcc: eve@example.com", "<a b@c>", ""],
    ids=["bare", "no-host", "crlf", "space", "empty"],
)
def test_a_malformed_message_id_is_refused(message_id: str) -> None:
    with pytest.raises(LetterError, match="Message-ID"):
        a_letter(message_id=message_id)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "erika",
        "@example.com",
        "erika@",
        "erika@example.com\r\nBcc: eve@example.com",
        "erika@example.com\nRCPT TO:<eve@example.com>",
        "erika@example.com, eve@example.com",
        "Erika <erika@example.com>",
        "erika @example.com",
        "erika@exa mple.com",
        "erika@-example.com",
        "erika@example..com",
        "erika@[127.0.0.1]",
        "jürgen@example.com",
        "erika@example.com\x00",
        "a" * 65 + "@example.com",
        "erika@" + ".".join(["a" * 60] * 5),
    ],
)
def test_a_bad_address_is_refused(address: str) -> None:
    with pytest.raises(LetterError):
        parse_address(address)


def test_a_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(LetterError) as refusal:
        parse_address("jürgen.secret@example.com")

    assert "secret" not in str(refusal.value)


def test_a_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(LetterError, match="name"):
        parse_address("erika@example.com", "Erika\r\nBcc: eve@example.com")


@pytest.mark.parametrize(
    "address", ["erika@example.com", "e.m+portal@mail.example.com", "o'hara@example.com", "a@b"]
)
def test_an_ordinary_address_is_taken_as_it_is(address: str) -> None:
    assert parse_address(address).addr_spec == address


def test_a_domain_outside_ascii_takes_its_idna_form() -> None:
    assert parse_address("erika@bäckerei.example").addr_spec == "erika@xn--bckerei-5wa.example"
