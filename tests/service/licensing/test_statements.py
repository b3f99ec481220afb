"""Monthly statements: complete, signed, and the same bytes for ever."""

import asyncio
import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from services.licensing.actions import statements
from services.licensing.actions.customers import purge_deleted
from services.licensing.actions.statements import make_statements
from services.licensing.app import build
from services.licensing.deps import Deps
from services.licensing.domain.resellers import KnownReseller
from shared.access import Permission
from shared.contracts.tenancy import (
    PostalAddress,
    ResellerChanged,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantTransferred,
)
from tests.support.licensing import a_licence, another_replica
from tests.support.service import NOON, Client, a_pass
from tests.support.statements import is_signed, lines_of, now_is, raw_statement

RESELLER = "/v1/resellers/100001.rsp"
FORMATS = ["json", "csv", "xlsx"]
each_format = pytest.mark.parametrize("kind", FORMATS)


def seller(licensing: Client) -> Any:
    fresh = int(licensing.now().timestamp())
    return a_pass("100001.rsp", *Permission, factor_at=fresh)


async def order(licensing: Client, *, of: str = "123456.sms", **terms: Any) -> str:
    """An order's licence id."""
    body = {"product": "mobile-security", "customer": {"tenant_id": of}, **terms}
    path = f"{RESELLER}/licence-orders"
    answer = await licensing.post(path, as_=seller(licensing), json=body)
    assert answer.status == 202, answer.body
    placed = await licensing.get(f"{path}/{answer.body['order_id']}", as_=seller(licensing))
    return str(placed.body["licence_id"])


async def a_term(licensing: Client, **more: Any) -> str:
    return await order(licensing, seats=5, term_months=12, **more)


async def by_use(licensing: Client, devices: int = 2) -> str:
    licence_id = await order(licensing, model="msp", product="mdm")
    admin = a_pass("123456.sms", Permission.DEVICE_MANAGE)
    for number in range(devices):
        body = {
            "licence_id": licence_id,
            "fingerprint": f"fingerprint-{number}",
            "name": "Tablet",
            "platform": "ios",
        }
        answer = await licensing.post("/v1/tenants/123456.sms/devices", as_=admin, json=body)
        assert answer.status == 201
    return licence_id


async def do(licensing: Client, licence_id: str, verb: str, **body: Any) -> int:
    path = f"{RESELLER}/licences/{licence_id}/{verb}"
    return (await licensing.post(path, as_=seller(licensing), json=body)).status


async def everything(licensing: Client) -> list[tuple[dict[str, str], bytes]]:
    """The statement of March in every format, with what is said beside it."""
    said = []
    for kind in FORMATS:
        status, headers, body = await raw_statement(licensing, kind=kind)
        assert status == 200, body
        named = ("Content-Type", "Content-Disposition", "Statement-Signature", "Vary")
        said.append(({name: headers[name] for name in named}, body))
    return said


def moved(to: str, former: str) -> TenantTransferred:
    return TenantTransferred(
        tenant_id="123456.sms",
        name="Acme",
        reseller_id=to,
        locale="de",
        status="active",
        former_reseller_id=former,
        reason="As agreed",
    )


async def test_a_line_says_all_of_a_licence(licensing: Client) -> None:
    licence_id = await by_use(licensing, devices=2)
    key = await licensing.get(f"{RESELLER}/licences/{licence_id}", as_=seller(licensing))

    await now_is(licensing, 2026, 4, 2)

    assert await lines_of(licensing) == [
        {
            "measured_on": "2026-03-31",
            "reseller_id": "100001.rsp",
            "reseller": "R",
            "customer_id": "123456.sms",
            "customer": "Acme",
            "reseller_number": None,
            "product": "mdm",
            "model": "msp",
            "licence_id": licence_id,
            "licence_key": f"…{key.body['key'][-5:]}",
            "units": 2,
            "chargeable_units": 2,
            "free_units": 0,
            "free_until": None,
            "max_free_units": None,
            "licence_name": "Mobile Device Management",
            "order_number": None,
            "licensee": "Acme",
            "customer_number": "123456.sms",
            "address": None,
            "postcode": None,
            "city": None,
            "country": None,
            "created_on": "2026-03-10",
            "starts_on": "2026-03-10",
            "ends_on": None,
        }
    ]


async def test_all_formats_say_the_same(licensing: Client) -> None:
    await a_term(licensing, order_number="2026/17")
    await by_use(licensing)
    await now_is(licensing, 2026, 4, 2)

    lines = await lines_of(licensing)
    _, _, comma_separated = await raw_statement(licensing, kind="csv")
    _, _, spreadsheet = await raw_statement(licensing, kind="xlsx")

    texts = [{name: str(cell or "") for name, cell in line.items()} for line in lines]
    rows = list(csv.DictReader(io.StringIO(comma_separated.decode(), newline="")))
    assert [
        {name: cell if cell != "0" else "" for name, cell in row.items()} for row in rows
    ] == texts
    head, *cells = load_workbook(io.BytesIO(spreadsheet))["2026-03"].iter_rows(values_only=True)
    found = [
        {
            str(name): cell.date().isoformat() if isinstance(cell, datetime) else cell
            for name, cell in zip(head, row, strict=True)
        }
        for row in cells
    ]
    assert found == lines


@each_format
async def test_each_format_is_signed_over_its_very_bytes(licensing: Client, kind: str) -> None:
    await a_term(licensing)
    await now_is(licensing, 2026, 4, 2)

    _, headers, body = await raw_statement(licensing, kind=kind)

    signature = headers["Statement-Signature"]
    assert await is_signed(licensing, signature, body)
    assert not await is_signed(licensing, signature, body + b" ")
    assert not await is_signed(licensing, signature, body.replace(b"5", b"4"))


async def test_a_statement_is_the_same_a_year_later_whatever_has_happened(
    licensing: Client,
) -> None:
    licence_id, used = await a_term(licensing), await by_use(licensing)
    await now_is(licensing, 2026, 4, 2)
    before = await everything(licensing)

    assert await do(licensing, licence_id, "resize", seats=50) == 200
    assert await do(licensing, used, "cancel") == 200
    renamed = ResellerChanged(
        reseller_id="100001.rsp", name="Another Ltd", locale="de", status="authorised"
    )
    await licensing.deliver(renamed, sequence=7)
    await licensing.deliver(moved("100002.rsp", "100001.rsp"), sequence=5)
    gone = TenantDeleted(tenant_id="123456.sms", name="Acme", reseller_id="100002.rsp")
    await licensing.deliver(gone, sequence=6)
    await now_is(licensing, 2027, 4, 2)
    async with licensing.acting(build) as deps:
        await purge_deleted(deps)
        await make_statements(deps)

    assert await everything(licensing) == before


async def test_a_statement_tells_the_month_as_it_was_however_late_it_is_made(
    licensing: Client,
) -> None:
    licence_id = await a_term(licensing)
    licensing.now.instant = NOON.replace(month=4, day=5)
    assert await do(licensing, licence_id, "resize", seats=50) == 200
    assert await do(licensing, licence_id, "cancel") == 200

    await now_is(licensing, 2026, 6, 2)

    (march,), (april,) = await lines_of(licensing), await lines_of(licensing, "2026-04")
    assert (march["units"], march["chargeable_units"], march["ends_on"]) == (5, 5, None)
    assert (april["units"], april["chargeable_units"], april["ends_on"]) == (50, 45, "2026-04-05")
    assert await lines_of(licensing, "2026-05") == []


async def test_replicas_that_state_at_once_state_once(licensing: Client) -> None:
    await a_term(licensing)
    await now_is(licensing, 2026, 4, 1, 0)
    licensing.now.instant = NOON.replace(month=4, day=2)

    async with (
        another_replica(licensing),
        licensing.acting(build) as one,
        licensing.acting(build) as other,
        asyncio.TaskGroup() as group,
    ):
        for deps in (one, other, one, other):
            group.create_task(make_statements(deps))

    assert await licensing.mongo.collection("statements").count({}) == 1
    assert await licensing.mongo.collection("statement_files").count({}) == 3
    assert len(await lines_of(licensing)) == 1


async def test_a_reseller_that_cant_be_stated_keeps_no_other_one_waiting(
    licensing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_term(licensing)
    await a_licence(licensing, "l-2", of="200001.sms")
    rows = licensing.mongo.collection("ledger")
    await rows.update({"licence_id": "l-2"}, {"$set": {"after.reseller_id": "100002.rsp"}})
    whole = statements._state

    async def state(deps: Deps, reseller: KnownReseller, month: str) -> None:
        if reseller.id == "100001.rsp":
            raise LookupError(reseller.id)
        await whole(deps, reseller, month)

    monkeypatch.setattr(statements, "_state", state)
    await now_is(licensing, 2026, 4, 2)
    stated = [one["reseller_id"] for one in await _all_statements(licensing)]
    monkeypatch.undo()
    await now_is(licensing, 2026, 4, 3)

    assert stated == ["100002.rsp"]
    assert len(await _all_statements(licensing)) == 2


async def _all_statements(licensing: Client) -> list[dict[str, Any]]:
    return await licensing.mongo.collection("statements").find({})


@pytest.mark.parametrize(
    ("day", "hour", "month"),
    [(31, 12, "2026-03"), (31, 22, "2026-03"), (31, 12, "2026-04"), (31, 12, "2031-01")],
)
async def test_a_month_is_not_stated_before_it_is_over_and_settled(
    licensing: Client, day: int, hour: int, month: str
) -> None:
    await a_term(licensing)
    await now_is(licensing, 2026, 3, day, hour)

    status, _, body = await raw_statement(licensing, month)

    assert (status, json.loads(body)["code"]) == (409, "month_not_over")


async def test_a_month_is_not_stated_before_its_last_day_is_measured(licensing: Client) -> None:
    await by_use(licensing)
    await now_is(licensing, 2026, 3, 31)
    licensing.now.instant = NOON.replace(month=4, day=2)
    async with licensing.acting(build) as deps:
        await make_statements(deps)

    early, _, _ = await raw_statement(licensing)
    await now_is(licensing, 2026, 4, 2)

    assert early == 409
    assert (await lines_of(licensing))[0]["chargeable_units"] == 2


async def test_there_is_no_statement_of_months_before_the_first_licence(
    licensing: Client,
) -> None:
    await a_term(licensing)
    await now_is(licensing, 2026, 3, 11)
    before, _, _ = await raw_statement(licensing, "2026-02")
    await now_is(licensing, 2026, 4, 2)

    still, _, _ = await raw_statement(licensing, "2026-02")
    none, _, _ = await raw_statement(licensing, "2026-03", of="100002.rsp")

    assert (before, still, none) == (404, 404, 404)
    assert len(await lines_of(licensing)) == 1


async def test_statements_are_listed_the_newest_first_with_their_sums(licensing: Client) -> None:
    await a_term(licensing)
    await by_use(licensing, devices=3)
    await now_is(licensing, 2026, 5, 2)

    answer = await licensing.get(
        f"{RESELLER}/statements", as_=a_pass("100001.rsp", Permission.LICENCE_READ)
    )

    sums = [(one["month"], one["lines"], one["chargeable_units"]) for one in answer.body["items"]]
    assert sums == [
        ("2026-04", 2, {"mdm": 3, "mobile-security": 0}),
        ("2026-03", 2, {"mdm": 3, "mobile-security": 5}),
    ]


async def test_nobody_reads_the_statements_of_others(licensing: Client) -> None:
    await a_term(licensing)
    await now_is(licensing, 2026, 4, 2)
    paths = [f"{RESELLER}/statements", f"{RESELLER}/statements/2026-03"]

    without = [(await licensing.get(path, as_=a_pass("100001.rsp"))).status for path in paths]
    foreign = a_pass("100002.rsp", Permission.LICENCE_READ)
    elsewhere = [(await licensing.get(path, as_=foreign)).status for path in paths]

    assert (without, elsewhere) == ([403, 403], [401, 401])


@pytest.mark.parametrize(
    ("accept", "kind", "media"),
    [
        ("*/*", None, "application/json"),
        ("text/csv", None, "text/csv; charset=utf-8"),
        ("text/csv", "json", "application/json"),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            None,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
async def test_the_format_is_named_or_accepted(
    licensing: Client, accept: str, kind: str | None, media: str
) -> None:
    await a_term(licensing)
    await now_is(licensing, 2026, 4, 2)

    status, headers, _ = await raw_statement(licensing, kind=kind, accept=accept)

    assert (status, headers["Content-Type"]) == (200, media)


async def test_other_formats_and_months_are_refused(licensing: Client) -> None:
    reader = a_pass("100001.rsp", Permission.LICENCE_READ)
    path = f"{RESELLER}/statements"

    pdf = await licensing.get(f"{path}/2026-03", as_=reader, params={"format": "pdf"})
    nonsense = [
        (await licensing.get(f"{path}/{month}", as_=reader)).status
        for month in ("2026-13", "2026-00", "march", "2026-03-01", "9999-01")
    ]

    assert pdf.status == 422
    assert nonsense == [404] * 5


async def test_no_cell_is_run_by_a_spreadsheet(licensing: Client) -> None:
    tenant = TenantCreated(
        tenant_id="123457.sms",
        name='=HYPERLINK("http://evil.example")',
        reseller_id="100001.rsp",
        locale="de",
        reseller_number="-1+1",
    )
    await licensing.deliver(tenant)
    await a_term(licensing, of="123457.sms", order_number="@SUM(A1)")
    await now_is(licensing, 2026, 4, 2)

    _, _, comma_separated = await raw_statement(licensing, kind="csv")
    _, _, spreadsheet = await raw_statement(licensing, kind="xlsx")

    (row,) = csv.DictReader(io.StringIO(comma_separated.decode(), newline=""))
    assert row["customer"] == '\'=HYPERLINK("http://evil.example")'
    assert (row["reseller_number"], row["order_number"]) == ("'-1+1", "'@SUM(A1)")
    sheet = load_workbook(io.BytesIO(spreadsheet))["2026-03"]
    cells = [cell for cells in sheet.iter_rows() for cell in cells if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert '=HYPERLINK("http://evil.example")' in {cell.value for cell in cells}


async def test_a_line_says_who_the_customer_is_at_the_end_of_the_month(
    licensing: Client,
) -> None:
    await a_term(licensing)
    edited = TenantEdited(
        tenant_id="123456.sms",
        name="Acme Ltd",
        locale="de",
        reseller_number="K-17",
        address=PostalAddress(
            street="Hauptstr. 1", postcode="21337", city="Lüneburg", country="DE"
        ),
    )
    await licensing.deliver(edited, sequence=3, times=2)
    late = edited.model_copy(update={"name": "Before", "address": None})
    await licensing.deliver(late, sequence=2)

    await now_is(licensing, 2026, 4, 2)

    (line,) = await lines_of(licensing)
    told = ("customer", "licensee", "reseller_number", "address", "postcode", "city", "country")
    assert [line[name] for name in told] == [
        "Acme Ltd",
        "Acme Ltd",
        "K-17",
        "Hauptstr. 1",
        "21337",
        "Lüneburg",
        "DE",
    ]


async def test_news_of_a_tenant_that_is_not_known_yet_waits(licensing: Client) -> None:
    edited = TenantEdited(tenant_id="900001.sms", name="Acme", locale="de")

    await licensing.deliver(edited, sequence=2)

    (reason,) = await licensing.failed()
    assert "UnknownTenantError" in reason


async def test_a_customer_that_moves_is_charged_to_whoever_bought_and_whoever_has_it(
    licensing: Client,
) -> None:
    await a_term(licensing)
    await by_use(licensing)
    licensing.now.instant = NOON.replace(day=20)
    await licensing.deliver(moved("100002.rsp", "100001.rsp"), sequence=5)

    await now_is(licensing, 2026, 4, 2)

    old, new = await lines_of(licensing), await lines_of(licensing, of="100002.rsp")
    assert [(one["product"], one["chargeable_units"]) for one in old] == [("mobile-security", 5)]
    charged = {one["product"]: one["chargeable_units"] for one in new}
    assert charged == {"mdm": 2, "mobile-security": 0}


async def test_what_was_paid_before_is_free_for_as_long_as_the_vendor_says(
    licensing: Client,
) -> None:
    licence_id = await by_use(licensing, devices=3)
    path = f"{RESELLER}/licences/{licence_id}/carry-over"
    body = {"free_units": 2, "free_until": "2026-04-15", "reason": "Rest of 2025/9"}
    vendor = a_pass("100001.rsp", *Permission, org="vendor", factor_at=int(NOON.timestamp()))

    by_itself = await licensing.post(path, as_=seller(licensing), json=body)
    past = await licensing.post(path, as_=vendor, json={**body, "free_until": "2026-03-09"})
    given = await licensing.post(path, as_=vendor, json=body)
    await now_is(licensing, 2026, 5, 2)

    assert (by_itself.status, past.status, past.body["code"]) == (403, 422, "carry_over_day")
    assert given.status == 200
    (march,), (april,) = await lines_of(licensing), await lines_of(licensing, "2026-04")
    told = ("units", "free_units", "chargeable_units", "max_free_units", "free_until")
    assert [march[name] for name in told] == [3, 2, 1, 2, "2026-04-15"]
    assert [april[name] for name in told] == [3, 0, 3, 2, "2026-04-15"]


async def test_only_devices_of_a_licence_billed_by_use_can_be_free(licensing: Client) -> None:
    await a_licence(licensing)
    vendor = a_pass("123456.sms", *Permission, org="vendor", factor_at=int(NOON.timestamp()))
    body = {"free_units": 2, "free_until": "2026-04-15"}

    path = "/v1/tenants/123456.sms/licences/l-1/carry-over"
    answer = await licensing.post(path, as_=vendor, json=body)

    assert (answer.status, answer.body["code"]) == (409, "not_by_use")
