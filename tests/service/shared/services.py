"""Every service behind the gateway, each for real, by name."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from services.auth.app import open_auth
from services.licensing.app import open_licensing
from services.mailer.app import open_mailer
from services.mailer.settings import MailerSettings
from services.tenancy.app import open_tenancy
from services.tenancy.settings import TenancySettings
from shared.contracts.events import Service
from tests.support.auth import auth_settings
from tests.support.licensing import licensing_settings
from tests.support.mailer import MAILER_KEYS
from tests.support.service import Client, running, settings_of
from tests.support.tenancy import TENANCY_KEYS

Opened = Callable[[str], AbstractAsyncContextManager[Client]]


@asynccontextmanager
async def _auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        yield client


@asynccontextmanager
async def _licensing(mongo_url: str) -> AsyncIterator[Client]:
    settings = licensing_settings(mongo_url)
    async with running(Service.LICENSING, open_licensing, settings) as client:
        yield client


@asynccontextmanager
async def _mailer(mongo_url: str) -> AsyncIterator[Client]:
    settings = settings_of(
        MailerSettings, mongo_url, mailer_keys=MAILER_KEYS.private(), smtp_security="none"
    )
    async with running(Service.MAILER, open_mailer, settings) as client:
        yield client


@asynccontextmanager
async def _tenancy(mongo_url: str) -> AsyncIterator[Client]:
    settings = settings_of(TenancySettings, mongo_url, **TENANCY_KEYS)
    async with running(Service.TENANCY, open_tenancy, settings) as client:
        yield client


SERVICES: Final[dict[Service, Opened]] = {
    Service.AUTH: _auth,
    Service.LICENSING: _licensing,
    Service.MAILER: _mailer,
    Service.TENANCY: _tenancy,
}


async def everything_in(client: Client) -> dict[str, Any]:
    """All documents of the service's database, by collection; but not how far its jobs have come,
    which they write down when it starts.
    """
    database = client.mongo._database
    names = set(await database.list_collection_names()) - {"marks"}
    return {name: await database[name].find({}).to_list(None) for name in sorted(names)}
