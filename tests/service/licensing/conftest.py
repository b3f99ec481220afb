"""Licensing for real, knowing two resellers and a customer of each."""

from collections.abc import AsyncIterator

import pytest

from services.licensing.app import open_licensing
from services.licensing.settings import LicensingSettings
from shared.contracts.events import Service
from shared.contracts.tenancy import ResellerCreated, TenantCreated
from tests.support.service import Client, running, settings_of


@pytest.fixture
async def licensing(mongo_url: str) -> AsyncIterator[Client]:
    """With 123456.sms of 100001.rsp, and 200001.sms of 100002.rsp."""
    settings = settings_of(LicensingSettings, mongo_url)
    async with running(Service.LICENSING, open_licensing, settings) as client:
        for reseller_id, tenant_id in (("100001.rsp", "123456.sms"), ("100002.rsp", "200001.sms")):
            await client.deliver(ResellerCreated(reseller_id=reseller_id, name="R", locale="de"))
            tenant = TenantCreated(
                tenant_id=tenant_id, name="Acme", reseller_id=reseller_id, locale="de"
            )
            await client.deliver(tenant)
        yield client
