"""All that an action of licensing may use."""

from dataclasses import dataclass
from datetime import timedelta

from services.licensing.clients.device_tokens import DeviceTokens
from services.licensing.clients.document_signer import DocumentSigner
from services.licensing.clients.statement_files import StatementFiles
from services.licensing.clients.turns import Turns
from services.licensing.domain.licence_files import FileRules
from services.licensing.domain.seats import SeatRules
from services.licensing.domain.visits import Allowances
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
from shared.clock import Clock
from shared.dead_letter_desk import DeadLetterDesk
from shared.outbox import Transact
from shared.purges import Purges
from shared.sync import SyncedRecords


@dataclass(frozen=True)
class Deps:
    dead_letters: DeadLetterDesk
    file_rules: FileRules
    revocations: Revocations
    signer: DocumentSigner
    decisions_kept: timedelta
    seat_memory: SeatMemory
    devices: Devices
    device_tokens: DeviceTokens
    heartbeat_every: timedelta
    seats: Seats
    seat_rules: SeatRules
    turns: Turns
    visits: Visits
    allowances: Allowances
    usage: Usage
    statements: Statements
    statement_files: StatementFiles
    ledger: Ledger
    licences: Licences
    orders: Orders
    order_patience: timedelta
    quotas: Quotas
    resellers: Resellers
    limits: StaffLimits
    tenants: Tenants
    belongings: Belongings
    purges: Purges
    synced: SyncedRecords
    transact: Transact
    now: Clock
