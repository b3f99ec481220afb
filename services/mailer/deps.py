"""All that an action of the mailer may use."""

from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address

from services.mailer.clients.dkim import Dkim
from services.mailer.clients.domains import Domains
from services.mailer.clients.mail_metrics import MailMetrics
from services.mailer.clients.renderer import Renderer
from services.mailer.clients.smtp import SmtpRelay
from services.mailer.clients.vault import Vault
from services.mailer.store.belongings import Belongings
from services.mailer.store.brandings import Brandings
from services.mailer.store.contacts import Contacts
from services.mailer.store.mails import Mails
from services.mailer.store.recipients import NoticeRecipients
from services.mailer.store.suppressions import Suppressions
from shared.clock import Clock
from shared.dead_letter_desk import DeadLetterDesk
from shared.outbox import Transact
from shared.purges import Purges


@dataclass(frozen=True)
class Letterhead:
    """What is the same in every mail: who writes it and where its links lead."""

    sender: Address
    portal_url: str
    reseller_portal_url: str


@dataclass(frozen=True)
class Deps:
    dead_letters: DeadLetterDesk
    belongings: Belongings
    contacts: Contacts
    recipients: NoticeRecipients
    brandings: Brandings
    mails: Mails
    figures: MailMetrics
    suppressions: Suppressions
    transact: Transact
    renderer: Renderer
    relay: SmtpRelay
    domains: Domains
    vault: Vault
    dkim: Dkim | None
    letterhead: Letterhead
    lease: timedelta
    """How long an attempt may take before another replica takes the mail over."""
    purges: Purges
    now: Clock
