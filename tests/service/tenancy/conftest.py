"""Tenancy for real, with two resellers."""

from collections.abc import AsyncIterator

import pytest

from services.tenancy.actions.resellers import create_reseller
from services.tenancy.app import build, open_tenancy
from services.tenancy.settings import TenancySettings
from shared.contracts.events import Service
from tests.support.service import Client, running, settings_of
from tests.support.tenancy import TENANCY_KEYS


@pytest.fixture
async def tenancy(mongo_url: str) -> AsyncIterator[Client]:
    """With the resellers 100001.rsp and 100002.rsp, and no tenant."""
    settings = settings_of(TenancySettings, mongo_url, **TENANCY_KEYS)
    async with running(Service.TENANCY, open_tenancy, settings) as client:
        async with client.acting(build) as deps:
            for reseller_id in ("100001.rsp", "100002.rsp"):
                name = f"Reseller {reseller_id}"
                await create_reseller(deps, reseller_id=reseller_id, name=name, locale="de")
        yield client
