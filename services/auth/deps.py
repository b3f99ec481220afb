"""All that an action of auth may use."""

from dataclasses import dataclass
from datetime import timedelta

from services.auth.clients.ceremonies import Ceremonies
from services.auth.clients.devices import Devices
from services.auth.clients.hasher import Hasher
from services.auth.clients.issuer import Issuer
from services.auth.clients.machine_tokens import MachineTokens
from services.auth.clients.relying_party import RelyingParty
from services.auth.clients.tokens import RefreshTokens, Signer
from services.auth.clients.turns import Turns
from services.auth.clients.vault import Vault
from services.auth.domain.deadlines import Compulsion
from services.auth.domain.federation import Factors
from services.auth.domain.sessions import Limits
from services.auth.domain.throttle import Paces
from services.auth.store.accounts import Accounts
from services.auth.store.api_keys import ApiKeys
from services.auth.store.attempts import Attempts
from services.auth.store.belongings import Belongings
from services.auth.store.codes import Codes
from services.auth.store.delegations import Delegations
from services.auth.store.email_domains import EmailDomains
from services.auth.store.factor_resets import FactorResets
from services.auth.store.known_devices import KnownDevices
from services.auth.store.links import Links
from services.auth.store.looks import Looks
from services.auth.store.org_settings import OrgSettings
from services.auth.store.organisations import Organisations
from services.auth.store.passkeys import Passkeys
from services.auth.store.refusals import RefusalCounters
from services.auth.store.roll_out import RollOutQueries
from services.auth.store.sessions import Sessions
from services.auth.store.spent import Spent
from shared.clock import Clock
from shared.dead_letter_desk import DeadLetterDesk
from shared.outbox import Transact
from shared.purges import Purges
from shared.sync import SyncedRecords


@dataclass(frozen=True)
class Policy:
    """What settings decide."""

    compulsion: Compulsion
    totp_reset_wait: timedelta
    paces: Paces
    slowest_hash: timedelta
    session_limits: Limits
    reset_life: timedelta
    invitation_life: timedelta
    reseller_portal_url: str
    factors: Factors


@dataclass(frozen=True)
class Deps:
    dead_letters: DeadLetterDesk
    accounts: Accounts
    api_keys: ApiKeys
    codes: Codes
    passkeys: Passkeys
    sessions: Sessions
    links: Links
    looks: Looks
    factor_resets: FactorResets
    roll_out: RollOutQueries
    settings: OrgSettings
    attempts: Attempts
    refusals: RefusalCounters
    organisations: Organisations
    email_domains: EmailDomains
    delegations: Delegations
    belongings: Belongings
    purges: Purges
    hasher: Hasher
    turns: Turns
    common_passwords: frozenset[str]
    ceremonies: Ceremonies
    relying_party: RelyingParty
    devices: Devices
    known_devices: KnownDevices
    signer: Signer
    machine_tokens: MachineTokens
    refresh: RefreshTokens
    vault: Vault
    issuer: Issuer | None
    """The Reseller Portal as an OpenID Connect provider, where one is configured."""
    synced: SyncedRecords
    spent: Spent
    policy: Policy
    transact: Transact
    now: Clock
    public_keys: str
    """The JWK Set that anybody may check our tokens with."""
