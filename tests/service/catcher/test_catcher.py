"""The mail catcher takes mails by SMTP and shows them by Mailpit's API and in the browser."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiosmtplib import SMTP, send

from portal.catcher import Catcher, run_catcher
from shared.http_client import open_http_client


@dataclass(frozen=True)
class Reader:
    """Sends to a running catcher and reads from it."""

    catcher: Catcher
    http: aiohttp.ClientSession  # noqa: TID251 only named, made by shared.http_client

    async def deliver(self, subject: str, *, to: str = "erika@example.com", html: str = "") -> None:
        mail = EmailMessage()
        mail["From"] = "Portal <portal@example.com>"
        mail["To"] = to
        mail["Subject"] = subject
        mail.set_content(f"Text of {subject}")
        if html:
            mail.add_alternative(html, subtype="html")
        await send(mail, hostname="127.0.0.1", port=self.catcher.smtp_port)

    async def get(self, path: str, language: str = "en") -> tuple[int, str, dict[str, str]]:
        headers = {"Accept-Language": language}
        async with self.http.get(self.catcher.url + path, headers=headers) as response:
            return response.status, await response.text(), dict(response.headers)

    async def json(self, path: str) -> tuple[int, Any]:
        async with self.http.get(self.catcher.url + path) as response:
            return response.status, await response.json()

    async def subjects(self, query: str = "") -> list[str]:
        _, listed = await self.json(f"/api/v1/messages{query}")
        return [message["Subject"] for message in listed["messages"]]

    async def delete(self, body: str = "") -> int:
        async with self.http.delete(f"{self.catcher.url}/api/v1/messages", data=body) as response:
            return response.status


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    async with run_catcher(tmp_path, "127.0.0.1", 0) as catcher, open_http_client() as http:
        yield Reader(catcher, http)


async def test_a_delivered_mail_is_listed_as_mailpit_lists_it(reader: Reader) -> None:
    await reader.deliver("Hello", to="Erika Müller <erika@example.com>")

    status, listed = await reader.json("/api/v1/messages")

    [message] = listed["messages"]
    assert status == 200
    assert (listed["total"], listed["unread"], listed["count"]) == (1, 1, 1)
    assert (listed["messages_count"], listed["start"]) == (1, 0)
    assert message["From"] == {"Name": "Portal", "Address": "portal@example.com"}
    assert message["To"] == [{"Name": "Erika Müller", "Address": "erika@example.com"}]
    assert message["Cc"] == message["Bcc"] == message["ReplyTo"] == []
    assert message["Subject"] == "Hello"
    assert message["Snippet"] == "Text of Hello"
    assert message["Read"] is False
    assert message["Attachments"] == 0
    assert message["Created"].endswith("Z")


async def test_one_mail_comes_with_text_and_html(reader: Reader) -> None:
    await reader.deliver("Hello", html="<p>Hello</p>")

    status, latest = await reader.json("/api/v1/message/latest")
    _, named = await reader.json(f"/api/v1/message/{latest['ID']}")

    assert status == 200
    assert latest == named
    assert latest["Text"].strip() == "Text of Hello"
    assert latest["HTML"].strip() == "<p>Hello</p>"
    assert latest["ReturnPath"] == "portal@example.com"
    assert latest["Inline"] == latest["Attachments"] == []


async def test_mails_are_listed_newest_first_and_by_pages(reader: Reader) -> None:
    for subject in ("first", "second", "third"):
        await reader.deliver(subject)

    assert await reader.subjects() == ["third", "second", "first"]
    assert await reader.subjects("?limit=1&start=1") == ["second"]
    assert await reader.subjects("?start=3") == []
    assert await reader.subjects("?limit=0") == []


async def test_many_mails_at_once_each_arrive_once(reader: Reader) -> None:
    sent = [f"mail {number}" for number in range(40)]

    async with asyncio.TaskGroup() as senders:
        for subject in sent:
            senders.create_task(reader.deliver(subject))

    assert sorted(await reader.subjects()) == sorted(sent)


async def test_a_mail_is_unread_until_somebody_opens_it(reader: Reader) -> None:
    await reader.deliver("Hello")

    await reader.json("/api/v1/message/latest")

    _, listed = await reader.json("/api/v1/messages")
    assert listed["unread"] == 0
    assert listed["messages"][0]["Read"] is True


async def test_a_recipient_whom_no_header_names_is_shown_as_a_blind_copy(reader: Reader) -> None:
    raw = "From: a@example.com\r\nTo: b@example.com\r\n\r\nHello"
    async with SMTP(hostname="127.0.0.1", port=reader.catcher.smtp_port) as client:
        await client.sendmail("bounce@example.com", ["b@example.com", "c@example.com"], raw)

    _, mail = await reader.json("/api/v1/message/latest")

    assert mail["Bcc"] == [{"Name": "", "Address": "c@example.com"}]
    assert mail["ReturnPath"] == "bounce@example.com"


async def test_headers_and_source_can_be_read(reader: Reader) -> None:
    await reader.deliver("Hello")

    _, headers = await reader.json("/api/v1/message/latest/headers")
    status, raw, _ = await reader.get("/api/v1/message/latest/raw")

    assert headers["Subject"] == ["Hello"]
    assert headers["Return-Path"] == ["<portal@example.com>"]
    assert list(headers) == sorted(headers)
    assert status == 200
    assert "Subject: Hello\r\n" in raw


@pytest.mark.parametrize("path", ["", "/raw", "/headers"], ids=["message", "raw", "headers"])
@pytest.mark.parametrize("mail_id", ["latest", "0000000000000000", "..%2f..%2fetc%2fpasswd"])
async def test_an_unknown_mail_is_not_found(reader: Reader, path: str, mail_id: str) -> None:
    status, refusal = await reader.json(f"/api/v1/message/{mail_id}{path}")

    assert status == 404
    assert refusal == {"Error": "message not found"}


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "", "9999999999999999999", "٣"])
@pytest.mark.parametrize("name", ["limit", "start"])
async def test_a_bad_number_is_refused_by_name(reader: Reader, name: str, value: str) -> None:
    status, refusal = await reader.json(f"/api/v1/messages?{name}={value}")

    assert status == 400
    assert refusal["Error"].startswith(f"{name} must be a whole number")


async def test_all_mails_can_be_deleted(reader: Reader, tmp_path: Path) -> None:
    await reader.deliver("Hello")

    status = await reader.delete()

    assert status == 200
    assert await reader.subjects() == []
    assert files_in(tmp_path) == []


async def test_chosen_mails_can_be_deleted(reader: Reader) -> None:
    await reader.deliver("stays")
    await reader.deliver("goes")
    _, latest = await reader.json("/api/v1/message/latest")

    await reader.delete(f'{{"IDs": ["{latest["ID"]}", "unknown"]}}')

    assert await reader.subjects() == ["stays"]


@pytest.mark.parametrize("body", ["{", "[]", '{"IDs": "all"}', '{"IDs": [1]}', "null"])
async def test_a_delete_that_is_not_understood_deletes_nothing(reader: Reader, body: str) -> None:
    await reader.deliver("Hello")

    status = await reader.delete(body)

    assert status == 400
    assert await reader.subjects() == ["Hello"]


async def test_an_empty_list_explains_itself_in_the_readers_language(reader: Reader) -> None:
    _, english, _ = await reader.get("/")
    _, german, _ = await reader.get("/", "de-DE,de;q=0.9")

    assert '<html lang="en">' in english
    assert "No mail yet" in english
    assert '<html lang="de">' in german
    assert "Noch keine E-Mail" in german


async def test_the_list_shows_what_was_sent_and_runs_none_of_it(reader: Reader) -> None:
    await reader.deliver("<script>alert(1)</script>")

    status, page, headers = await reader.get("/")

    assert status == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


async def test_a_long_list_is_shown_by_pages(reader: Reader) -> None:
    async with SMTP(hostname="127.0.0.1", port=reader.catcher.smtp_port) as client:
        for number in range(51):
            raw = f"Subject: mail-{number}\r\n\r\nHello"
            await client.sendmail("a@example.com", ["b@example.com"], raw)

    _, first, _ = await reader.get("/")
    _, second, _ = await reader.get("/?start=50")

    assert "mail-50" in first
    assert "mail-0<" not in first
    assert "mail-0<" in second
    assert 'href="/?start=0"' in second


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("", "<iframe"),
        ("?tab=html", "<iframe"),
        ("?tab=text", "Text of Hello"),
        ("?tab=headers", "<dt>Return-Path</dt>"),
        ("?tab=source", "Content-Type: multipart/alternative"),
        ("?tab=nonsense", "<iframe"),
    ],
)
async def test_a_mail_has_a_page_with_tabs(reader: Reader, tab: str, shown: str) -> None:
    await reader.deliver("Hello", html="<p>Hello</p>")

    status, page, _ = await reader.get(f"/view/latest{tab}")

    assert status == 200
    assert shown in page


async def test_the_html_of_a_mail_runs_and_loads_nothing(reader: Reader) -> None:
    html = (
        "<html><head><title>x</title></head><body><a href='https://a.example'>a</a></body></html>"
    )
    await reader.deliver("Hello", html=html)

    _, page, _ = await reader.get("/view/latest")
    _, body, headers = await reader.get("/view/latest/html")

    policy = headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script-src" not in policy
    assert '<head><base target="_blank">' in body


@pytest.mark.parametrize("path", ["/nowhere", "/view/0", "/view/0/html", "/?start=x"])
async def test_a_page_that_is_not_there_says_so(reader: Reader, path: str) -> None:
    status, page, headers = await reader.get(path, "de")

    assert status in {400, 404}
    assert '<html lang="de">' in page
    assert headers["Content-Type"] == "text/html; charset=utf-8"


async def test_mails_are_there_after_a_restart(tmp_path: Path) -> None:
    async with open_http_client() as http:
        async with run_catcher(tmp_path, "127.0.0.1", 0) as first:
            await Reader(first, http).deliver("before")
        async with run_catcher(tmp_path, "127.0.0.1", 0) as second:
            await Reader(second, http).deliver("after")

            assert await Reader(second, http).subjects() == ["after", "before"]


async def test_an_open_smtp_session_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    async with asyncio.timeout(3), run_catcher(tmp_path, "127.0.0.1", 0) as catcher:
        client, writer = await asyncio.open_connection("127.0.0.1", catcher.smtp_port)
        await client.readline()

    assert await client.read() == b""
    writer.close()


async def test_a_taken_port_is_an_os_error_and_leaves_nothing_running(tmp_path: Path) -> None:
    async with run_catcher(tmp_path / "a", "127.0.0.1", 0) as first:
        port = int(first.url.rpartition(":")[2])

        with pytest.raises(OSError, match="address already in use"):
            async with run_catcher(tmp_path / "b", "127.0.0.1", port):
                pass
        with pytest.raises(OSError, match="address already in use"):
            async with run_catcher(tmp_path / "b", "127.0.0.1", 0, first.smtp_port):
                pass


async def test_every_mail_can_be_looked_at_with_made_up_data(reader: Reader) -> None:
    status, listed, _ = await reader.get("/previews")
    _, mail, headers = await reader.get("/previews/password_reset.de")
    missing, _, _ = await reader.get("/previews/nothing.de")

    assert (status, missing) == (200, 404)
    assert 'href="/previews/password_reset.de"' in listed
    assert "Neues Passwort wählen" in mail
    assert "sandbox" in headers["Content-Security-Policy"]
