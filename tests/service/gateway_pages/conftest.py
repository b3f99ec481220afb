"""The gateway's own pages, served alone: they ask no service, so there is none."""

from collections.abc import AsyncIterator
from typing import Final, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.clients.doorman import Doorman
from services.gateway.clients.followers import Followers
from services.gateway.deps import Deps
from services.gateway.domain.cors import Sites
from services.gateway.domain.crowds import Crowds
from services.gateway.domain.operations import Table
from services.gateway.domain.proxies import Proxies
from services.gateway.domain.quotas import Quotas
from services.gateway.domain.room import Room
from services.gateway.handlers.pages import add_pages
from shared.contracts.events import Service
from shared.metrics import Metrics

DOCUMENT: Final = b'{"paths": {}}'


@pytest.fixture
async def pages() -> AsyncIterator["TestClient[web.Request, web.Application]"]:
    app = web.Application()
    add_pages(app, deps_of(DOCUMENT))
    async with TestClient(TestServer(app)) as client:
        yield client


def deps_of(document: bytes) -> Deps:
    return Deps(
        table=Table({"paths": {}}, {}),
        doorman=cast(Doorman, None),  # pages are for anybody: nobody is asked
        upstreams={},
        quotas=Quotas({}, "replica-1", lambda: 0.0),
        crowds=Crowds(0),
        large=Crowds(0),
        room=Room(0),
        followers=Followers(0, 0),
        sites=Sites([]),
        proxies=Proxies([], "X-Forwarded-For"),
        metrics=Metrics(Service.GATEWAY),
        document=document,
        is_https=True,
    )
