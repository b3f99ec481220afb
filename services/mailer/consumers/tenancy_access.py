"""Access for a time, as tenancy tells: both sides get a mail about what concerns them."""

from collections.abc import Mapping
from dataclasses import replace

from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain.templates import Locale, Template
from services.mailer.domain.wording import period, role_names
from shared.contracts.tenancy import (
    AccessEndAnnounced,
    AccessEnded,
    AccessFacts,
    AccessRequested,
)
from shared.inbox import Received
from shared.outbox import Transaction


async def access_requested(deps: Deps, event: Received[AccessRequested], tx: Transaction) -> None:
    """Only the customer is asked."""
    told = event.body

    def in_language(locale: Locale) -> Mapping[str, str]:
        roles = role_names(told.roles, locale)
        return {"roles": roles, "duration": period(told.duration, locale)}

    notice = _notice(told.tenant_id, Template.ACCESS_REQUESTED, told)
    words = {**notice.words, "reason": told.reason}
    asked = replace(notice, words=words, wording=in_language)
    await write_to(deps, asked, event.envelope, tx)


async def access_end_announced(
    deps: Deps, event: Received[AccessEndAnnounced], tx: Transaction
) -> None:
    told = event.body
    for org in (told.tenant_id, told.reseller_id):
        notice = replace(_notice(org, Template.ACCESS_ENDING, told), happened_at=told.until)
        await write_to(deps, notice, event.envelope, tx)


async def access_ended(deps: Deps, event: Received[AccessEnded], tx: Transaction) -> None:
    told = event.body
    for org in (told.tenant_id, told.reseller_id):
        await write_to(deps, _notice(org, Template.ACCESS_ENDED, told), event.envelope, tx)


def _notice(org: str, template: Template, told: AccessFacts) -> Notice:
    def in_language(locale: Locale) -> Mapping[str, str]:
        return {"roles": role_names(told.roles, locale)}

    words = {"tenant_id": told.tenant_id, "reseller_id": told.reseller_id}
    return Notice(org, template, words, wording=in_language)
