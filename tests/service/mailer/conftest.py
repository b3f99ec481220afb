"""The mailer for real, with a real SMTP server on loopback."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.mailer.app import open_mailer
from services.mailer.settings import MailerSettings
from shared.contracts.events import Service
from tests.support.mailer import MAILER_KEYS
from tests.support.service import Client, running, settings_of
from tests.support.smtp import PostOffice, post_office


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    async with post_office() as open_office:
        yield open_office


@pytest.fixture
def settings(mongo_url: str, office: PostOffice, request: pytest.FixtureRequest) -> MailerSettings:
    """Settings of the mailer; indirect parameters change some."""
    more: dict[str, Any] = {"smtp_security": "none", **getattr(request, "param", {})}
    return settings_of(
        MailerSettings,
        mongo_url,
        mailer_keys=MAILER_KEYS.private(),
        public_url="https://portal.example",
        smtp_port=office.port,
        **more,
    )


@pytest.fixture
async def mailer(settings: MailerSettings) -> AsyncIterator[Client]:
    async with running(Service.MAILER, open_mailer, settings) as client:
        yield client
