"""The Reseller Portal's messages about companies and customers: applied, ignored or rejected."""

import secrets
from typing import Any, Final

import pytest

from services.tenancy.actions.tenants import read_tenant
from services.tenancy.app import build
from services.tenancy.domain.resellers import Reseller
from services.tenancy.domain.tenants import Tenant, TenantStatus
from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AuthMessageRejected
from shared.contracts.tenancy import (
    OffboardingBegun,
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerTerminated,
    TenancyMessageRejected,
    TenancyMessageTaken,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
)
from tests.support.service import Client, a_pass
from tests.support.sync import (
    NORTH,
    SOUTH,
    a_message,
    outcomes,
    reasons,
    send,
    send_raw,
)
from tests.support.tenancy import add_tenant

VENDOR: Final = a_pass("vendor", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR])
ACME: Final = "1234567.sms"


def a_company(reseller_id: str = NORTH, **more: Any) -> dict[str, Any]:
    return {"reseller_id": reseller_id, "name": "Nord", "is_verified": True, **more}


def a_customer(tenant_id: str = ACME, of: str = NORTH, **more: Any) -> dict[str, Any]:
    return {"reseller_id": of, "tenant_id": tenant_id, "name": "Acme", **more}


async def two_companies(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company())
    await send(tenancy, "company.upserted", a_company(SOUTH, name="Süd"))


async def tenant(tenancy: Client, tenant_id: str = ACME) -> Tenant:
    async with tenancy.acting(build) as deps:
        return await read_tenant(deps, tenant_id)


async def reseller(tenancy: Client, reseller_id: str = NORTH) -> Reseller | None:
    async with tenancy.acting(build) as deps:
        return await deps.resellers.get(reseller_id)


async def test_a_verified_company_becomes_an_authorised_reseller_once(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company(initial_locale="en"), times=3)

    told = [one for one in await tenancy.heard(ResellerCreated) if one.reseller_id == NORTH]
    assert [(one.name, one.locale, one.status) for one in told] == [("Nord", "en", "authorised")]
    assert await outcomes(tenancy, TenancyMessageTaken) == ["applied"]


async def test_a_company_that_is_verified_later_is_authorised_then(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company(is_verified=False))
    await send(tenancy, "company.upserted", a_company(name="Nordwind"), sequence=2)

    assert [one.reseller_id for one in await tenancy.heard(ResellerAuthorised)] == [NORTH]
    assert [one.name for one in await tenancy.heard(ResellerChanged)] == ["Nordwind"]


async def test_what_the_vendor_suspended_no_message_resumes(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company())
    there = a_pass(NORTH, *Permission, org="vendor", factor_at=int(tenancy.now().timestamp()))
    await tenancy.post(f"/v1/resellers/{NORTH}/suspend", as_=there, json={"reason": "Unpaid"})

    await send(tenancy, "company.upserted", a_company(), sequence=2)

    known = await reseller(tenancy)
    assert known is not None
    assert known.status == "suspended"
    assert await outcomes(tenancy, TenancyMessageTaken) == ["applied", "ignored"]


async def test_a_removed_company_is_terminated_and_stays_so(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company(), sequence=1)
    await send(tenancy, "company.removed", {"reseller_id": NORTH}, sequence=3)
    await send(tenancy, "company.upserted", a_company(name="Late"), sequence=2)
    await send(tenancy, "company.upserted", a_company(name="Risen"), sequence=4)

    assert [one.reseller_id for one in await tenancy.heard(ResellerTerminated)] == [NORTH]
    assert await outcomes(tenancy, TenancyMessageTaken) == ["applied", "applied", "ignored"]
    assert await reasons(tenancy, TenancyMessageRejected) == ["reseller_state"]


async def test_a_customer_becomes_a_tenant_that_is_yet_to_be_set_up(tenancy: Client) -> None:
    await two_companies(tenancy)

    await send(tenancy, "customer.upserted", a_customer(reseller_number="4711"), times=2)

    [created] = await tenancy.heard(TenantCreated)
    assert (created.tenant_id, created.reseller_id, created.status) == (
        ACME,
        NORTH,
        "not_configured",
    )
    assert created.reseller_number == "4711"


async def test_an_old_message_changes_nothing_and_a_new_one_does(tenancy: Client) -> None:
    await two_companies(tenancy)
    await send(tenancy, "customer.upserted", a_customer(name="Third"), sequence=3)
    await send(tenancy, "customer.upserted", a_customer(name="Second"), sequence=2)
    await send(tenancy, "customer.upserted", a_customer(name="Fourth"), sequence=4)

    assert (await tenant(tenancy)).name == "Fourth"
    assert [one.name for one in await tenancy.heard(TenantEdited)] == ["Fourth"]
    assert (await outcomes(tenancy, TenancyMessageTaken))[2:] == ["applied", "ignored", "applied"]


async def test_a_removed_customer_is_on_its_way_out(tenancy: Client) -> None:
    await two_companies(tenancy)
    await send(tenancy, "customer.upserted", a_customer())
    await send(tenancy, "customer.removed", {"reseller_id": NORTH, "tenant_id": ACME}, sequence=2)

    assert (await tenant(tenancy)).status is TenantStatus.OFFBOARDING
    assert len(await tenancy.heard(OffboardingBegun)) == 1


async def test_a_customer_that_is_removed_before_it_is_heard_of_never_comes_about(
    tenancy: Client,
) -> None:
    await two_companies(tenancy)
    removed = {"reseller_id": NORTH, "tenant_id": ACME}
    await send(tenancy, "customer.removed", removed, sequence=2)
    await send(tenancy, "customer.upserted", a_customer(), sequence=1)

    assert await tenancy.heard(TenantCreated) == []
    assert (await outcomes(tenancy, TenancyMessageTaken))[2:] == ["ignored", "ignored"]


@pytest.mark.parametrize("verb", ["upserted", "removed"])
async def test_no_company_touches_the_customer_of_another(tenancy: Client, verb: str) -> None:
    await two_companies(tenancy)
    await send(tenancy, "customer.upserted", a_customer(name="Mine"))

    stolen = a_customer(of=SOUTH, name="Stolen")
    await send(tenancy, f"customer.{verb}", stolen, sequence=99)

    known = await tenant(tenancy)
    assert (known.name, known.reseller_id, known.status) == ("Mine", NORTH, "not_configured")
    assert await reasons(tenancy, TenancyMessageRejected) == ["not_yours"]


@pytest.mark.parametrize("verb", ["upserted", "removed"])
async def test_numbers_that_are_given_out_here_are_not_taken_by_messages(
    tenancy: Client, verb: str
) -> None:
    """Whether there is one of another reseller or none at all: the same answer."""
    await two_companies(tenancy)
    await add_tenant(tenancy, "123456.sms", of="100001.rsp")

    for tenant_id in ("123456.sms", "765432.sms"):
        await send(tenancy, f"customer.{verb}", a_customer(tenant_id))
    await send(tenancy, f"company.{verb}", a_company("999999.rsp"))

    assert await reasons(tenancy, TenancyMessageRejected) == ["not_yours"] * 3
    assert (await tenant(tenancy, "123456.sms")).status is TenantStatus.ACTIVE
    assert await reseller(tenancy, "999999.rsp") is None


async def test_the_customer_of_a_company_that_is_on_its_way_waits_for_it(tenancy: Client) -> None:
    await send(tenancy, "customer.upserted", a_customer())

    assert await tenancy.failed() == ["NotYetKnownError: unknown_company"]
    assert await tenancy.heard(TenancyMessageRejected) == []


async def test_a_prospect_has_no_customers(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company(is_verified=False))
    await send(tenancy, "customer.upserted", a_customer())

    assert await reasons(tenancy, TenancyMessageRejected) == ["reseller_not_authorised"]


@pytest.mark.parametrize(
    "flaw",
    [
        {"name": None},
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"tenant_id": "1000001.rsp"},
        {"tenant_id": "1234567.sms "},
        {"tenant_id": "vendor"},
        {"tenant_id": {"$gt": ""}},
        {"reseller_id": "vendor"},
        {"reseller_id": ["1000001.rsp"]},
        {"initial_locale": "xx"},
    ],
    ids=str,
)
async def test_a_half_broken_message_is_rejected_with_what_is_wrong(
    tenancy: Client, flaw: dict[str, Any]
) -> None:
    await two_companies(tenancy)

    await send(tenancy, "customer.upserted", {**a_customer(), **flaw})

    [told] = await tenancy.heard(TenancyMessageRejected)
    assert told.reason == "does_not_fit_its_contract"
    assert next(iter(flaw)) in told.detail
    assert await tenancy.heard(TenantCreated) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"specversion": "1.0"}',
        a_message("customer.removed", a_customer()),
        a_message("customer.upserted", a_customer(), type=TenantDeleted.type),
        a_message("customer.upserted", a_customer(), sequence=-1),
        a_message("customer.upserted", a_customer(), sequence=2**60),
        a_message("customer.upserted", a_customer(), message_id="x" * 201),
        a_message("customer.upserted", a_customer(name="x" * 1_100_000)),
    ],
    ids=["empty", "bytes", "list", "half", "other", "ours", "negative", "huge", "long-id", "long"],
)
async def test_what_is_no_message_of_this_type_is_rejected_whole(
    tenancy: Client, body: bytes
) -> None:
    await two_companies(tenancy)
    await add_tenant(tenancy, "123456.sms")

    await send_raw(tenancy, "reseller-portal.customer.upserted.v1", body)
    await send_raw(tenancy, "reseller-portal.customer.upserted.v1", body)

    [told] = await tenancy.heard(TenancyMessageRejected)
    assert told.reason == "unreadable"
    assert [one.tenant_id for one in await tenancy.heard(TenantCreated)] == ["123456.sms"]
    assert await tenancy.heard(TenantDeleted) == []


async def test_an_event_of_ours_from_outside_is_refused_whatever_it_was_routed_by(
    tenancy: Client,
) -> None:
    said = AuthMessageRejected(
        message_id="m", message_type="t", record="r", reason="r", detail="d", message={}
    )
    body = a_message("x", said.model_dump(), type=said.type)

    for routing_key in (said.type, "reseller-portal.invoice.sent.v1", "#", ""):
        await send_raw(tenancy, routing_key, body)

    told = await tenancy.heard(TenancyMessageRejected)
    assert [one.reason for one in told] == ["unknown_type", "unreadable"]


async def test_a_message_of_a_type_that_there_is_not_is_rejected_by_that_name(
    tenancy: Client,
) -> None:
    said = {"reseller_id": "1000001.rsp", "unknown": "portal.tenancy.tenant.deleted.v1"}

    await send(tenancy, "invoice.sent", said, times=2)
    await send(tenancy, "unknown.sent", said)

    told = await tenancy.heard(TenancyMessageRejected)
    assert [one.reason for one in told] == ["unknown_type", "unknown_type"]
    assert [one.message_type for one in told] == [
        "reseller-portal.invoice.sent.v1",
        "reseller-portal.unknown.sent.v1",
    ]
    assert {one.reseller_id for one in told} == {"1000001.rsp"}


async def test_a_message_acts_for_nobody_here(tenancy: Client) -> None:
    claims: dict[str, Any] = {"actor": "account-1", "actororg": "vendor", "tenantid": "123456.sms"}

    await send(tenancy, "company.upserted", a_company(), **claims)

    envelopes = await tenancy.envelopes(ResellerCreated)
    assert (envelopes[-1].actor, envelopes[-1].actororg) == (None, None)
    assert envelopes[-1].origin == "reseller-portal"
    assert envelopes[-1].tenantid is None


async def test_a_message_under_the_id_of_an_event_is_another_one(tenancy: Client) -> None:
    await send(tenancy, "company.upserted", a_company())
    [first] = await tenancy.envelopes(TenancyMessageTaken)

    await send(tenancy, "customer.upserted", a_customer(), message_id=first.id)

    assert await outcomes(tenancy, TenancyMessageTaken) == ["applied", "applied"]


async def test_the_vendor_lists_what_became_of_messages(tenancy: Client) -> None:
    await two_companies(tenancy)
    await send(tenancy, "customer.upserted", a_customer("123456.sms"), message_id="m-3")
    for kind in (TenancyMessageTaken, TenancyMessageRejected):
        for told in await tenancy.envelopes(kind):
            await tenancy.hub.readers[tenancy.service](told)

    everything = await tenancy.get("/v1/sync/messages", as_=VENDOR)
    rejected = await tenancy.get("/v1/sync/messages?outcome=rejected", as_=VENDOR)
    of_south = await tenancy.get(f"/v1/sync/messages?reseller_id={SOUTH}", as_=VENDOR)

    assert len(everything.body["items"]) == 3
    [row] = rejected.body["items"]
    assert (row["message_id"], row["record"], row["reason"]) == ("m-3", "123456.sms", "not_yours")
    assert [one["outcome"] for one in of_south.body["items"]] == ["applied"]


async def test_nobody_else_lists_them(tenancy: Client) -> None:
    staff = a_pass("100001.rsp", *GRANTS[Role.RESELLER_ADMIN][Relation.OWN])

    assert (await tenancy.get("/v1/sync/messages", as_=staff)).status == 403
    assert (await tenancy.get("/v1/sync/messages", as_=None)).status == 401
    bad = await tenancy.get("/v1/sync/messages?outcome=lost&cursor=x", as_=VENDOR)
    assert bad.status == 422


async def test_what_the_reseller_portal_owns_is_not_changed_here(tenancy: Client) -> None:
    await two_companies(tenancy)
    await send(tenancy, "customer.upserted", a_customer())
    there = a_pass(ACME, *Permission)
    vendor = a_pass(NORTH, *Permission, org="vendor", factor_at=int(tenancy.now().timestamp()))
    tag = {"If-Match": '"1"'}

    renamed = await tenancy.patch(
        f"/v1/tenants/{ACME}", as_=there, json={"name": "Ours"}, headers=tag
    )
    moved = await tenancy.patch(
        f"/v1/tenants/{ACME}", as_=there, json={"locale": "en"}, headers=tag
    )
    company = await tenancy.patch(
        f"/v1/resellers/{NORTH}", as_=vendor, json={"name": "Ours"}, headers=tag
    )

    assert (renamed.status, renamed.body["code"]) == (409, "owned_elsewhere")
    assert (moved.status, moved.body["locale"]) == (200, "en")
    assert (company.status, company.body["code"]) == (409, "owned_elsewhere")


async def test_a_thousand_messages_in_any_order_and_twice_end_in_the_last_word(
    tenancy: Client,
) -> None:
    await two_companies(tenancy)
    last, customers = 20, [f"{2000000 + index}.sms" for index in range(25)]
    deliveries = [
        (f"m-{tenant_id}-{sequence}", tenant_id, sequence)
        for tenant_id in customers
        for sequence in range(1, last + 1)
    ] * 2
    secrets.SystemRandom().shuffle(deliveries)

    for message_id, tenant_id, sequence in deliveries:
        said = a_customer(tenant_id, name=f"Name {sequence}")
        await send(tenancy, "customer.upserted", said, sequence=sequence, message_id=message_id)

    assert len(deliveries) == 1_000
    assert {(await tenant(tenancy, each)).name for each in customers} == {f"Name {last}"}
    assert len(await tenancy.heard(TenantCreated)) == len(customers)
    assert await tenancy.heard(TenancyMessageRejected) == []
