"""Comparing more than a message can name: checksums, then ranges, then only what differs."""

from collections.abc import Iterator
from typing import Any

import pytest

from examples.reseller_portal.book import Book, Record
from examples.reseller_portal.comparison import Comparison
from services.tenancy.domain.tenants import Tenant, TenantStatus
from services.tenancy.store.tenants import row_of
from shared.access import GRANTS, Relation, Role
from shared.contracts.events import CloudEvent
from shared.contracts.tenancy import (
    CustomerRecorded,
    TenancyChecksumsReported,
    TenancyDriftReported,
    TenancyMessageRejected,
)
from shared.drift import checksum_of
from tests.support.service import NOON, Client, a_pass
from tests.support.sync import reasons, send
from tests.support.tenancy import add_tenant

RESELLER = "100001.rsp"
VENDOR = a_pass("vendor", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR])
MANY = 12_000
"""So many digests don't go into a message of 1 MiB."""
LONGEST = 64 * 1024
NOTHING = checksum_of({})


def customers(number: int) -> Iterator[Tenant]:
    for index in range(number):
        yield Tenant(
            id=f"{1_000_000 + index}.sms",
            name=f"Customer {index}",
            reseller_id=RESELLER,
            locale="de",
            reseller_number=None,
            status=TenantStatus.NOT_CONFIGURED,
            created_at=NOON,
        )


async def with_customers(tenancy: Client, number: int) -> Book:
    """So many customers on both sides."""
    book, rows = Book(), []
    for one in customers(number):
        rows.append(row_of(one, NOON))
        data = {"tenant_id": one.id, "reseller_id": RESELLER, "name": one.name}
        said: dict[str, Any] = {**data, "locale": "de", "status": "not_configured"}
        book.records[f"customer {one.id}"] = Record(said)
    await tenancy.mongo.collection("tenants").insert(*rows)
    return book


async def exchange(tenancy: Client, book: Book) -> list[int]:
    """Hand over what is unsent, and what is answered, until nobody has more to say; the lengths of
    all messages.
    """
    lengths, known = list[int](), set[str]()
    while book.unsent:
        said = book.unsent.pop(0)
        kind = said["type"].removeprefix("reseller-portal.").removesuffix(".v1")
        lengths.append(len(str(said)))
        envelope = {"message_id": said["id"], "sequence": said["sequence"]}
        await send(tenancy, kind, said["data"], **envelope)
        for told in await heard_by_the_other_side(tenancy):
            if told.id not in known:
                known.add(told.id)
                lengths.append(len(told.to_json()))
                book.hear(told.model_dump(mode="json", exclude_none=True))
    return lengths


async def heard_by_the_other_side(tenancy: Client) -> list[CloudEvent]:
    kinds = (TenancyChecksumsReported, TenancyDriftReported, CustomerRecorded)
    return [one for kind in kinds for one in await tenancy.envelopes(kind)]


def found(comparison: Comparison) -> dict[str, str]:
    """The customers that were not alike."""
    differences = comparison.differences
    return {one["id"]: one["how"] for one in differences if one["kind"] == "customer"}


@pytest.mark.timeout(240)
async def test_of_more_records_than_a_message_holds_only_those_that_differ_are_sent_again(
    tenancy: Client,
) -> None:
    book = await with_customers(tenancy, MANY)
    book.records["customer 1000700.sms"].data["locale"] = "en"
    book.records["customer 1011999.sms"].data["locale"] = "en"
    del book.records["customer 1005000.sms"]
    book.records["customer 9999999.sms"] = Record({"reseller_id": RESELLER, "tenant_id": "9999999"})

    first = book.compare(RESELLER)
    lengths = await exchange(tenancy, book)
    second = book.compare(RESELLER)
    lengths += await exchange(tenancy, book)

    assert found(first) == {
        "1000700.sms": "differs",
        "1005000.sms": "missing_there",
        "1011999.sms": "differs",
        "9999999.sms": "missing_here",
    }
    assert len(await tenancy.heard(CustomerRecorded)) == 3
    assert second.there["customer"] == second.here["customer"]
    assert found(second) == {}
    assert max(lengths) < LONGEST


@pytest.mark.timeout(240)
async def test_who_has_nothing_gets_everything_range_by_range(tenancy: Client) -> None:
    full = await with_customers(tenancy, 3_000)
    book = Book()

    fetch = book.compare(RESELLER, is_fetch=True)
    lengths = await exchange(tenancy, book)

    assert fetch.here["customer"] == NOTHING
    assert book.checksums(RESELLER)["customer"] == full.checksums(RESELLER)["customer"]
    assert max(lengths) < LONGEST


async def test_who_has_what_nobody_here_knows_names_it_in_messages_that_are_not_long(
    tenancy: Client,
) -> None:
    book = Book()
    for one in customers(2_000):
        data = {"reseller_id": RESELLER, "tenant_id": one.id}
        book.records[f"customer {one.id}"] = Record(data)

    comparison = book.compare(RESELLER)
    lengths = await exchange(tenancy, book)

    assert len(found(comparison)) == 2_000
    assert set(found(comparison).values()) == {"missing_here"}
    assert book.of(RESELLER)[1:] == []
    assert max(lengths) < LONGEST


async def test_of_equal_sides_nothing_but_checksums_is_told(tenancy: Client) -> None:
    book = await with_customers(tenancy, 3)
    [here] = [one async for one in _answers(tenancy, {"customer": NOTHING})]

    same = {"customer": book.checksums(RESELLER)["customer"]}
    [_, alike] = [one async for one in _answers(tenancy, same)]

    assert [(one.after, one.until, one.records) for one in here.ranges] == [(None, None, 3)]
    assert here.checksums == alike.checksums == alike.checksums_there == same
    assert alike.ranges == []


async def _answers(tenancy: Client, checksums: dict[str, str]) -> Any:
    said = {"reseller_id": RESELLER, "checksums": checksums}
    await send(tenancy, "checksums.compared", said)
    for one in await tenancy.heard(TenancyChecksumsReported):
        yield one


@pytest.mark.parametrize(
    "said",
    [
        {"digests": {}, "ranges": {"customer": {}}},
        {"digests": {"customer": {"5.sms": "0" * 64}}, "ranges": {"customer": {"after": "5.sms"}}},
        {"digests": {"customer": {"5.sms": "0" * 64}}, "ranges": {"customer": {"until": "4.sms"}}},
        {"digests": {"customer": {}}, "ranges": {"customer": {"after": {"$gt": ""}}}},
        {"digests": {"customer": {}}, "part_of": "x" * 201},
    ],
    ids=str,
)
async def test_a_range_that_its_records_are_not_in_is_refused(
    tenancy: Client, said: dict[str, Any]
) -> None:
    await add_tenant(tenancy, "123456.sms")

    await send(tenancy, "records.compared", {"reseller_id": RESELLER, **said})

    assert await reasons(tenancy, TenancyMessageRejected) == ["does_not_fit_its_contract"]
    assert len(await tenancy.heard(CustomerRecorded)) == 1


@pytest.mark.parametrize(
    "checksums", [{"invoice": "0" * 64}, {"customer": "0"}, {"customer": None}, [], None], ids=str
)
async def test_checksums_that_are_none_are_rejected(tenancy: Client, checksums: Any) -> None:
    said = {"reseller_id": RESELLER, "checksums": checksums}

    await send(tenancy, "checksums.compared", said)

    assert await reasons(tenancy, TenancyMessageRejected) == ["does_not_fit_its_contract"]


async def test_the_vendor_sees_one_checksum_per_reseller_and_what_differs_and_since_when(
    tenancy: Client,
) -> None:
    book = await with_customers(tenancy, 2)
    book.records["customer 1000001.sms"].data["locale"] = "en"
    book.compare(RESELLER)
    await exchange(tenancy, book)
    for told in await heard_by_the_other_side(tenancy):
        if told.type != CustomerRecorded.type:
            await tenancy.hub.readers[tenancy.service](told)

    [company] = (await tenancy.get("/v1/sync/companies", as_=VENDOR)).body["items"]
    [drift] = (await tenancy.get("/v1/sync/drift?differing=true", as_=VENDOR)).body["items"]
    others = await tenancy.get("/v1/sync/companies?reseller_id=100002.rsp", as_=VENDOR)
    staff = a_pass(RESELLER, *GRANTS[Role.RESELLER_ADMIN][Relation.OWN])

    assert (company["reseller_id"], company["is_alike"]) == (RESELLER, False)
    assert company["checksum"] is None  # auth and licensing have not answered
    assert {"company": 1, "customer": 1}.keys() == drift["checksums"].keys()
    assert "1000001.sms" in {one["id"] for one in drift["differences"]}
    assert {one["since"] for one in drift["differences"]} == {"2026-03-10T12:00:00Z"}
    assert others.body["items"] == []
    assert (await tenancy.get("/v1/sync/companies", as_=staff)).status == 403
    assert (await tenancy.get("/v1/sync/companies?cursor=x", as_=VENDOR)).status == 422


async def test_resellers_are_listed_page_by_page(tenancy: Client) -> None:
    for reseller_id in ("100001.rsp", "100002.rsp", "1000003.rsp"):
        said = {"reseller_id": reseller_id, "checksums": {"customer": NOTHING}}
        await send(tenancy, "checksums.compared", said)
    for told in await tenancy.envelopes(TenancyChecksumsReported):
        await tenancy.hub.readers[tenancy.service](told)

    seen, path = [], "/v1/sync/companies?limit=1"
    page = (await tenancy.get(path, as_=VENDOR)).body
    seen += page["items"]
    while page["next_cursor"]:
        page = (await tenancy.get(f"{path}&cursor={page['next_cursor']}", as_=VENDOR)).body
        seen += page["items"]

    assert [one["reseller_id"] for one in seen] == ["1000003.rsp", "100001.rsp", "100002.rsp"]
