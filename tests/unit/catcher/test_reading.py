"""However broken a mail is, the catcher makes something of it."""

from datetime import UTC, datetime

import pytest

from portal.catcher.mails import Attachment, Mail, Person, read
from portal.catcher.texts import ENGLISH, GERMAN, Texts, texts_for

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ORDINARY = """\
From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.com>
To: "Mustermann, Erika" <erika@example.com>, max@example.com
Cc: cc@example.com
Reply-To: reply@example.com
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
 aus Bremen
Date: Tue, 10 Mar 2026 12:00:00 +0100
Message-ID: <mail-1@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe,
 Erika
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

<p>Hello</p>
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="licence.pdf"
Content-Transfer-Encoding: base64

aGVsbG8=
--b
Content-Type: image/png
Content-Disposition: inline
Content-ID: <logo@example.com>
Content-Transfer-Encoding: base64

aGk=
--b--
"""


def read_text(text: str) -> Mail:
    return read("id-1", text.replace("\n", "\r\n").encode(), NOON)


def test_an_ordinary_mail_is_understood() -> None:
    mail = read_text(ORDINARY)

    summary = mail.summary
    assert summary.sender == Person("Jürgen", "juergen@example.com")
    assert summary.to == (
        Person("Mustermann, Erika", "erika@example.com"),
        Person("", "max@example.com"),
    )
    assert summary.cc == (Person("", "cc@example.com"),)
    assert summary.reply_to == (Person("", "reply@example.com"),)
    assert summary.subject == "Grüße aus Bremen"
    assert summary.message_id == "mail-1@example.com"
    assert summary.snippet == "Grüße, Erika"
    assert mail.date.isoformat() == "2026-03-10T12:00:00+01:00"
    assert mail.text.strip() == "Grüße,\n Erika"
    assert mail.html.strip() == "<p>Hello</p>"


def test_files_and_inline_images_are_listed_as_attachments() -> None:
    mail = read_text(ORDINARY)

    assert mail.summary.attachments == 2
    assert mail.attachments == (
        Attachment("3", "licence.pdf", "application/pdf", "", 5, is_inline=False),
        Attachment("4", "", "image/png", "logo@example.com", 2, is_inline=True),
    )


def test_the_snippet_of_a_mail_without_text_is_what_its_html_shows() -> None:
    mail = read_text(
        "Content-Type: text/html\n\n<head><style>p{}</style></head><p>A &amp; B</p>\n<b>C</b>"
    )

    assert mail.summary.snippet == "A & B C"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"no header at all",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"Content-Type: text/plain; charset=nope\r\n\r\n\xff\xfe",
        b'Content-Type: text/html; charset="utf\x008"\r\n\r\nx',
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%",
        b"Content-Disposition: attachment; filename*\r\n\r\nx",
        b"Content-Disposition: attachment; file*=u\x00tf-8''%ff%\r\n\r\nx",
        b"From: =?utf-8?q?x?= <a@b\r\nTo: ,,;:<>@\r\nSubject: =?nope?b?!!?=\r\n\r\n",
        b"Date: Mon, 99 Foo 9999999 99:99:99 +9999999\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nx",
    ],
)
def test_a_broken_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    mail = read("id-1", raw, NOON)

    assert mail.raw == raw
    assert mail.date == NOON
    assert mail.summary.size == len(raw)


@pytest.mark.parametrize(
    ("accept_language", "texts"),
    [
        ("de", GERMAN),
        ("de-AT,de;q=0.9,en;q=0.8", GERMAN),
        ("fr, de;q=0.5, en;q=0.4", GERMAN),
        ("en-GB,en;q=0.9,de;q=0.8", ENGLISH),
        ("de;q=0.1, en", ENGLISH),
        ("de;q=0", ENGLISH),
        ("fr", ENGLISH),
        ("", ENGLISH),
        (";;;q=x,de;q=nan", ENGLISH),
    ],
)
def test_pages_speak_the_readers_language(accept_language: str, texts: Texts) -> None:
    assert texts_for(accept_language) is texts
