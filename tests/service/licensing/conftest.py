"""Licensing for real, knowing two resellers and a customer of each."""

from collections.abc import AsyncIterator

import pytest

from services.licensing.app import open_licensing
from shared.contracts.events import Service
from tests.support.licensing import knowing_two_customers, licensing_settings
from tests.support.service import Client, running


@pytest.fixture
async def licensing(mongo_url: str) -> AsyncIterator[Client]:
    """With 123456.sms of 100001.rsp, and 200001.sms of 100002.rsp."""
    settings = licensing_settings(mongo_url)
    async with running(Service.LICENSING, open_licensing, settings) as client:
        await knowing_two_customers(client)
        yield client
