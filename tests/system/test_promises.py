"""The OpenAPI document held against the portal by schemathesis, as people of three organisations.

Of its checks one is replaced: that the portal takes whatever the schema allows. A rule of the
domain may refuse it (a key that was used, a licence that there is none of), but not for its form.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from tests.support.deployments import UNLIMITED, embedded
from tests.support.person import Portal
from tests.support.processes import PROJECT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(170)]
_SETTINGS: Final = """
[checks]
# A path of the vendor is the same 404 for anybody else, whatever the request lacks.
missing_required_header.expected-statuses = ["4xx"]
negative_data_rejection.expected-statuses = ["4xx"]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own_portal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    """A portal that is not needed any more when it has been asked everything."""
    async with embedded(tmp_path_factory.mktemp("promises"), UNLIMITED) as (portal, _):
        yield portal


@pytest.mark.parametrize(
    ("org", "username"),
    [("123456.sms", "admin"), ("100001.rsp", "reseller-admin"), ("vendor", "vendor-admin")],
)
async def test_the_portal_keeps_what_its_document_promises(
    own_portal: Portal, tmp_path: Path, org: str, username: str
) -> None:
    token = await own_portal.token(org, username)

    told, status = await _walk(own_portal, token, tmp_path)

    assert status == 0, told[-6000:]
    assert "Tested:" in told


async def _walk(portal: Portal, token: str, folder: Path) -> tuple[str, int]:
    """What schemathesis says, and its exit status."""
    settings = folder / "schemathesis.toml"
    await asyncio.to_thread(settings.write_text, _SETTINGS)
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.promises", "PYTHONPATH": str(PROJECT)}
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(settings), "run", f"{portal.url}/openapi.json"),
        *("--url", portal.url, "-H", f"Authorization: Bearer {token}"),
        *("--phases", "examples,fuzzing", "--seed", "7", "--max-examples", "2", "--no-shrink"),
        *("--generation-database", "none", "--no-color", "--checks", "all"),
        *("--exclude-checks", "positive_data_acceptance", "--warnings", "off"),
        cwd=folder,
        env={"HOME": str(folder), **hooks},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return told.decode(), process.returncode or 0
