"""How often auth asks MongoDB where it is asked most: the way there costs more than the work."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import monitoring
from typing_extensions import override

from services.auth.app import open_auth
from shared.context import cause
from shared.contracts.events import Service
from shared.passes import GATEWAY
from shared.problems import REQUEST_ID
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.service import NOON, Client, a_pass, running


class Asked(monitoring.CommandListener):
    """Commands to MongoDB by the request for which they were sent."""

    def __init__(self) -> None:
        self.commands: dict[str, list[str]] = defaultdict(list)

    @override
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.commands[cause().request_id].append(event.command_name)

    @override
    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    @override
    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


ASKED = Asked()


@pytest.fixture(scope="module", autouse=True)
def listening() -> None:
    """Clients that are made from now on tell what they send."""
    monitoring.register(ASKED)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """Auth with `anna`, who needs no second factor yet and was signed in before."""
    settings = auth_settings(mongo_url, totp_required_from=NOON + timedelta(days=900))
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client, totp_secret=None)
        yield client


async def asked_for(auth: Client, request_id: str, path: str, body: dict[str, Any]) -> list[str]:
    headers = {REQUEST_ID: request_id}
    answer = await auth.post(path, as_=ANYBODY, json=body, headers=headers)
    assert answer.status == 200, answer.body
    return ASKED.commands[request_id]


async def test_a_sign_in_takes_a_look_and_two_writes(auth: Client) -> None:
    first = await sign_in(auth)
    body = {
        "username": ADMIN.username,
        "password": PASSWORD,
        "tenant": ADMIN.org,
        "transport": "body",
        "device_token": first["device_token"],
    }

    asked = await asked_for(auth, "sign-in-again", "/v1/login", body)

    assert asked == ["aggregate", "insert", "update"]


async def test_a_refresh_takes_two_reads_and_a_step(auth: Client) -> None:
    first = await sign_in(auth)
    body = {"refresh_token": first["refresh_token"]}

    asked = await asked_for(auth, "carry-on", "/v1/session/refresh", body)

    assert asked == ["find", "aggregate", "findAndModify"]


async def test_the_gateways_question_takes_two_reads(auth: Client) -> None:
    session = as_signed_in(await sign_in(auth)).session
    as_gateway = a_pass(GATEWAY, subject=GATEWAY, session="", org="")

    headers = {REQUEST_ID: "is-it-alive"}
    answer = await auth.get(f"/internal/sessions/{session}", as_=as_gateway, headers=headers)

    assert answer.status == 200
    assert ASKED.commands["is-it-alive"] == ["find", "aggregate"]


async def test_every_refusal_asks_the_same(auth: Client) -> None:
    wrong = {"password": "not the password at all", "tenant": ADMIN.org}
    tries = {
        "known-name": {**wrong, "username": ADMIN.username},
        "unknown-name": {**wrong, "username": "nobody"},
        "unknown-place": {**wrong, "username": "nobody", "tenant": "999999.sms"},
    }

    for request_id, body in tries.items():
        headers = {REQUEST_ID: request_id}
        answer = await auth.post("/v1/login", as_=ANYBODY, json=body, headers=headers)
        assert answer.status == 401

    known, *others = (ASKED.commands[request_id] for request_id in tries)
    assert known
    assert all(other == known for other in others)
