"""What the log says: one JSON object a line where it is no terminal, and no secret anywhere."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import ValidationError

from services.auth.app import open_auth
from services.auth.handlers import me
from shared.contracts.auth import AccountInvited
from shared.contracts.events import CloudEvent, Service
from shared.logs import configure_logging
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    TOTP_SECRET,
    add_account,
    as_signed_in,
    auth_settings,
    code_now,
)
from tests.support.mailer import ADDRESS, TOKEN, an_invitation
from tests.support.service import Client, running

log = structlog.get_logger()


class Written(io.StringIO):
    @property
    def text(self) -> str:
        return self.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture(params=["json", "readable"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Everything that is logged, at the most talkative level."""
    stream = Written()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging(level="DEBUG", readable={"json": False, "readable": True}[request.param])
    yield stream
    monkeypatch.undo()
    configure_logging(readable=True)


only_json = pytest.mark.parametrize("written", ["json"], indirect=True)


def test_a_stream_that_is_no_terminal_gets_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Written()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging()

    log.info("licence_activated", licence_id="l-1")
    monkeypatch.undo()
    configure_logging(readable=True)

    (line,) = stream.lines
    assert (line["event"], line["level"], line["licence_id"]) == (
        "licence_activated",
        "info",
        "l-1",
    )
    assert line["timestamp"].endswith("Z")


@only_json
def test_foreign_records_look_like_our_own(written: Written) -> None:
    logging.getLogger("a.library").warning("took %s seconds", 3)
    logging.getLogger("a.library").info("chatter")

    assert [line["event"] for line in written.lines] == ["took 3 seconds"]


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "refresh_token",
        "totp_secret",
        "code",
        "Authorization",
        "set_cookie",
        "email",
        "licence_key",
        "api_key",
        "link",
        "challenge",
        "recovery_codes",
        "to_address",
    ],
)
def test_a_value_under_a_telling_name_never_leaves(written: Written, name: str) -> None:
    log.warning("something_happened", **{name: "canary-1"}, status_code=418)

    assert "canary-1" not in written.text
    assert "418" in written.text


def test_a_traceback_shows_no_variable(written: Written) -> None:
    def fails(password: str) -> None:
        raise RuntimeError(f"failed with {len(password)} characters")

    try:
        fails("canary-" + "2")
    except RuntimeError:
        log.exception("request_failed")

    assert "failed with 8 characters" in written.text
    assert "canary-2" not in written.text


def test_an_event_that_breaks_its_contract_is_logged_without_what_it_carries(
    written: Written,
) -> None:
    broken = an_invitation().model_dump(mode="json") | {
        "org": ["a", "list"],
        "email": {"a": ADDRESS},
    }
    del broken["username"]

    try:
        AccountInvited.model_validate(broken)
    except ValidationError:
        log.exception("event_failed")
    try:
        CloudEvent.model_validate_json(json.dumps({"data": [ADDRESS], "subject": [TOKEN]}))
    except ValidationError:
        log.exception("message_is_no_event")

    assert "username" in written.text
    assert ADDRESS not in written.text
    assert TOKEN not in written.text


async def test_no_line_of_a_real_conversation_has_a_secret_in_it(
    written: Written, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> None:
        raise RuntimeError("a bug")

    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as auth:
        await add_account(auth)

        secrets = await _a_conversation(auth)
        monkeypatch.setattr(me, "MeView", crash)
        broken = await auth.get("/v1/me", as_=as_signed_in(secrets["tokens"]))

    leaked = [name for name, value in _flat(secrets) if value in written.text]
    assert broken.status == 500
    assert "request_failed" in written.text
    assert written.text.count("request_answered") > 8
    assert leaked == []


async def test_a_probe_that_finds_all_well_leaves_no_line(written: Written, mongo_url: str) -> None:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as auth:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await auth.get(path, as_=ANYBODY)).status == 200
        await auth.get("/nothing-here", as_=ANYBODY)

    assert "/nothing-here" not in written.text, "what was asked for is no word of a log"
    assert written.text.count("request_answered") == 1


async def _a_conversation(auth: Client) -> dict[str, Any]:
    """Sign in, carry on, fail in every way there is; returns all that must stay secret."""
    login = {"username": ADMIN.username, "password": PASSWORD, "tenant": ADMIN.org}
    first = await auth.post("/v1/login", as_=ANYBODY, json={**login, "transport": "body"})
    assert first.status == 200, first.body
    code = code_now(auth)
    step = {"challenge": first.body["challenge"], "code": code}
    tokens = (await auth.post("/v1/login/totp", as_=ANYBODY, json=step)).body
    caller = as_signed_in(tokens)
    for body in (
        {**login, "password": "canary-wrong-password"},
        {**login, "password": ["canary-listed-password"]},
        {**login, "canary-field": "canary-value"},
        {**login, "username": "canary-user@example.org"},
    ):
        await auth.post("/v1/login", as_=ANYBODY, json=body)
    await auth.post("/v1/login", as_=ANYBODY, data=b'{"password": "canary-broken')
    await auth.post("/v1/login/totp", as_=ANYBODY, json={**step, "code": "canary"})
    await auth.post("/v1/session/refresh", as_=ANYBODY, json={"refresh_token": "canary-refresh"})
    forgotten = {"username": ADMIN.email, "tenant": ADMIN.org}
    await auth.post("/v1/password/forgot", as_=ANYBODY, json=forgotten)
    reset = {"token": "canary-link", "new_password": "canary-new-password"}
    await auth.post("/v1/password/reset", as_=ANYBODY, json=reset)
    await auth.get("/v1/me?token=canary-query", as_=caller)
    await auth.get("/v1/me", as_=None, headers={"Authorization": "Bearer canary-bearer"})
    await auth.get("/v1/me", as_=caller, headers={"Cookie": "portal_refresh=canary-cookie"})
    return {
        "password": PASSWORD,
        "totp": TOTP_SECRET,
        "code": f'"{code}"',
        "tokens": tokens,
        "challenge": first.body["challenge"],
        "address": ADMIN.email,
        "pass": auth.signed(caller),
        "canaries": "canary",
    }


def _flat(secrets: dict[str, Any]) -> list[tuple[str, str]]:
    told = {"access_token", "refresh_token"}
    tokens = [(name, secrets["tokens"][name]) for name in told]
    return [(name, value) for name, value in secrets.items() if name != "tokens"] + tokens
