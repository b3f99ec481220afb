"""Auth put together: stores, hasher, signer and the three tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from services.auth.clients.ceremonies import Ceremonies
from services.auth.clients.common_passwords import common_passwords
from services.auth.clients.devices import Devices
from services.auth.clients.hasher import Hasher
from services.auth.clients.issuer import Client, Issuer
from services.auth.clients.machine_tokens import MachineTokens
from services.auth.clients.relying_party import RelyingParty
from services.auth.clients.tokens import RefreshTokens, Signer
from services.auth.clients.turns import Turns
from services.auth.clients.vault import Vault
from services.auth.deps import Deps, Policy
from services.auth.domain.deadlines import Compulsion
from services.auth.domain.federation import Factors
from services.auth.domain.sessions import Limits
from services.auth.domain.throttle import Pace, Paces
from services.auth.routes import ROUTES
from services.auth.schedule import SCHEDULE
from services.auth.settings import AuthSettings
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
from services.auth.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.dead_letter_desk import DeadLetterDesk
from shared.keys import Keys
from shared.purges import Purges
from shared.service import Connect, Foundation, Serving, foundation, serving
from shared.sync import SyncedRecords


async def build(base: Foundation, settings: AuthSettings) -> Deps:
    token_keys = Keys.parse(settings.token_keys.get_secret_value())
    vault_keys = Keys.parse(settings.vault_keys.get_secret_value())
    mailer_keys = Keys.parse(settings.mailer_public_keys.get_secret_value())
    accounts, sessions = Accounts(base.mongo), Sessions(base.mongo, base.outbox)
    links, attempts = Links(base.mongo), Attempts(base.mongo)
    factor_resets, api_keys = FactorResets(base.mongo), ApiKeys(base.mongo)
    known_devices, spent = KnownDevices(base.mongo), Spent(base.mongo)
    synced = SyncedRecords(base.mongo)
    refusals, email_domains = RefusalCounters(base.mongo), EmailDomains(base.mongo)
    for store in (accounts, sessions, links, factor_resets, attempts, api_keys, refusals):
        await store.prepare()
    for late in (known_devices, spent, synced, email_domains):
        await late.prepare()
    return Deps(
        dead_letters=DeadLetterDesk(Service.AUTH, base.mongo, base.outbox.transact, base.now),
        accounts=accounts,
        api_keys=api_keys,
        codes=Codes(base.mongo),
        passkeys=Passkeys(base.mongo),
        sessions=sessions,
        links=links,
        looks=Looks(base.mongo),
        factor_resets=factor_resets,
        roll_out=RollOutQueries(base.mongo),
        settings=OrgSettings(base.mongo),
        attempts=attempts,
        refusals=refusals,
        organisations=Organisations(base.mongo),
        email_domains=email_domains,
        delegations=Delegations(base.mongo),
        purges=Purges(base.mongo),
        belongings=Belongings(base.mongo),
        turns=Turns(),
        hasher=Hasher(memory_kib=settings.argon2_memory_kib, passes=settings.argon2_passes),
        common_passwords=await common_passwords(settings.refused_passwords_file),
        ceremonies=Ceremonies(vault_keys),
        relying_party=RelyingParty(settings.public_url),
        devices=Devices(vault_keys, settings.device_life),
        known_devices=known_devices,
        signer=Signer(token_keys, settings.public_url, settings.access_seconds),
        machine_tokens=MachineTokens(token_keys, settings.public_url),
        refresh=RefreshTokens(vault_keys),
        vault=Vault(vault_keys, mailer_keys),
        issuer=_issuer(settings),
        synced=synced,
        spent=spent,
        policy=Policy(
            compulsion=Compulsion(settings.totp_required_from, settings.totp_grace),
            totp_reset_wait=settings.totp_reset_wait,
            paces=_paces(settings),
            slowest_hash=settings.slowest_hash,
            session_limits=Limits(settings.session_idle, settings.session_absolute),
            reset_life=settings.reset_life,
            invitation_life=settings.invitation_life,
            reseller_portal_url=settings.reseller_portal_url,
            factors=Factors(
                frozenset(settings.reseller_portal_acr.split()),
                frozenset(settings.reseller_portal_amr.split()),
            ),
        ),
        transact=base.outbox.transact,
        now=base.now,
        public_keys=token_keys.public(),
    )


def _issuer(settings: AuthSettings) -> Issuer | None:
    if settings.reseller_portal_issuer is None:
        return None
    secret = settings.reseller_portal_client_secret
    return Issuer(
        Client(
            issuer=settings.reseller_portal_issuer,
            client_id=settings.reseller_portal_client_id or "",
            client_secret=secret.get_secret_value() if secret else None,
            redirect_uri=f"{settings.public_url}/v1/login/reseller-portal/callback",
            scope=settings.reseller_portal_scope,
            acr_values=settings.reseller_portal_acr,
        )
    )


def _paces(settings: AuthSettings) -> Paces:
    """The longer a place is shared by honest people, the sooner it forgets."""
    account = Pace(
        settings.throttle_account_failures,
        settings.throttle_account_wait,
        forget=timedelta(minutes=30),
    )
    source = Pace(
        settings.throttle_source_failures,
        settings.throttle_source_wait,
        forget=timedelta(seconds=30),
    )
    org = Pace(
        settings.throttle_org_failures, settings.throttle_org_wait, forget=timedelta(seconds=10)
    )
    reports = Pace(settings.forgotten_reports, timedelta(minutes=5), forget=timedelta(minutes=1))
    return Paces(account, source, org, reports)


@asynccontextmanager
async def open_auth(
    settings: AuthSettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.AUTH, settings, connect, now) as base:
        deps = await build(base, settings)
        try:
            async with serving(
                base, deps, routes=ROUTES, subscriptions=SUBSCRIPTIONS, schedule=SCHEDULE
            ) as up:
                yield up
        finally:
            deps.hasher.close()
