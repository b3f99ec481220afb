"""Builds licensing out of its parts and runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from services.licensing.clients.device_tokens import DeviceTokens
from services.licensing.clients.document_signer import DocumentSigner
from services.licensing.clients.statement_files import StatementFiles
from services.licensing.clients.turns import Turns
from services.licensing.deps import Deps
from services.licensing.domain.licence_files import FileRules
from services.licensing.domain.seats import SeatRules
from services.licensing.domain.visits import Allowance, Allowances
from services.licensing.routes import ROUTES
from services.licensing.schedule import SCHEDULE
from services.licensing.settings import LicensingSettings
from services.licensing.store.belongings import Belongings
from services.licensing.store.devices import Devices
from services.licensing.store.ledger import Ledger
from services.licensing.store.licences import Licences
from services.licensing.store.orders import Orders
from services.licensing.store.quotas import Quotas
from services.licensing.store.resellers import Resellers
from services.licensing.store.revocations import Revocations
from services.licensing.store.seat_memory import SeatMemory
from services.licensing.store.seats import Seats
from services.licensing.store.staff_limits import StaffLimits
from services.licensing.store.statements import Statements
from services.licensing.store.tenants import Tenants
from services.licensing.store.usage import Usage
from services.licensing.store.visits import Visits
from services.licensing.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.dead_letter_desk import DeadLetterDesk
from shared.keys import Keys
from shared.purges import Purges
from shared.service import Connect, Foundation, Serving, foundation, serving
from shared.sync import SyncedRecords


@asynccontextmanager
async def open_licensing(
    settings: LicensingSettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.LICENSING, settings, connect, now) as base:
        deps = await build(base, settings)
        async with serving(
            base, deps, routes=ROUTES, subscriptions=SUBSCRIPTIONS, schedule=SCHEDULE
        ) as up:
            yield up


async def build(base: Foundation, settings: LicensingSettings) -> Deps:
    """The service's dependencies, with its collections' indexes in place."""
    licences = Licences(base.mongo.collection("licences"))
    devices = Devices(base.mongo.collection("devices"))
    signer = DocumentSigner(Keys.parse(settings.licence_keys.get_secret_value()))
    deps = Deps(
        dead_letters=DeadLetterDesk(Service.LICENSING, base.mongo, base.outbox.transact, base.now),
        decisions_kept=settings.decisions_kept,
        devices=devices,
        file_rules=FileRules(settings.licence_file_life, settings.revocations_every),
        revocations=Revocations(
            base.mongo.collection("licences"),
            base.mongo.collection("devices"),
            base.mongo.collection("revoked"),
            base.mongo.collection("transferred"),
        ),
        signer=signer,
        statement_files=StatementFiles(signer),
        statements=Statements(
            base.mongo.collection("statements"),
            base.mongo.collection("statement_files"),
            base.mongo.collection("marks"),
        ),
        seat_memory=SeatMemory(licences, devices),
        device_tokens=DeviceTokens(Keys.parse(settings.device_keys.get_secret_value())),
        heartbeat_every=settings.heartbeat_every,
        seats=Seats(base.mongo.collection("licences")),
        seat_rules=_seat_rules(settings),
        turns=Turns(),
        visits=Visits(base.mongo.collection("visits")),
        allowances=_allowances(settings),
        usage=Usage(
            base.mongo.collection("usage"),
            base.mongo.collection("marks"),
            licences=base.mongo.collection("licences"),
            devices=base.mongo.collection("devices"),
        ),
        ledger=Ledger(base.mongo.collection("ledger")),
        licences=licences,
        orders=Orders(base.mongo.collection("orders")),
        order_patience=settings.order_patience,
        quotas=Quotas(base.mongo.collection("quotas")),
        resellers=Resellers(base.mongo.collection("resellers")),
        limits=StaffLimits(base.mongo.collection("staff_limits")),
        tenants=Tenants(base.mongo.collection("tenants")),
        belongings=Belongings(base.mongo),
        purges=Purges(base.mongo),
        synced=SyncedRecords(base.mongo),
        transact=base.outbox.transact,
        now=base.now,
    )
    await deps.synced.prepare()
    await deps.devices.prepare()
    await deps.revocations.prepare()
    await deps.usage.prepare()
    await deps.visits.prepare()
    await deps.licences.prepare()
    await deps.ledger.prepare()
    await deps.orders.prepare()
    await deps.quotas.prepare()
    await deps.statements.prepare()
    return deps


def _seat_rules(settings: LicensingSettings) -> SeatRules:
    return SeatRules(
        silent_after=settings.device_silent_after,
        reclaim=settings.device_reclaim,
        overage_percent=settings.overage_percent,
    )


def _allowances(settings: LicensingSettings) -> Allowances:
    return Allowances(
        activations=Allowance(settings.activations_per_minute, timedelta(minutes=1)),
        unknown_keys=Allowance(settings.unknown_keys_per_hour, timedelta(hours=1)),
    )
