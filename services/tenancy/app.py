"""Builds tenancy out of its parts and runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.tenancy.clients.notary import Notary
from services.tenancy.clients.webhook_metrics import WebhookMetrics
from services.tenancy.clients.webhook_post import WebhookPost
from services.tenancy.clients.webhook_vault import WebhookVault
from services.tenancy.deps import Deps
from services.tenancy.domain.org_settings import Values
from services.tenancy.routes import ROUTES
from services.tenancy.schedule import DELIVERING, SCHEDULE
from services.tenancy.settings import TenancySettings
from services.tenancy.store.accesses import Accesses
from services.tenancy.store.accounts import KnownAccounts
from services.tenancy.store.activity import Entries, WaitingActivities
from services.tenancy.store.activity_heads import Heads
from services.tenancy.store.changes import Changes
from services.tenancy.store.customer_limits import CustomerLimits
from services.tenancy.store.delegations import Delegations
from services.tenancy.store.deliveries import Deliveries
from services.tenancy.store.drifts import Drifts
from services.tenancy.store.email_domains import EmailDomains
from services.tenancy.store.entered import Entered
from services.tenancy.store.order_ends import OrderEnds
from services.tenancy.store.org_settings import SettingsOfOrgs
from services.tenancy.store.resellers import Resellers
from services.tenancy.store.support_accesses import SupportAccesses
from services.tenancy.store.sync_messages import SyncMessages
from services.tenancy.store.sync_troubles import SyncTroubles
from services.tenancy.store.tenants import Tenants
from services.tenancy.store.told_events import ToldEvents
from services.tenancy.store.webhook_turns import Turns
from services.tenancy.store.webhooks import Webhooks
from services.tenancy.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.dead_letter_desk import DeadLetterDesk
from shared.keys import Keys
from shared.service import Connect, Foundation, Serving, foundation, serving
from shared.sync import SyncedRecords

DEFAULT_LOCALE: Final = "de"


@asynccontextmanager
async def open_tenancy(
    settings: TenancySettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.TENANCY, settings, connect, now) as base:
        deps = await build(base, settings)
        async with serving(
            base,
            deps,
            routes=ROUTES,
            subscriptions=SUBSCRIPTIONS,
            schedule=[*SCHEDULE, *([DELIVERING] * settings.webhook_senders)],
            figures=deps.webhook_metrics,
        ) as up:
            yield up


async def build(base: Foundation, settings: TenancySettings) -> Deps:
    """The service's dependencies, with its collections' indexes in place."""
    deliveries = Deliveries(base.mongo)
    deps = Deps(
        dead_letters=DeadLetterDesk(Service.TENANCY, base.mongo, base.outbox.transact, base.now),
        resellers=Resellers(base.mongo.collection("resellers")),
        tenants=Tenants(base.mongo.collection("tenants")),
        order_ends=OrderEnds(base.mongo.collection("order_ends")),
        settings=SettingsOfOrgs(base.mongo.collection("settings")),
        outer_settings=Values(
            locale=DEFAULT_LOCALE,
            totp_required_from=settings.totp_required_from,
            session_idle=settings.session_idle,
            session_absolute=settings.session_absolute,
            notice_recipients=(),
        ),
        waiting_activities=WaitingActivities(base.mongo),
        entries=Entries(base.mongo),
        changes=Changes(base.mongo),
        heads=Heads(base.mongo),
        accounts=KnownAccounts(base.mongo),
        limits=CustomerLimits(base.mongo),
        delegations=Delegations(base.mongo),
        accesses=Accesses(base.mongo),
        support_accesses=SupportAccesses(base.mongo),
        entered=Entered(base.mongo),
        notary=Notary(Keys.parse(settings.activity_keys.get_secret_value())),
        activity_kept=settings.activity_kept,
        email_domains=EmailDomains(base.mongo.collection("email_domains")),
        offboarding_kept=settings.offboarding_kept,
        synced=SyncedRecords(base.mongo),
        sync_messages=SyncMessages(base.mongo),
        drifts=Drifts(base.mongo),
        sync_troubles=SyncTroubles(base.mongo),
        webhooks=Webhooks(base.mongo),
        turns=Turns(base.mongo),
        told_events=ToldEvents(base.mongo),
        deliveries=deliveries,
        webhook_post=WebhookPost(frozenset(settings.webhook_exempt_origins.split())),
        webhook_vault=WebhookVault(Keys.parse(settings.webhook_keys.get_secret_value())),
        webhook_metrics=WebhookMetrics(deliveries.waiting, base.now),
        webhook_ladder=settings.webhook_ladder,
        webhook_told_after=settings.webhook_told_after,
        transact=base.outbox.transact,
        now=base.now,
    )
    for store in (
        deps.email_domains,
        deps.resellers,
        deps.tenants,
        deps.waiting_activities,
        deps.entries,
        deps.changes,
        deps.heads,
        deps.synced,
        deps.sync_messages,
        deps.drifts,
        deps.accesses,
        deps.support_accesses,
        deps.entered,
        deps.webhooks,
        deps.turns,
        deps.told_events,
        deps.deliveries,
    ):
        await store.prepare()
    return deps
