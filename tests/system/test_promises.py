"""The OpenAPI document held against the portal by schemathesis, as people of three organisations.

All of its checks and all of its phases: the examples of the document, every border of every schema,
made-up values, and chains of requests along the document's links.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from tests.support.deployments import UNLIMITED, embedded
from tests.support.person import Portal
from tests.support.walks import Walk, walk

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
_TENANT: Final = ("123456.sms", "admin")
_RESELLER: Final = ("100001.rsp", "reseller-admin")
_VENDOR: Final = ("vendor", "vendor-admin")
_OF_TENANT: Final = r"^/(\.well-known|v1/(access|activity|events|login|me|products|tenants))"
_OF_RESELLER: Final = r"^/v1/(resellers/\{rid\}/|tenants/\{tid\}/licences)"
_OF_VENDOR: Final = r"^/v1/(resellers(/\{rid\}(/[a-z-]+)?)?$|sync|tenants/\{tid\}/[a-z-]+$|vendor)"
_PLACES: Final = (
    ("tid", "123456.sms"),
    ("rid", "100001.rsp"),
    ("lid", "demo-123456"),
    ("product", "mobile-security"),
)
_TESTED: Final = re.compile(r"Test cases:\n  [1-9]")
_FOLLOWED: Final = re.compile(r"API Links: +[1-9]\d* covered")
EVERYWHERE: Final = (*(Walk(*who, "examples,fuzzing") for who in (_TENANT, _RESELLER, _VENDOR)),)
AT_HOME: Final = (
    Walk(*_TENANT, "coverage,stateful", _OF_TENANT, _PLACES, most=30),
    Walk(*_RESELLER, "coverage,stateful", _OF_RESELLER, _PLACES, most=30),
    Walk(*_VENDOR, "coverage,stateful", _OF_VENDOR, _PLACES, most=30),
    Walk(*_TENANT, "examples,coverage,fuzzing", ends_session=True),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own_portal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    """A portal that is not needed any more when it has been asked everything."""
    async with embedded(tmp_path_factory.mktemp("promises"), UNLIMITED) as (portal, _):
        yield portal


@pytest.mark.parametrize("one", EVERYWHERE, ids=str)
async def test_the_portal_keeps_what_its_document_promises(
    own_portal: Portal, tmp_path: Path, one: Walk
) -> None:
    told, status = await walk(own_portal, one, tmp_path)

    assert status == 0, told[-6000:]
    assert _TESTED.search(told), told[-2000:]


@pytest.mark.parametrize("one", AT_HOME, ids=str)
async def test_it_keeps_them_also_where_the_caller_may_do_most_of_it(
    tmp_path: Path, one: Walk
) -> None:
    async with embedded(tmp_path, UNLIMITED) as (portal, _):
        told, status = await walk(portal, one, tmp_path)

    assert status == 0, told[-6000:]
    assert _TESTED.search(told), told[-2000:]
    assert ("stateful" in one.phases) == bool(_FOLLOWED.search(told)), told[-2000:]
