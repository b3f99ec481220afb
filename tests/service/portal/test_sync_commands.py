"""`portal sync`, on the database of a running tenancy."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeAlias

import pytest

from services.tenancy.domain.drift import KINDS
from shared.contracts.auth import AuthChecksumsReported
from shared.contracts.events import Event, Service
from shared.contracts.licensing import LicensingChecksumsReported
from shared.contracts.sync import ChecksumFacts
from shared.contracts.tenancy import TenancyChecksumsReported, TenancyDriftReported
from shared.drift import checksum_of
from tests.service.shared.services import SERVICES
from tests.support.processes import PROJECT
from tests.support.service import Client
from tests.support.sync import NORTH, send

Result: TypeAlias = subprocess.CompletedProcess[str]
Portal: TypeAlias = Callable[..., Awaitable[Result]]
OURS: Final[dict[type[Event], tuple[str, tuple[str, ...]]]] = {
    TenancyChecksumsReported: ("tenancy", ("company", "customer")),
    LicensingChecksumsReported: ("licensing", ("licence", "licence_order")),
    AuthChecksumsReported: ("auth", ("person",)),
}
HERE: Final = dict.fromkeys(KINDS, "a" * 64)


@pytest.fixture
async def tenancy(mongo_url: str) -> AsyncIterator[Client]:
    async with SERVICES[Service.TENANCY](mongo_url) as client:
        yield client


@pytest.fixture
def portal(tenancy: Client) -> Portal:
    env = {
        "PORTAL_DATABASE_PREFIX": tenancy.settings.database_prefix,
        "MONGO_URL": tenancy.settings.mongo_url,
    }

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(_run, words, env)

    return run


def _run(words: tuple[str, ...], env: dict[str, str]) -> Result:
    return subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "portal.cli", "sync", *words],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def compared(tenancy: Client, there: dict[str, str], reseller_id: str = NORTH) -> None:
    """All services have answered a comparison of checksums."""
    for kind, (service, kinds) in OURS.items():
        facts = ChecksumFacts(
            comparison_id="c-1",
            reseller_id=reseller_id,
            checksums={one: HERE[one] for one in kinds},
            checksums_there={one: there[one] for one in kinds},
            ranges=[],
        )
        await tenancy.deliver(kind.model_validate(facts.model_dump()), source=f"/portal/{service}")


async def test_companies_are_listed_with_the_checksums_of_both_sides(
    tenancy: Client, portal: Portal
) -> None:
    before = await portal("checksums")
    await compared(tenancy, HERE)
    alike = await portal("checksums", NORTH)
    await compared(tenancy, {**HERE, "customer": "b" * 64}, "1000002.rsp")
    all_of_them = await portal("checksums")

    assert (before.stdout, before.returncode) == ("Nothing has been compared yet.\n", 0)
    assert alike.returncode == 0
    assert alike.stdout.count(checksum_of(HERE)) == 2
    assert all_of_them.returncode == 1
    [head, first, second] = all_of_them.stdout.splitlines()
    assert head.split()[:2] == ["company", "compared"]
    assert (first.split()[0], first.split()[-1]) == (NORTH, "alike")
    assert (second.split()[0], second.split()[-1]) == ("1000002.rsp", "differs")


async def test_the_records_that_differ_are_listed(tenancy: Client, portal: Portal) -> None:
    nothing = await portal("drift")
    found = TenancyDriftReported(
        comparison_id="c-1",
        reseller_id=NORTH,
        checksums={"customer": "a" * 64},
        checksums_there={"customer": "b" * 64},
        differences=[{"kind": "customer", "id": "1234567.sms", "how": "missing_there"}],
        different=1,
    )
    await tenancy.deliver(found, source="/portal/tenancy")
    told, other = await portal("drift", NORTH), await portal("drift", "1000002.rsp")

    assert (nothing.stdout, nothing.returncode) == ("No record differs.\n", 0)
    assert told.returncode == 1
    assert "1000001.rsp  customer  1234567.sms  missing there  2026-03-10 12:00:00" in told.stdout
    assert (other.stdout, other.returncode) == ("No record differs.\n", 0)


async def test_messages_are_listed_with_what_became_of_them(
    tenancy: Client, portal: Portal
) -> None:
    said = {"reseller_id": NORTH, "name": "North", "is_verified": True}
    await send(tenancy, "company.upserted", said, times=2)
    await send(tenancy, "company.upserted", {"reseller_id": NORTH})
    await tenancy.heard(TenancyDriftReported)

    everything = await portal("messages")
    rejected = await portal("messages", "--outcome", "rejected", "--reseller", NORTH)
    none = await portal("messages", "--reseller", "1000002.rsp")
    wrong = await portal("messages", "--outcome", "lost")

    assert len(everything.stdout.splitlines()) == 3
    [_, line] = rejected.stdout.splitlines()
    assert "company.upserted" in line
    assert "does_not_fit_its_contract" in line
    assert none.stdout == "There is no such message.\n"
    assert wrong.returncode == 2
