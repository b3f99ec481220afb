"""All that an action of tenancy may use."""

from dataclasses import dataclass
from datetime import timedelta

from services.tenancy.clients.notary import Notary
from services.tenancy.clients.webhook_metrics import WebhookMetrics
from services.tenancy.clients.webhook_post import WebhookPost
from services.tenancy.clients.webhook_vault import WebhookVault
from services.tenancy.domain.org_settings import Values
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
from shared.clock import Clock
from shared.dead_letter_desk import DeadLetterDesk
from shared.outbox import Transact
from shared.sync import SyncedRecords


@dataclass(frozen=True)
class Deps:
    dead_letters: DeadLetterDesk
    resellers: Resellers
    tenants: Tenants
    order_ends: OrderEnds
    settings: SettingsOfOrgs
    outer_settings: Values
    """What the environment says of each setting; even the vendor may only narrow that."""
    waiting_activities: WaitingActivities
    entries: Entries
    changes: Changes
    heads: Heads
    notary: Notary
    accounts: KnownAccounts
    limits: CustomerLimits
    delegations: Delegations
    accesses: Accesses
    support_accesses: SupportAccesses
    entered: Entered
    activity_kept: timedelta
    email_domains: EmailDomains
    offboarding_kept: timedelta
    """How long a tenant that is on its way out is kept."""
    synced: SyncedRecords
    sync_messages: SyncMessages
    drifts: Drifts
    sync_troubles: SyncTroubles
    webhooks: Webhooks
    turns: Turns
    told_events: ToldEvents
    deliveries: Deliveries
    webhook_post: WebhookPost
    webhook_vault: WebhookVault
    webhook_metrics: WebhookMetrics
    webhook_ladder: tuple[timedelta, ...]
    webhook_told_after: timedelta
    transact: Transact
    now: Clock
