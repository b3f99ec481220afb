"""Pages come in the reader's language, under a strict policy, and say nothing of the query."""

import re
from typing import TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from services.gateway.handlers.texts import ENGLISH, GERMAN

Pages: TypeAlias = TestClient[web.Request, web.Application]
PASSWORD_PAGES = ["/reset-password", "/accept-invitation"]
BUTTON_PAGES = ["/stop-reset", "/unsubscribe"]
LINK_PAGES = [*PASSWORD_PAGES, *BUTTON_PAGES]
HTML_PAGES = ["/", "/docs", *LINK_PAGES]
SCRIPTS = ["/assets/password.js", "/assets/link.js"]
ALL = [*HTML_PAGES, "/favicon.svg", "/assets/portal.css", *SCRIPTS, "/openapi.json"]


@pytest.mark.parametrize("path", [*ALL, "/healthz"])
async def test_everything_carries_the_headers_of_the_door(pages: Pages, path: str) -> None:
    answer = await pages.get(path, headers={"X-Request-Id": "chosen-1"})

    assert answer.status == 200
    assert answer.headers["X-Request-Id"] == "chosen-1"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Server"] == "portal"
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", LINK_PAGES)
async def test_a_page_behind_a_link_runs_only_its_own_script_and_is_never_kept(
    pages: Pages, path: str
) -> None:
    answer = await pages.get(path)

    assert answer.headers["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_page_without_script_allows_none(pages: Pages, path: str) -> None:
    answer = await pages.get(path)

    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in await answer.text()


@pytest.mark.parametrize("path", HTML_PAGES)
async def test_no_page_needs_inline_code_or_another_host(pages: Pages, path: str) -> None:
    html = await (await pages.get(path)).text()

    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! type=\"module\" src=\"/)", html)
    assert not re.search(r"(?:src|href)=\"(?!/(?!/)|#)", html)


@pytest.mark.parametrize("path", ["/", *LINK_PAGES])
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.5", "en"),
        ("fr,de;q=0.1", "de"),
        ("fr", "en"),
        ("", "en"),
    ],
)
async def test_a_page_speaks_the_reader_s_language(
    pages: Pages, path: str, asked: str, told: str
) -> None:
    answer = await pages.get(path, headers={"Accept-Language": asked})

    assert f'<html lang="{told}">' in await answer.text()
    assert answer.headers["Content-Language"] == told
    assert answer.headers["Vary"] == "Accept-Language, Accept-Encoding"


async def test_a_reset_and_an_invitation_differ_in_their_words(pages: Pages) -> None:
    german = {"Accept-Language": "de"}

    reset = await (await pages.get("/reset-password", headers=german)).text()
    invitation = await (await pages.get("/accept-invitation", headers=german)).text()

    assert GERMAN.reset.done_then in reset
    assert GERMAN.reset.hint in reset
    assert GERMAN.invitation.done_then in invitation
    assert GERMAN.invitation.hint in invitation


@pytest.mark.parametrize("path", PASSWORD_PAGES)
async def test_a_password_page_helps_password_managers_and_those_without_script(
    pages: Pages, path: str
) -> None:
    html = await (await pages.get(path)).text()

    assert html.count('autocomplete="new-password"') == 2
    assert 'method="post" hidden' in html, "without the script nothing could be sent by accident"
    assert f'<noscript><p class="problem">{ENGLISH.needs_script}' in html


@pytest.mark.parametrize("path", BUTTON_PAGES)
async def test_it_is_done_by_pressing_and_never_by_opening_the_link(
    pages: Pages, path: str
) -> None:
    html = await (await pages.get(path)).text()
    script = await (await pages.get("/assets/link.js")).text()

    assert 'method="post" hidden' in html, "without the script nothing could be sent by accident"
    assert f'<noscript><p class="problem">{ENGLISH.needs_script}' in html
    assert script.count("send()") == 2, "it is defined once and called once"
    assert "const code = await send();" in script.partition("async function submit")[2]


@pytest.mark.parametrize("path", HTML_PAGES)
async def test_nothing_of_the_query_is_in_the_page(pages: Pages, path: str) -> None:
    plain = await (await pages.get(path)).read()

    asked = await pages.get(path, params={"token": "s3cr3t", "x": "<script>alert(1)</script>"})

    assert await asked.read() == plain


@pytest.mark.parametrize("path", ALL)
async def test_head_tells_the_same_without_a_body(pages: Pages, path: str) -> None:
    got = await pages.get(path)

    head = await pages.head(path)

    assert head.status == 200
    assert await head.read() == b""
    for name in ("Content-Type", "Content-Length", "Cache-Control", "Content-Security-Policy"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assets/portal.css", "text/css"),
        ("/assets/password.js", "text/javascript"),
        ("/assets/link.js", "text/javascript"),
        ("/favicon.svg", "image/svg+xml"),
    ],
)
async def test_a_file_is_asked_for_again_and_not_sent_twice(
    pages: Pages, path: str, kind: str
) -> None:
    first = await pages.get(path)

    second = await pages.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.content_type == kind
    assert first.headers["Cache-Control"] == "no-cache"
    assert second.status == 304
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets/layout.html", "/assets/../pages.py", "/assets/%2e%2e/settings.py"]
)
async def test_only_what_is_in_the_table_is_shown(pages: Pages, path: str) -> None:
    answer = await pages.get(path)

    assert answer.status == 404


async def test_the_openapi_document_is_shown_as_it_is(pages: Pages) -> None:
    answer = await pages.get("/openapi.json")

    assert answer.content_type == "application/json"
    assert await answer.json() == {"paths": {}}


async def test_the_start_page_leads_to_the_reference(pages: Pages) -> None:
    html = await (await pages.get("/")).text()

    assert 'href="/docs"' in html
    assert 'href="/openapi.json"' in html
    assert "POST /v1/login" in html


@pytest.mark.parametrize("code", ["reseller_portal_refused", "reseller_portal_unavailable"])
async def test_the_start_page_has_words_for_whom_the_reseller_portal_did_not_let_in(
    pages: Pages, code: str
) -> None:
    said = [
        await (await pages.get("/", headers={"Accept-Language": tag})).text()
        for tag in ("de", "en")
    ]

    found = [re.search(rf'<p id="{code}" class="problem told">([^<]+)</p>', one) for one in said]
    assert all(found)
    assert len({one.group(1) for one in found if one}) == 2
