"""The pages that people read: the list of mails and one mail."""

import asyncio
import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.catcher.api import whole_number
from portal.catcher.mailbox import MailBox
from portal.catcher.texts import texts_for
from portal.previews import previews

PAGE_LENGTH: Final = 50
HTML: Final = "text/html"
TABS: Final = ("html", "text", "headers", "source")

# A mail's HTML runs no script and loads nothing; its links open in a tab of their own.
BODY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'"
)


def make_environment() -> Environment:
    """Read and compile the templates, so that serving a page touches no file."""
    environment = Environment(
        loader=PackageLoader("portal.catcher"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


@dataclass(frozen=True)
class Pages:
    """The pages and the frame in which a mail's HTML is shown."""

    box: MailBox
    environment: Environment

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.overview),
            web.get("/previews", self.samples),
            web.get("/previews/{name}", self.sample),
            web.get("/style.css", self.style),
            web.get("/view/{id}", self.view),
            web.get("/view/{id}/html", self.body),
        ]

    async def overview(self, request: web.Request) -> web.Response:
        start = whole_number(request, "start", 0)
        page = await self.box.newest(PAGE_LENGTH, start)
        older = start + PAGE_LENGTH
        return self.page(
            request,
            "overview.html",
            page=page,
            newer=max(start - PAGE_LENGTH, 0) if start else None,
            older=older if older < page.total else None,
        )

    async def view(self, request: web.Request) -> web.Response:
        mail = await self.box.get(request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound
        tab = request.query.get("tab", "")
        return self.page(
            request,
            "view.html",
            mail=mail,
            tab=tab if tab in TABS else "html" if mail.html else "text",
            source=mail.raw.decode(errors="replace"),
        )

    async def body(self, request: web.Request) -> web.Response:
        mail = await self.box.get(request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": BODY_POLICY}
        return web.Response(text=_with_new_tabs(mail.html), content_type=HTML, headers=headers)

    async def samples(self, request: web.Request) -> web.Response:
        """Every mail that the portal can send, with made-up data."""
        return self.page(request, "previews.html", previews=await asyncio.to_thread(previews))

    async def sample(self, request: web.Request) -> web.Response:
        preview = (await asyncio.to_thread(previews)).get(request.match_info["name"])
        if preview is None:
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": BODY_POLICY}
        return web.Response(text=preview.html, content_type=HTML, headers=headers)

    async def style(self, _request: web.Request) -> web.Response:
        text = self.environment.get_template("style.css").render()
        return web.Response(text=text, content_type="text/css")

    def page(
        self, request: web.Request, template: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        """A page in the reader's language, under a policy that lets only its own script run."""
        nonce = secrets.token_urlsafe(16)
        texts = texts_for(request.headers.get("Accept-Language", ""))
        text = self.environment.get_template(template).render(values, t=texts, nonce=nonce)
        headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'self'; script-src 'nonce-{nonce}'; "
                "img-src data:; connect-src 'self'; frame-src 'self'; form-action 'none'; "
                "base-uri 'none'; frame-ancestors 'none'"
            ),
            "Vary": "Accept-Language",
        }
        return web.Response(text=text, status=status, content_type=HTML, headers=headers)


def _with_new_tabs(html: str) -> str:
    base = '<base target="_blank">'
    with_base, found = re.subn(r"(?i)<head(\s[^>]*)?>", lambda m: m[0] + base, html, count=1)
    return with_base if found else base + html
