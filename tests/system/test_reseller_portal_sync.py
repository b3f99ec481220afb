"""The example of a Reseller Portal beside the portal's processes, on a real RabbitMQ."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from examples.reseller_portal.book import Book
from examples.reseller_portal.comparison import Comparison
from examples.reseller_portal.digests import checksum
from examples.reseller_portal.wire import connected
from portal.ports import LOOPBACK
from tests.support.deployments import Fleet, embedded
from tests.support.person import Portal
from tests.support.processes import PROJECT, free_port
from tests.support.rabbitmq import RabbitNode

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.rabbitmq,
    pytest.mark.timeout(400),
]


def url_of(running: Fleet) -> str:
    return running.environment["AMQP_URL"]


def customers(number: int, first: int) -> list[str]:
    return [f"{first + index}.sms" for index in range(number)]


def a_company(book: Book, reseller_id: str, tenant_ids: list[str]) -> None:
    book.put_company(reseller_id, f"Company {reseller_id}")
    for tenant_id in tenant_ids:
        book.put_customer(reseller_id, tenant_id, f"Customer {tenant_id}")


async def sent(book: Book) -> None:
    async with asyncio.timeout(60):
        while book.unsent:
            await asyncio.sleep(0.05)


async def compared(book: Book, reseller_id: str) -> Comparison:
    """A comparison that all services have answered."""
    comparison = book.compare(reseller_id)
    async with asyncio.timeout(120):  # it is answered after all that was sent before
        while not comparison.is_done:
            await asyncio.sleep(0.05)
    return comparison


async def alike(book: Book, reseller_id: str) -> dict[str, str]:
    """Compare until nothing differs: the checksums of the other side."""
    async with asyncio.timeout(200):
        while not (comparison := await compared(book, reseller_id)).is_alike:
            await asyncio.sleep(0.5)
    return comparison.there


async def listed_as_alike(portal: Portal, reseller_id: str) -> dict[str, Any]:
    """What the vendor sees of the company, once it is said to be the same on both sides."""
    token = await portal.token("vendor", "vendor-admin")
    path = f"/v1/sync/companies?reseller_id={reseller_id}"
    async with asyncio.timeout(30):
        while True:
            [listed] = (await portal.call("GET", path, token=token)).body["items"]
            if listed["is_alike"]:
                return dict(listed)
            await asyncio.sleep(0.1)


async def edit(portal: Portal, token: str, tenant_id: str, **change: str) -> int:
    path = f"/v1/tenants/{tenant_id}"
    read = await portal.call("GET", path, token=token)
    tag = {"If-Match": read.headers["ETag"]}
    answer = await portal.call("PATCH", path, token=token, json=change, headers=tag)
    return answer.status


def rejected(book: Book, company: str) -> list[dict[str, Any]]:
    """What came back of this company's; other tests leave theirs in the same queue."""
    return [one for one in book.rejected if one["reseller_id"] == company]


async def test_a_company_with_people_and_orders_comes_over_and_back(
    many_processes: Fleet,
) -> None:
    book, company, customer = Book(), "2000001.rsp", "20000010.sms"
    async with connected(url_of(many_processes), book):
        a_company(book, company, [customer])
        said = {"username": "nora", "email": "nora@nord.example", "display_name": "Nora"}
        book.put_person(company, "sub-nora", ["reseller-admin"], **said)
        order = book.order(company, customer, product="mobile-security", seats=7, term_months=12)
        async with asyncio.timeout(60):
            while f"licence_order {order}" not in book.records:
                await asyncio.sleep(0.05)
        checksums = await alike(book, company)

    done = book.records[f"licence_order {order}"].data
    licence = book.records[f"licence {done['licence_id']}"].data
    assert (done["status"], licence["seats"], licence["tenant_id"]) == ("fulfilled", 7, customer)
    assert checksums == book.checksums(company)
    assert rejected(book, company) == []


async def test_after_an_hour_apart_both_sides_have_the_same(many_processes: Fleet) -> None:
    """1,000 changes on either side while there is no wire between them, some of the same records.

    No clock is asked for any of it, so that the hour need not pass.
    """
    portal, company, known = many_processes.portal, "2000002.rsp", customers(100, 20000100)
    book = Book()
    async with connected(url_of(many_processes), book):
        a_company(book, company, known)
        await alike(book, company)

    token = await portal.token("vendor", "vendor-admin")

    async def here(worker: int) -> list[int]:
        mine = known[worker::10]
        return [
            await edit(portal, token, tenant_id, locale="en" if turn % 2 else "de")
            for turn in range(1, 12)
            for tenant_id in mine
        ]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(here(worker)) for worker in range(10)]
    edits = [status for task in tasks for status in task.result()]
    for turn in range(5):
        for tenant_id in known:
            book.put_customer(company, tenant_id, f"Renamed {turn} {tenant_id}", number=str(turn))
    for index, tenant_id in enumerate(customers(250, 20000500)):
        book.put_customer(company, tenant_id, f"New {index}")
        said = {"email": f"p{index}@nord.example", "display_name": f"Person {index}"}
        book.put_person(company, f"sub-{index}", ["reseller-sales"], username=f"p{index}", **said)
    async with connected(url_of(many_processes), book):
        await sent(book)
        checksums = await alike(book, company)

    assert edits == [200] * 1_100
    assert checksums == book.checksums(company)
    assert len(book.of(company)) == 1 + 100 + 250 + 250
    first = book.records[f"customer {known[0]}"].data
    assert (first["name"], first["locale"]) == (f"Renamed 4 {known[0]}", "en")
    assert rejected(book, company) == []


async def test_a_portal_in_one_process_with_a_broker_is_synchronised_too(
    tmp_path: Path, rabbitmq: RabbitNode
) -> None:
    url, book, company = rabbitmq.add_vhost("embedded"), Book(), "2000006.rsp"
    async with embedded(tmp_path, {"AMQP_URL": url}) as (portal, _), connected(url, book):
        a_company(book, company, ["20003000.sms"])
        checksums = await alike(book, company)
        token = await portal.token("vendor", "vendor-admin")
        await edit(portal, token, "20003000.sms", locale="en")
        async with asyncio.timeout(30):
            while book.records["customer 20003000.sms"].data["locale"] != "en":
                await asyncio.sleep(0.05)

    assert checksums != book.checksums(company)
    assert book.rejected == []


async def test_what_could_not_be_sent_is_kept_and_said_in_a_line(tmp_path: Path) -> None:
    book = tmp_path / "book.json"
    words = ("examples.reseller_portal", str(book), "company", "1000001.rsp", "Nordwind")

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words, "--amqp", f"amqp://{LOOPBACK}:{free_port()}/"),
        cwd=PROJECT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)

    assert process.returncode == 1
    assert b"Not sent yet, the book keeps it" in said
    assert b"Traceback" not in said
    [kept] = Book.from_json(book.read_text()).unsent
    assert kept["type"] == "reseller-portal.company.upserted.v1"


async def test_a_drift_is_named_and_only_that_is_mended(many_processes: Fleet) -> None:
    book, company, known = Book(), "2000003.rsp", customers(20, 20001000)
    async with connected(url_of(many_processes), book):
        a_company(book, company, known)
        await alike(book, company)
        forgotten, changed = f"customer {known[3]}", f"customer {known[5]}"
        del book.records[forgotten]
        book.records[changed].data["locale"] = "en"

        comparison = await compared(book, company)
        found = {one["id"]: one["how"] for one in comparison.differences}
        checksums = await alike(book, company)

    listed = await listed_as_alike(many_processes.portal, company)
    assert found == {known[3]: "missing_there", known[5]: "differs"}
    assert checksums == book.checksums(company)
    assert book.records[changed].data["locale"] == "de"
    assert listed["checksum"] == checksum(book.checksums(company))


async def test_a_company_that_claims_anothers_customer_gets_nothing(
    many_processes: Fleet,
) -> None:
    book, victim, thief = Book(), "2000004.rsp", "2000005.rsp"
    async with connected(url_of(many_processes), book):
        a_company(book, victim, ["20002000.sms"])
        await alike(book, victim)
        stolen = Book()
        a_company(stolen, thief, ["20002000.sms"])
        stolen.put_person(thief, "sub-0", ["reseller-admin"], username="x", email="x@x.example")
        book.unsent += stolen.unsent
        async with asyncio.timeout(30):
            while len(rejected(book, thief)) < 2:
                await asyncio.sleep(0.05)
        await alike(book, victim)

    token = await many_processes.portal.token("vendor", "vendor-admin")
    listed = await many_processes.portal.call(
        "GET", f"/v1/sync/messages?outcome=rejected&reseller_id={thief}", token=token
    )
    reasons = {one["record"]: one["reason"] for one in rejected(book, thief)}
    assert reasons == {"20002000.sms": "not_yours", "sub-0": "does_not_fit_its_contract"}
    assert {one["record"]: one["reason"] for one in listed.body["items"]} == reasons
    assert f"customer {'20002000.sms'}" in book.records
