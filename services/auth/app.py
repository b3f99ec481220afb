"""Auth put together: stores, hasher, signer and the three tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.auth.clients.hasher import Hasher
from services.auth.clients.tokens import RefreshTokens, Signer
from services.auth.clients.vault import Vault
from services.auth.deps import Deps, Policy
from services.auth.routes import ROUTES
from services.auth.settings import AuthSettings
from services.auth.store.accounts import Accounts
from services.auth.store.attempts import Attempts
from services.auth.store.links import Links
from services.auth.store.sessions import Sessions
from services.auth.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.keys import Keys
from shared.service import Connect, Foundation, Serving, foundation, serving


async def build(base: Foundation, settings: AuthSettings) -> Deps:
    token_keys = Keys.parse(settings.token_keys.get_secret_value())
    vault_keys = Keys.parse(settings.vault_keys.get_secret_value())
    mailer_keys = Keys.parse(settings.mailer_public_keys.get_secret_value())
    accounts, sessions = Accounts(base.mongo), Sessions(base.mongo)
    links, attempts = Links(base.mongo), Attempts(base.mongo)
    for store in (accounts, sessions, links, attempts):
        await store.prepare()
    return Deps(
        accounts=accounts,
        sessions=sessions,
        links=links,
        attempts=attempts,
        hasher=Hasher(
            memory_kib=settings.argon2_memory_kib,
            passes=settings.argon2_passes,
            lanes=settings.argon2_lanes,
        ),
        signer=Signer(token_keys, settings.public_url, settings.access_seconds),
        refresh=RefreshTokens(vault_keys),
        vault=Vault(vault_keys, mailer_keys),
        policy=Policy(
            totp_required_from=settings.totp_required_from,
            session_idle=settings.session_idle,
            session_absolute=settings.session_absolute,
            reset_life=settings.reset_life,
            invitation_life=settings.invitation_life,
            reseller_portal_url=settings.reseller_portal_url,
        ),
        transact=base.outbox.transact,
        now=base.now,
        public_keys=token_keys.public(),
    )


@asynccontextmanager
async def open_auth(
    settings: AuthSettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.AUTH, settings, connect, now) as base:
        deps = await build(base, settings)
        try:
            async with serving(base, deps, routes=ROUTES, subscriptions=SUBSCRIPTIONS) as up:
                yield up
        finally:
            deps.hasher.close()
