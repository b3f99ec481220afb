"""The mailer put together: store, renderer, relay and its two tables."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from services.mailer.clients.dkim import Dkim
from services.mailer.clients.domains import Domains
from services.mailer.clients.letter import parse_address
from services.mailer.clients.mail_metrics import MailMetrics
from services.mailer.clients.renderer import Renderer
from services.mailer.clients.smtp import Server, SmtpRelay
from services.mailer.clients.vault import Vault
from services.mailer.deps import Deps, Letterhead
from services.mailer.routes import ROUTES
from services.mailer.schedule import SCHEDULE, SENDER
from services.mailer.settings import MailerSettings
from services.mailer.store.belongings import Belongings
from services.mailer.store.brandings import Brandings
from services.mailer.store.contacts import Contacts
from services.mailer.store.mails import Mails
from services.mailer.store.recipients import NoticeRecipients
from services.mailer.store.suppressions import Suppressions
from services.mailer.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.dead_letter_desk import DeadLetterDesk
from shared.keys import Keys
from shared.purges import Purges
from shared.service import Connect, Foundation, Serving, foundation, serving

_TO_NOTE_THE_OUTCOME = timedelta(seconds=30)


async def build(base: Foundation, settings: MailerSettings) -> Deps:
    contacts, mails = Contacts(base.mongo), Mails(base.mongo)
    await contacts.prepare()
    await mails.prepare()
    suppressions = Suppressions(base.mongo)
    await suppressions.prepare()
    return Deps(
        dead_letters=DeadLetterDesk(Service.MAILER, base.mongo, base.outbox.transact, base.now),
        belongings=Belongings(base.mongo),
        contacts=contacts,
        recipients=NoticeRecipients(base.mongo),
        brandings=Brandings(base.mongo),
        mails=mails,
        figures=MailMetrics(mails.waiting),
        suppressions=suppressions,
        transact=base.outbox.transact,
        renderer=await asyncio.to_thread(Renderer),
        relay=SmtpRelay(
            await _server(settings),
            connections=settings.smtp_connections,
            seconds=settings.smtp_seconds,
        ),
        domains=Domains(settings.smtp_domain_connections),
        dkim=_dkim(settings),
        vault=Vault(Keys.parse(settings.mailer_keys.get_secret_value())),
        letterhead=Letterhead(
            sender=parse_address(settings.mail_from, settings.mail_from_name),
            portal_url=settings.public_url,
            reseller_portal_url=settings.reseller_portal_url,
        ),
        lease=timedelta(seconds=settings.smtp_seconds) + _TO_NOTE_THE_OUTCOME,
        purges=Purges(base.mongo),
        now=base.now,
    )


@asynccontextmanager
async def open_mailer(
    settings: MailerSettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.MAILER, settings, connect, now) as base:
        deps = await build(base, settings)
        # Each sender hands over one mail after the other, so this many are under way.
        schedule = SCHEDULE + [SENDER] * settings.smtp_connections
        try:
            async with serving(
                base,
                deps,
                routes=ROUTES,
                subscriptions=SUBSCRIPTIONS,
                schedule=schedule,
                figures=deps.figures,
            ) as up:
                yield up
        finally:
            await deps.relay.close()


def _dkim(settings: MailerSettings) -> Dkim | None:
    if settings.dkim_key is None or settings.dkim_selector is None:
        return None
    domain = settings.mail_from.rpartition("@")[2]
    return Dkim(domain, settings.dkim_selector, settings.dkim_key.get_secret_value())


async def _server(settings: MailerSettings) -> Server:
    password = settings.smtp_password
    return Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        tls=await asyncio.to_thread(ssl.create_default_context),
        greet_as=settings.mail_from.rpartition("@")[2],
        username=settings.smtp_username or None,
        password=password.get_secret_value() if password else None,
    )
