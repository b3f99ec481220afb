"""Mailpit's API as far as scripts use it, so that the same script runs against either."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from portal.catcher.mailbox import MailBox
from portal.catcher.mails import Attachment, Mail, Person, Summary

DEFAULT_LIMIT: Final = 50
LARGEST_NUMBER: Final = 1_000_000


class BadRequestError(Exception):
    """A request that can't be understood; its text says why."""


@dataclass(frozen=True)
class Api:
    """The endpoints under `/api/v1`."""

    box: MailBox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/messages", self.messages),
            web.delete("/api/v1/messages", self.clear),
            web.get("/api/v1/message/{id}", self.message),
            web.get("/api/v1/message/{id}/headers", self.headers),
            web.get("/api/v1/message/{id}/raw", self.raw),
        ]

    async def messages(self, request: web.Request) -> web.Response:
        start = whole_number(request, "start", 0)
        page = await self.box.newest(whole_number(request, "limit", DEFAULT_LIMIT), start)
        return web.json_response(
            {
                "total": page.total,
                "unread": page.unread,
                "count": len(page.mails),
                "messages_count": page.total,
                "messages_unread": page.unread,
                "start": start,
                "tags": [],
                "messages": [_summary(mail, mail.id in page.read_ids) for mail in page.mails],
            }
        )

    async def message(self, request: web.Request) -> web.Response:
        return web.json_response(_message(await self._wanted(request)))

    async def headers(self, request: web.Request) -> web.Response:
        values: dict[str, list[str]] = defaultdict(list)
        for name, value in (await self._wanted(request)).headers:
            canonical = "-".join(word.capitalize() for word in name.split("-"))
            values[canonical].append(" ".join(value.split()))
        return web.json_response(dict(sorted(values.items())))

    async def raw(self, request: web.Request) -> web.Response:
        mail = await self._wanted(request)
        return web.Response(body=mail.raw, content_type="text/plain", charset="utf-8")

    async def clear(self, request: web.Request) -> web.Response:
        await self.box.clear(_chosen_ids(await request.read()))
        return web.Response(text="ok")

    async def _wanted(self, request: web.Request) -> Mail:
        mail = await self.box.get(request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound(reason="message not found")
        return mail


def whole_number(request: web.Request, name: str, default: int) -> int:
    """A number from the query, from 0 up to a million."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= LARGEST_NUMBER):
        raise BadRequestError(f"{name} must be a whole number from 0 to {LARGEST_NUMBER}")
    return int(text[:9])


def _chosen_ids(body: bytes) -> Collection[str]:
    """No body and an empty list mean every mail, as in Mailpit; a broken body means none."""
    if not body.strip():
        return ()
    try:
        document = json.loads(body)
        ids = document.get("IDs") or ()
    except (ValueError, AttributeError, RecursionError) as error:
        raise BadRequestError('the body must be JSON such as {"IDs": ["…"]}, or empty') from error
    if not (isinstance(ids, list | tuple) and all(isinstance(one, str) for one in ids)):
        raise BadRequestError("IDs must be a list of message ids")
    return ids


def _person(person: Person) -> dict[str, str]:
    return {"Name": person.name, "Address": person.address}


def _people(people: Iterable[Person]) -> list[dict[str, str]]:
    return [_person(person) for person in people]


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _envelope(mail: Summary) -> dict[str, Any]:
    return {
        "ID": mail.id,
        "MessageID": mail.message_id,
        "From": _person(mail.sender),
        "To": _people(mail.to),
        "Cc": _people(mail.cc),
        "Bcc": _people(mail.bcc),
        "ReplyTo": _people(mail.reply_to),
        "Subject": mail.subject,
        "Size": mail.size,
        "Username": "",
        "Tags": [],
    }


def _summary(mail: Summary, was_read: bool) -> dict[str, Any]:  # noqa: FBT001 a claim about the mail
    return _envelope(mail) | {
        "Read": was_read,
        "Created": _moment(mail.created_at),
        "Attachments": mail.attachments,
        "Snippet": mail.snippet,
    }


def _message(mail: Mail) -> dict[str, Any]:
    return _envelope(mail.summary) | {
        "ReturnPath": next((v.strip("<> ") for n, v in mail.headers if n == "Return-Path"), ""),
        "Date": _moment(mail.date),
        "Text": mail.text,
        "HTML": mail.html,
        "Inline": [_attachment(part) for part in mail.attachments if part.is_inline],
        "Attachments": [_attachment(part) for part in mail.attachments if not part.is_inline],
    }


def _attachment(part: Attachment) -> dict[str, Any]:
    return {
        "PartID": part.part_id,
        "FileName": part.file_name,
        "ContentType": part.content_type,
        "ContentID": part.content_id,
        "Size": part.size,
    }
