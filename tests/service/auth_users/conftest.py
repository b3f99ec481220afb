"""Auth for real, knowing two tenants and a reseller."""

from collections.abc import AsyncIterator

import pytest

from services.auth.app import open_auth
from shared.contracts.events import Service
from shared.contracts.tenancy import ResellerCreated, TenantCreated
from tests.support.auth import auth_settings
from tests.support.service import Client, running


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """With 123456.sms and 200001.sms, and nobody in them."""
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        reseller = ResellerCreated(reseller_id="100001.rsp", name="Nordlicht", locale="en")
        await client.deliver(reseller)
        for tenant_id, name in (("123456.sms", "Bäckerei"), ("200001.sms", "Lighthouse")):
            created = TenantCreated(
                tenant_id=tenant_id, name=name, reseller_id="100001.rsp", locale="de"
            )
            await client.deliver(created)
        yield client
