"""Events of licensing that an organisation gets a mail about."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain import licence_wording as wording
from services.mailer.domain.templates import Locale, Template
from shared.contracts.licensing import (
    LicenceChangeAnnounced,
    LicenceEndAnnounced,
    LicenceOrderFulfilled,
    LicenceOrderRejected,
    LicenceSeatsAnnounced,
)
from shared.inbox import Received
from shared.outbox import Transaction


async def licence_change_announced(
    deps: Deps, event: Received[LicenceChangeAnnounced], tx: Transaction
) -> None:
    """To the customer and to the reseller, whoever of them or the vendor has done it."""
    for notice in _notices(event.body, event.envelope.actororg):
        told = replace(notice, happened_at=event.envelope.time)
        await write_to(deps, told, event.envelope, tx)


def _notices(said: LicenceChangeAnnounced, by: str | None) -> Iterator[Notice]:
    """Of a new licence its reseller hears as of an order that is fulfilled, so not here."""
    if said.former_tenant_id is not None:
        yield from _of_a_transfer(said, by)
        return
    yield _notice(said.tenant_id, said, by)
    if said.act != "created":
        yield _notice(said.reseller_id, said, by)


def _of_a_transfer(said: LicenceChangeAnnounced, by: str | None) -> Iterator[Notice]:
    """Neither customer reads of the other, nor a reason that may name it; their reseller does."""
    former_id, former_name = said.former_tenant_id or "", said.former_tenant_name or ""
    of_former = said.model_copy(update={"tenant_id": former_id, "tenant_name": former_name})
    assigned = said.model_copy(update={"act": "assigned", "reason": None})

    def given(locale: Locale) -> Mapping[str, str]:
        effect = wording.given_to(said.tenant_id, said.tenant_name, locale)
        return {**_change(of_former, by, locale), "effect": effect}

    yield _notice(former_id, of_former.model_copy(update={"reason": None}), by)
    yield replace(_notice(said.reseller_id, of_former, by), wording=given)
    yield _notice(said.tenant_id, assigned, by)


def _notice(org: str, said: LicenceChangeAnnounced, by: str | None) -> Notice:
    words = {
        "tenant_id": said.tenant_id,
        "tenant_name": said.tenant_name,
        "product_name": said.product_name,
        "reason": said.reason or "",
    }

    def in_language(locale: Locale) -> Mapping[str, str]:
        return _change(said, by, locale)

    return Notice(org, Template.LICENCE_CHANGED, words, wording=in_language)


def _change(said: LicenceChangeAnnounced, by: str | None, locale: Locale) -> Mapping[str, str]:
    """What was done; of seats and term also what they were, where they are something else now."""
    done, effect = wording.deed(said.act, locale)
    seats = wording.seats(said.seats, locale)
    former_seats = wording.seats(said.former_seats, locale)
    term = wording.term(said.starts_on, said.ends_on, locale)
    former_term = wording.term(said.former_starts_on, said.former_ends_on, locale)
    return {
        "done": done,
        "effect": effect,
        "done_by": wording.doer(by, locale),
        "seats": seats,
        "former_seats": former_seats if former_seats != seats else "",
        "term": term,
        "former_term": former_term if former_term != term else "",
    }


async def licence_end_announced(
    deps: Deps, event: Received[LicenceEndAnnounced], tx: Transaction
) -> None:
    """To the customer who would lose it and to the reseller who can renew it."""
    said = event.body
    words = {
        "tenant_id": said.tenant_id,
        "tenant_name": said.tenant_name,
        "product_name": said.product_name,
        "days_left": str(said.days_left),
    }
    for org in (said.tenant_id, said.reseller_id):
        notice = Notice(org, Template.LICENCE_END, words, ends_on=said.ends_on)
        await write_to(deps, notice, event.envelope, tx)


async def licence_seats_announced(
    deps: Deps, event: Received[LicenceSeatsAnnounced], tx: Transaction
) -> None:
    said = event.body
    words = {
        "tenant_id": said.tenant_id,
        "tenant_name": said.tenant_name,
        "product_name": said.product_name,
        "share": str(said.share),
        "seats": str(said.seats),
        "seats_used": str(said.seats_used),
    }
    for org in (said.tenant_id, said.reseller_id):
        await write_to(deps, Notice(org, Template.LICENCE_SEATS, words), event.envelope, tx)


async def licence_order_fulfilled(
    deps: Deps, event: Received[LicenceOrderFulfilled], tx: Transaction
) -> None:
    order = event.body
    words = {"order_id": order.order_id, "tenant_id": order.tenant_id}
    notice = Notice(order.reseller_id, Template.ORDER_FULFILLED, words)
    await write_to(deps, notice, event.envelope, tx)


async def licence_order_rejected(
    deps: Deps, event: Received[LicenceOrderRejected], tx: Transaction
) -> None:
    order = event.body

    def in_language(locale: Locale) -> Mapping[str, str]:
        return {"reason": wording.rejection(order.reason, locale)}

    notice = Notice(
        order.reseller_id,
        Template.ORDER_REJECTED,
        {"order_id": order.order_id},
        wording=in_language,
    )
    await write_to(deps, notice, event.envelope, tx)
