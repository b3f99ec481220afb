"""What somebody does to a licence is told for confirmation; what time and others do is not."""

from datetime import date
from typing import Any

import pytest

from services.licensing.domain.ledger import CONFIRMED
from shared.access import Permission
from shared.contracts.licensing import LicenceChangeAnnounced, LicenceChanged
from shared.contracts.tenancy import TenantCreated, TenantDeleted
from tests.service.licensing.test_licences import grant
from tests.service.licensing.test_managing import FRESH, MANAGER, RESELLER, TENANT, do
from tests.service.licensing.test_time import go_to
from tests.support.service import Client, a_pass

READER = a_pass("123456.sms", Permission.LICENCE_READ)
TERM = (date(2026, 3, 10), date(2027, 3, 9))


async def a_trial(licensing: Client) -> str:
    body = {"product": "mdm", "model": "trial", "seats": 5}
    made = await licensing.post(f"{TENANT}/licences", as_=MANAGER[TENANT], json=body)
    return f"{TENANT}/licences/{made.body['id']}"


@pytest.mark.parametrize(
    ("verb", "body", "act", "seats", "term"),
    [
        ("renew", {"term_months": 12}, "renewed", 5, (TERM[0], date(2028, 3, 9))),
        ("resize", {"seats": 9}, "resized", 9, TERM),
        ("suspend", {"reason": "Not paid"}, "suspended", 5, TERM),
        ("revoke", {}, "revoked", 5, TERM),
        ("cancel", {"ends_on": "2026-03-31"}, "cancelled", 5, (TERM[0], date(2026, 3, 31))),
    ],
)
async def test_a_change_is_told_with_what_was_before(
    licensing: Client,
    verb: str,
    body: dict[str, Any],
    act: str,
    seats: int,
    term: tuple[date, date],
) -> None:
    await grant(licensing, "l-1")

    await do(licensing, verb, body, Idempotency_Key="k-1")
    await do(licensing, verb, body, Idempotency_Key="k-1")

    [told] = await licensing.heard(LicenceChangeAnnounced)
    [envelope] = await licensing.envelopes(LicenceChangeAnnounced)
    assert (told.licence_id, told.act, told.reason) == ("l-1", act, body.get("reason"))
    assert (told.tenant_id, told.reseller_id) == ("123456.sms", "100001.rsp")
    assert (told.tenant_name, told.product_name) == ("Acme", "Mobile Device Management")
    assert (told.former_seats, told.seats) == (5, seats)
    assert (told.former_starts_on, told.former_ends_on) == TERM
    assert (told.starts_on, told.ends_on) == term
    assert envelope.actororg == "100001.rsp"


async def test_a_new_licence_is_told_once_with_nothing_before(licensing: Client) -> None:
    body = {"product": "mdm", "seats": 5, "term_months": 12}
    keyed = {"Idempotency-Key": "k-1"}

    answers = [
        await licensing.post(f"{TENANT}/licences", as_=MANAGER[TENANT], json=body, headers=keyed)
        for _ in range(2)
    ]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body["id"] == answers[1].body["id"]
    [told] = await licensing.heard(LicenceChangeAnnounced)
    [envelope] = await licensing.envelopes(LicenceChangeAnnounced)
    assert (told.act, told.tenant_id, told.tenant_name) == ("created", "123456.sms", "Acme")
    assert (told.former_seats, told.seats) == (5, 5)
    assert (told.former_starts_on, told.former_ends_on) == TERM
    assert (told.starts_on, told.ends_on) == TERM
    assert (told.former_tenant_id, told.former_tenant_name) == (None, None)
    assert envelope.actororg == "100001.rsp"


async def test_a_licence_that_was_ordered_is_told_as_a_new_one(licensing: Client) -> None:
    order = {
        "product": "mdm",
        "seats": 5,
        "term_months": 12,
        "customer": {"tenant_id": "123456.sms"},
    }

    answer = await licensing.post(f"{RESELLER}/licence-orders", as_=MANAGER[RESELLER], json=order)

    [told] = await licensing.heard(LicenceChangeAnnounced)
    assert answer.status == 202, answer.body
    assert (told.act, told.tenant_id) == ("created", "123456.sms")


async def test_a_refused_sale_is_not_told(licensing: Client) -> None:
    body = {"product": "no-such", "seats": 5, "term_months": 12}

    answer = await licensing.post(f"{TENANT}/licences", as_=MANAGER[TENANT], json=body)

    assert answer.status in {409, 422}
    assert await licensing.heard(LicenceChangeAnnounced) == []


async def test_a_transfer_is_told_with_both_customers(licensing: Client) -> None:
    other = TenantCreated(
        tenant_id="123457.sms", reseller_id="100001.rsp", name="Beta", locale="de"
    )
    await licensing.deliver(other)
    await grant(licensing, "l-1")
    body = {"tenant_id": "123457.sms", "reason": "Merged"}

    refused = await do(licensing, "transfer", {"tenant_id": "200001.sms"}, base=RESELLER)
    answer = await do(licensing, "transfer", body, base=RESELLER)

    [told] = await licensing.heard(LicenceChangeAnnounced)
    assert [refused.status, answer.status] == [422, 200]
    assert (told.act, told.reason) == ("transferred", "Merged")
    assert (told.former_tenant_id, told.former_tenant_name) == ("123456.sms", "Acme")
    assert (told.tenant_id, told.tenant_name) == ("123457.sms", "Beta")


async def test_what_is_so_already_or_refused_is_not_told(licensing: Client) -> None:
    await grant(licensing, "l-1")
    await do(licensing, "suspend")

    again = await do(licensing, "suspend")
    refused = await do(licensing, "convert", {"seats": 5, "term_months": 12})
    foreign = await licensing.post(
        f"{TENANT}/licences/l-1/resume", as_=READER, json={"reason": "Please"}
    )

    told = await licensing.heard(LicenceChangeAnnounced)
    assert [again.status, refused.status, foreign.status] == [200, 409, 403]
    assert [one.act for one in told] == ["suspended"]


async def test_a_trial_is_told_of_when_it_is_extended_and_bought(licensing: Client) -> None:
    path = await a_trial(licensing)

    await licensing.post(f"{path}/extend", as_=MANAGER[TENANT], json={})
    await licensing.post(f"{path}/convert", as_=MANAGER[TENANT], json={})

    told = await licensing.heard(LicenceChangeAnnounced)
    assert [(one.act, one.seats, one.ends_on) for one in told] == [
        ("created", 5, date(2026, 4, 8)),
        ("extended", 5, date(2026, 5, 8)),
        ("converted", None, None),
    ]
    assert (told[2].former_seats, told[2].former_ends_on) == (5, date(2026, 5, 8))


async def test_what_time_does_to_a_trial_is_not_confirmed(licensing: Client) -> None:
    await a_trial(licensing)

    for day in ("2026-03-30", "2026-04-09", "2026-05-09", "2026-08-08"):
        await go_to(licensing, day)

    passed = await licensing.heard(LicenceChanged)
    told = await licensing.heard(LicenceChangeAnnounced)
    assert {one.act for one in passed} == {"passed"}
    assert [one.act for one in told] == ["created"]


async def test_licences_that_end_with_their_customer_are_not_confirmed(licensing: Client) -> None:
    gone = TenantDeleted(tenant_id="123456.sms", reseller_id="100001.rsp", name="Acme")
    await grant(licensing, "l-1")

    await licensing.deliver(gone, sequence=5)

    assert [one.act for one in await licensing.heard(LicenceChanged)] == ["revoked"]
    assert await licensing.heard(LicenceChangeAnnounced) == []


async def test_of_other_acts_the_ledger_and_the_activity_tell(licensing: Client) -> None:
    vendor = a_pass("123456.sms", *Permission, org="vendor", factor_at=FRESH)
    await grant(licensing, "l-1")

    answer = await licensing.post(
        f"{TENANT}/licences/l-1/entitle", as_=vendor, json={"feature": "vpn"}
    )

    assert answer.status == 200, answer.body
    assert [one.act for one in await licensing.heard(LicenceChanged)] == ["entitled"]
    assert "entitled" not in CONFIRMED
    assert await licensing.heard(LicenceChangeAnnounced) == []
