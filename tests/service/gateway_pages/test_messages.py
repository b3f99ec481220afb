"""Every refusal that the service can give for a link has its words on the page."""

import re
from typing import TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from services.auth.domain.factor_resets import ResetDoneError
from services.auth.domain.links import LinkError
from services.auth.domain.passwords import (
    LONGEST,
    Owner,
    PasswordError,
    check_password,
    owner_words,
)
from shared.errors import TooManyError, UnavailableError

Pages: TypeAlias = TestClient[web.Request, web.Application]


@pytest.mark.parametrize("path", ["/reset-password", "/accept-invitation"])
async def test_every_code_that_may_come_back_has_words(pages: Pages, path: str) -> None:
    html = await (await pages.get(path)).text()

    told = set(re.findall(r'<template data-code="(\w+)">[^<]+</template>', html))

    short, long, obvious = refusal("x"), refusal("ab" * LONGEST), refusal("123456.sms-portal")
    common = refusal("iloveyou123456789")
    assert {short, long, obvious, common} < told
    assert {LinkError.code, TooManyError.code, UnavailableError.code} < told


async def test_the_page_asks_for_no_more_than_the_service_does(pages: Pages) -> None:
    reset = await (await pages.get("/reset-password")).text()
    invitation = await (await pages.get("/accept-invitation")).text()

    assert refusal("a2b4c6d8", has_second_factor=True) is None
    assert refusal("a2b4c6d", has_second_factor=True) == "password_too_short"
    assert 'data-least="8"' in reset
    assert refusal("a2b4c6d8e0f2g4h") is None
    assert refusal("a2b4c6d8e0f2g4") == "password_too_short"
    assert 'data-least="15"' in invitation


async def test_every_code_that_may_come_back_for_a_stopped_reset_has_words(pages: Pages) -> None:
    html = await (await pages.get("/stop-reset")).text()

    told = set(re.findall(r'<template data-code="(\w+)">[^<]+</template>', html))

    refusals = {LinkError.code, ResetDoneError.code, TooManyError.code, UnavailableError.code}
    assert refusals < told


@pytest.mark.parametrize(
    ("page", "assets"),
    [
        ("/reset-password", ["password.js", "link.js"]),
        ("/stop-reset", ["link.js"]),
        ("/unsubscribe", ["link.js"]),
    ],
)
async def test_scripts_and_page_agree_on_names(pages: Pages, page: str, assets: list[str]) -> None:
    html = await (await pages.get(page)).text()
    sources = [await (await pages.get(f"/assets/{asset}")).text() for asset in assets]
    script = "".join(sources)
    wanted = set(re.findall(r"element\('([\w-]+)'\)", script))
    codes = set(re.findall(r"'((?:password|link|totp)_\w+|differs|failed|unreachable)'", script))

    assert f'<script type="module" src="/assets/{assets[0]}">' in html
    assert re.findall(r"from '\./([\w.]+)'", sources[0]) == assets[1:]
    assert wanted <= set(re.findall(r'id="([\w-]+)"', html))
    assert codes <= set(re.findall(r'data-code="(\w+)"', html))


async def test_script_and_service_agree_on_the_longest_password(pages: Pages) -> None:
    script = await (await pages.get("/assets/password.js")).text()

    assert f"LONGEST = {LONGEST};" in script


def refusal(password: str, *, has_second_factor: bool = False) -> str | None:
    """The code with which the service refuses this password, if it does."""
    words = owner_words(username="admin", org="123456.sms")
    try:
        check_password(password, Owner(has_second_factor, words), {"iloveyou"})
    except PasswordError as error:
        return error.fields[0].code
    return None
