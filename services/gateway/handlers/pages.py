"""What the gateway shows by itself: pages for people, the OpenAPI document, health.

All of it is the same for everybody, so it is packed once, before the first request. What services
answer is never packed: there a secret may stand beside what somebody else has put in, and how well
the two pack together would tell it (BREACH).
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Final, TypeAlias

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from services.gateway.deps import Deps
from services.gateway.domain.encodings import takes_gzip
from services.gateway.domain.languages import Language, preferred
from services.gateway.domain.quotas import RateLimitedError, fields
from services.gateway.domain.room import LARGE_BYTES
from services.gateway.handlers.door import go_on, refused, secure
from services.gateway.handlers.parts import in_parts
from services.gateway.handlers.texts import TEXTS, LinkTexts, PasswordTexts, Texts
from services.gateway.handlers.visits import Visit
from shared.problems import REQUEST_ID, request_id_of

_PACKAGE: Final = "services.gateway"
_ASSETS: Final = {
    "link.js": "text/javascript",
    "password.js": "text/javascript",
    "portal.css": "text/css",
}
_CLOSED: Final = "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
_POLICY: Final = f"default-src 'none'; style-src 'self'; img-src 'self' data:; {_CLOSED}"
_SCRIPT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    f"img-src 'self' data:; {_CLOSED}"
)
_EACH_TIME: Final = "no-cache"
_NEVER: Final = "no-store"
_WORTH_PACKING_BYTES: Final = 1024
_LEAST_FOR_RESET: Final = 8
_LEAST_FOR_INVITATION: Final = 15


@dataclass(frozen=True)
class Sheet:
    """Something to show, complete before the first request: bytes and what to say about them."""

    body: bytes
    content_type: str
    cache: str
    policy: str = _POLICY
    language: Language | None = None

    @property
    def is_text(self) -> bool:
        return self.content_type != "application/json"

    @cached_property
    def forms(self) -> "Forms":
        plain = Form(self.body)
        packed = Form(gzip.compress(self.body, mtime=0), "gzip")
        is_worth_it = len(self.body) >= _WORTH_PACKING_BYTES and len(packed.body) < len(self.body)
        return Forms(plain, packed if is_worth_it else plain)


@dataclass(frozen=True)
class Form:
    """One representation; each has a tag of its own (RFC 9110 §8.8.3.3)."""

    body: bytes
    encoding: str | None = None

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True)
class Forms:
    """A sheet as it is, and packed where that is shorter."""

    plain: Form
    packed: Form

    def wanted(self, request: web.Request) -> Form:
        said = ",".join(request.headers.getall("Accept-Encoding", ()))
        return self.packed if takes_gzip(said) else self.plain


Sheets: TypeAlias = Mapping[Language, Sheet]
Show: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application, deps: Deps) -> None:
    document = Sheet(deps.document, "application/json", _EACH_TIME)
    for path, sheets in {**_SHEETS, "/openapi.json": _in_any_language(document)}.items():
        show = _counted(deps, _show(sheets, is_https=deps.is_https))
        app.router.add_get(path, show, expect_handler=go_on)

    async def alive(request: web.Request) -> web.Response:
        said = {"Cache-Control": _NEVER, REQUEST_ID: request_id_of(request.headers)}
        response = web.json_response({"status": "alive"}, headers=said)
        secure(response, is_https=deps.is_https)
        return response

    app.router.add_get("/healthz", alive, expect_handler=go_on)


def _counted(deps: Deps, show: Show) -> Show:
    """What is shown counts as any other request of its source does."""

    async def counted(request: web.Request) -> web.StreamResponse:
        visit = Visit(deps, request, request_id_of(request.headers))
        try:
            visit.count_source()
        except RateLimitedError as error:
            response = await refused(error, visit.request_id)
            response.headers.update(fields(visit.lefts))
            secure(response, is_https=deps.is_https)
            return response
        return await show(request)

    return counted


def _show(sheets: Sheets, *, is_https: bool) -> Show:
    """The handler of one address; of the request it reads four headers and nothing else."""
    varies = _varies(sheets)

    async def show(request: web.Request) -> web.StreamResponse:
        language = preferred(request.headers.get("Accept-Language", ""))
        sheet = sheets[language]
        form = sheet.forms.wanted(request)
        response = _answer(request, sheet, form)
        response.headers[REQUEST_ID] = request_id_of(request.headers)
        response.headers["Cache-Control"] = sheet.cache
        response.headers["Content-Security-Policy"] = sheet.policy
        if varies:
            response.headers["Vary"] = varies
        secure(response, is_https=is_https)
        is_large = response.body is not None and len(form.body) > LARGE_BYTES
        if is_large and request.method == "GET":
            return await in_parts(request, response, form.body)
        return response

    return show


def _varies(sheets: Sheets) -> str:
    """The headers that it depends on what is shown."""
    has_languages = len({id(sheet) for sheet in sheets.values()}) > 1
    has_forms = any(one.forms.packed is not one.forms.plain for one in sheets.values())
    named = {"Accept-Language": has_languages, "Accept-Encoding": has_forms}
    return ", ".join(name for name, does in named.items() if does)


def _answer(request: web.Request, sheet: Sheet, form: Form) -> web.Response:
    tag = form.tag
    if sheet.cache != _NEVER:
        known = request.if_none_match or ()
        if any(etag.value in {tag, "*"} for etag in known):
            unchanged = web.Response(status=304)
            unchanged.etag = tag
            return unchanged
    charset = "utf-8" if sheet.is_text else None
    response = web.Response(body=form.body, content_type=sheet.content_type, charset=charset)
    if sheet.cache != _NEVER:
        response.etag = tag
    if form.encoding is not None:
        response.headers["Content-Encoding"] = form.encoding
    if sheet.language is not None:
        response.headers["Content-Language"] = sheet.language
    return response


def _in_any_language(sheet: Sheet) -> Sheets:
    return {"de": sheet, "en": sheet}


def _read() -> Mapping[str, Sheets]:
    """Every address and its sheets."""
    folder = resources.files(_PACKAGE) / "pages"
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    reference = Sheet((folder / "reference.html").read_bytes(), "text/html", _EACH_TIME)
    mark = Sheet((folder / "favicon.svg").read_bytes(), "image/svg+xml", _EACH_TIME)
    assets = {
        f"/assets/{name}": Sheet((folder / name).read_bytes(), kind, _EACH_TIME)
        for name, kind in _ASSETS.items()
    }
    return {
        "/": {language: _start(environment, texts) for language, texts in TEXTS.items()},
        "/accept-invitation": {
            language: _password(environment, texts, texts.invitation, _LEAST_FOR_INVITATION)
            for language, texts in TEXTS.items()
        },
        "/docs": _in_any_language(reference),
        "/favicon.svg": _in_any_language(mark),
        "/reset-password": {
            language: _password(environment, texts, texts.reset, _LEAST_FOR_RESET)
            for language, texts in TEXTS.items()
        },
        "/stop-reset": {
            language: _stop_reset(environment, texts) for language, texts in TEXTS.items()
        },
        "/unsubscribe": {
            language: _unsubscribe(environment, texts) for language, texts in TEXTS.items()
        },
        **{path: _in_any_language(sheet) for path, sheet in assets.items()},
    }


def _start(environment: Environment, texts: Texts) -> Sheet:
    html = environment.get_template("start.html").render(t=texts)
    return Sheet(html.encode(), "text/html", _EACH_TIME, language=texts.lang)


@dataclass(frozen=True)
class _Target:
    """Where a page sends its link's token, how, and after which refusals it is of no use."""

    path: str
    media: str = "application/json"
    final: tuple[str, ...] = ("link_invalid", "link_missing")


def _password(environment: Environment, texts: Texts, own: PasswordTexts, least: int) -> Sheet:
    """The page on which one chooses a password."""
    messages = {
        "differs": texts.differs,
        "password_too_long": texts.too_long,
        "password_too_common": texts.too_common,
        "password_too_obvious": texts.too_obvious,
        "password_too_short": own.too_short,
    }
    target = _Target("/v1/password/reset")
    template = environment.get_template("password.html")
    return _behind_link(template, texts, own, target, messages, least=least)


def _stop_reset(environment: Environment, texts: Texts) -> Sheet:
    """The page behind the link of a mail that announces the reset of a second factor."""
    done = "totp_reset_done"
    target = _Target("/v1/me/totp/reset/stop", final=(*_Target.final, done))
    template = environment.get_template("link.html")
    return _behind_link(template, texts, texts.stop, target, {done: texts.stop_too_late})


def _unsubscribe(environment: Environment, texts: Texts) -> Sheet:
    """The page behind the link at the foot of a mail that one need not get."""
    form, invalid = "application/x-www-form-urlencoded", "unsubscribe_link_invalid"
    target = _Target("/v1/mail/unsubscribe", form, (*_Target.final, invalid))
    messages = {invalid: texts.unsubscribe.link_invalid}
    template = environment.get_template("link.html")
    return _behind_link(template, texts, texts.unsubscribe, target, messages)


def _behind_link(
    template: Template,
    texts: Texts,
    own: LinkTexts,
    target: _Target,
    more: Mapping[str, str],
    **values: int,
) -> Sheet:
    """The page behind a mail's link; the messages are found by the code of the refusal."""
    messages = {**_messages(texts, own.link_invalid), **more}
    html = template.render(t=texts, own=own, target=target, messages=messages, **values)
    return Sheet(html.encode(), "text/html", _NEVER, _SCRIPT_POLICY, texts.lang)


def _messages(texts: Texts, link_invalid: str) -> dict[str, str]:
    """What any page with a link may have to say, by the code of the refusal."""
    return {
        "failed": texts.failed,
        "link_invalid": link_invalid,
        "link_missing": texts.link_missing,
        "too_many_requests": texts.busy,
        "unavailable": texts.busy,
        "unreachable": texts.unreachable,
    }


# Read and rendered as the module is loaded, so that no request waits for a disk.
_SHEETS: Final = _read()
