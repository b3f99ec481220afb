"""A forgotten password of somebody who doesn't remember the tenant id either."""

from collections.abc import AsyncIterator

import pytest

from services.auth.app import open_auth
from shared.contracts.auth import ForgottenPasswordReported, PasswordResetRequested
from shared.contracts.events import Service
from tests.support.auth import add_account, auth_settings
from tests.support.service import Client, running


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        await add_account(client, email="Anna.Example@Example.org")
        await add_account(client, org="200001.sms", email="anna@elsewhere.example")
        await add_account(client, org="200001.sms", username="bert", email="bert@example.org")
        yield client


@pytest.mark.parametrize(
    ("name", "orgs"),
    [
        ("anna.example@example.org", ["123456.sms"]),
        ("ANNA.EXAMPLE@EXAMPLE.ORG", ["123456.sms"]),
        ("anna", ["123456.sms", "200001.sms"]),
        ("nobody@example.org", []),
    ],
)
async def test_without_a_tenant_every_account_of_this_name_or_address_gets_its_own_mail(
    auth: Client, name: str, orgs: list[str]
) -> None:
    await auth.deliver(ForgottenPasswordReported(report_id="r1", username=name))

    asked = await auth.heard(PasswordResetRequested)
    assert sorted(event.org for event in asked) == orgs
