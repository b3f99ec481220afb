"""A customer that changes hands while something is sold to it ends up with one reseller."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Final

import pytest
from typing_extensions import override

from services.licensing.actions.manage import Change, transfer_licence
from services.licensing.actions.orders import place_order
from services.licensing.app import build
from services.licensing.deps import Deps
from services.licensing.domain import changes
from services.licensing.domain.ledger import Act, Entry
from services.licensing.domain.licences import Whose
from services.licensing.domain.orders import Terms, Wish
from services.licensing.settings import LicensingSettings
from services.licensing.store.ledger import Ledger
from shared.contracts.tenancy import TenantCreated, TenantDeleted, TenantTransferred
from shared.mongo.collection import Collection, Session
from shared.service import Foundation
from tests.service.licensing.test_licences import grant
from tests.service.licensing.test_transferred import NEW, OLD
from tests.support.service import Client

TENANT, OTHER = "123456.sms", "123457.sms"
_A_WHILE: Final = 0.5


class SlowLedger(Ledger):
    """Waits before it writes, so that others may come in between."""

    def __init__(self, rows: Collection) -> None:
        super().__init__(rows)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    @override
    async def add(self, entry: Entry, session: Session) -> None:
        self.reached.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.go_on.wait(), _A_WHILE)
        await super().add(entry, session)


@asynccontextmanager
async def slow(licensing: Client) -> AsyncIterator[tuple[Deps, SlowLedger]]:
    async def build_slow(base: Foundation, settings: LicensingSettings) -> Deps:
        known = await build(base, settings)
        return replace(known, ledger=SlowLedger(base.mongo.collection("ledger")))

    async with licensing.acting(build_slow) as deps:
        assert isinstance(deps.ledger, SlowLedger)
        yield deps, deps.ledger


def given_to_another(tenant: str) -> TenantTransferred:
    return TenantTransferred(
        tenant_id=tenant,
        name="Acme",
        reseller_id=NEW,
        locale="de",
        status="active",
        former_reseller_id=OLD,
        reason="As agreed",
    )


async def owners(licensing: Client) -> list[tuple[str, str]]:
    rows = await licensing.mongo.collection("licences").find({})
    return [(row["tenant_id"], row["reseller_id"]) for row in rows]


async def test_what_is_sold_just_before_goes_along(licensing: Client) -> None:
    wish = Wish(Terms("mdm", 5, 12), tenant_id=TENANT)
    async with slow(licensing) as (deps, ledger), asyncio.TaskGroup() as group:
        sale = group.create_task(place_order(deps, OLD, wish))
        await ledger.reached.wait()
        await licensing.deliver(given_to_another(TENANT), sequence=5)
        ledger.go_on.set()
        await sale

    assert await licensing.failed() == []
    assert await owners(licensing) == [(TENANT, NEW)]


async def test_nothing_is_left_of_what_is_sold_to_a_customer_that_is_deleted(
    licensing: Client,
) -> None:
    wish = Wish(Terms("mdm", 5, 12), tenant_id=TENANT)
    gone = TenantDeleted(tenant_id=TENANT, reseller_id=OLD, name="Acme")
    async with slow(licensing) as (deps, ledger), asyncio.TaskGroup() as group:
        sale = group.create_task(place_order(deps, OLD, wish))
        await ledger.reached.wait()
        await licensing.deliver(gone, sequence=5)
        ledger.go_on.set()
        await sale

    assert await licensing.failed() == []
    rows = await licensing.mongo.collection("licences").find({"revoked_at": None})
    assert rows == []


@pytest.mark.parametrize("tenant", [TENANT, OTHER], ids=["giver", "taker"])
async def test_a_licence_never_comes_to_a_customer_of_another_reseller(
    licensing: Client, tenant: str
) -> None:
    await grant(licensing, "l-1")
    second = TenantCreated(tenant_id=OTHER, name="B", reseller_id=OLD, locale="de")
    await licensing.deliver(second)
    change = Change(
        Act.TRANSFERRED, lambda found, now: changes.transferred(found, OTHER, "MS-NEW", now)
    )

    async with slow(licensing) as (deps, ledger), asyncio.TaskGroup() as group:
        whose = Whose(reseller_id=OLD)
        giving = group.create_task(transfer_licence(deps, whose, "l-1", OTHER, change))
        await ledger.reached.wait()
        await licensing.deliver(given_to_another(tenant), sequence=5)
        ledger.go_on.set()
        await giving

    assert await licensing.failed() == []
    assert await owners(licensing) == [(OTHER, NEW if tenant == OTHER else OLD)]
