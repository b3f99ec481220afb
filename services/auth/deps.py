"""All that an action of auth may use."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.auth.clients.hasher import Hasher
from services.auth.clients.tokens import RefreshTokens, Signer
from services.auth.clients.vault import Vault
from services.auth.store.accounts import Accounts
from services.auth.store.attempts import Attempts
from services.auth.store.links import Links
from services.auth.store.sessions import Sessions
from shared.clock import Clock
from shared.outbox import Transact


@dataclass(frozen=True)
class Policy:
    """What settings decide."""

    totp_required_from: datetime
    session_idle: timedelta
    session_absolute: timedelta
    reset_life: timedelta
    invitation_life: timedelta
    reseller_portal_url: str


@dataclass(frozen=True)
class Deps:
    accounts: Accounts
    sessions: Sessions
    links: Links
    attempts: Attempts
    hasher: Hasher
    signer: Signer
    refresh: RefreshTokens
    vault: Vault
    policy: Policy
    transact: Transact
    now: Clock
    public_keys: str
    """The JWK Set that anybody may check our tokens with."""
