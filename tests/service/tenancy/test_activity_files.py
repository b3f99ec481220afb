"""Activity as files: all of it, in parts, harmless in a spreadsheet, for whoever may read it."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from services.tenancy.domain.chain import digest
from shared.access import Permission
from shared.cells import unguarded
from shared.keys import Keys, TokenError, read_signed, signing_keys
from tests.service.tenancy.happenings import READER, happen, removed
from tests.support.service import NOON, Client, a_pass

JSONL = "/v1/tenants/123456.sms/activity/export.jsonl"
CSV = "/v1/tenants/123456.sms/activity/export.csv"
FORMULA = '=HYPERLINK("http://evil.example";"open")'


def rows_of(text: str) -> list[dict[str, Any]]:
    rows = []
    for cells in csv.DictReader(io.StringIO(text, newline="")):
        row: dict[str, Any] = {name: unguarded(cell) or None for name, cell in cells.items()}
        row["sequence"], row["details"] = int(row["sequence"]), json.loads(row["details"])
        rows.append(row)
    return rows


async def test_both_kinds_of_file_have_the_same_rows_with_their_hashes(tenancy: Client) -> None:
    await happen(tenancy, removed(FORMULA))
    await happen(tenancy, removed("größer, \u2028 “quoted”"))

    lines = (await tenancy.get(JSONL, as_=READER)).body.strip().split("\n")
    table = await tenancy.get(CSV, as_=READER)

    rows = [json.loads(line) for line in lines[:-1]]
    assert rows == rows_of(table.body)
    assert [digest(row) for row in rows] == [row["hash"] for row in rows]
    assert json.loads(lines[-1])["head"] == table.headers["Activity-Head"]


async def test_no_cell_is_a_formula(tenancy: Client) -> None:
    for start in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1"):
        await happen(tenancy, removed(start))

    table = await tenancy.get(CSV, as_=READER)

    for cells in csv.reader(io.StringIO(table.body, newline="")):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_parts_follow_each_other_until_the_head(tenancy: Client) -> None:
    for number in range(5):
        await happen(tenancy, removed(str(number)))
    target, reasons, links = f"{JSONL}?limit=2", list[str](), 0

    while True:
        part = await tenancy.get(target, as_=READER)
        reasons += [json.loads(line)["reason"] for line in part.body.strip().split("\n")[:-1]]
        if "Link" not in part.headers:
            break
        target, links = part.headers["Link"].partition(">")[0].removeprefix("<"), links + 1

    assert (reasons, links) == (["0", "1", "2", "3", "4"], 2)


async def test_where_nothing_happened_the_files_are_empty(tenancy: Client) -> None:
    lines, table = await tenancy.get(JSONL, as_=READER), await tenancy.get(CSV, as_=READER)

    assert (lines.status, lines.body) == (200, None)
    assert len(list(csv.reader(io.StringIO(table.body)))) == 1


@pytest.mark.parametrize(
    ("own_path", "by_path"),
    [
        ("/v1/activity/export.csv", "/v1/resellers/100001.rsp/activity/export.csv"),
        ("/v1/activity/export.jsonl", "/v1/resellers/100001.rsp/activity/export.jsonl"),
    ],
)
async def test_every_organisation_exports_its_own(
    tenancy: Client, own_path: str, by_path: str
) -> None:
    await happen(tenancy, removed("by rita"), actor="rita", actor_org="100001.rsp")
    reseller = a_pass("100001.rsp", Permission.ACTIVITY_READ)

    own = await tenancy.get(own_path, as_=reseller)
    named = await tenancy.get(by_path, as_=reseller)
    other = await tenancy.get(own_path, as_=a_pass("100002.rsp", Permission.ACTIVITY_READ))

    assert "by rita" in own.body
    assert own.body == named.body
    assert "by rita" not in other.body


@pytest.mark.parametrize("path", [JSONL, CSV])
async def test_nobody_exports_what_is_not_theirs(tenancy: Client, path: str) -> None:
    elsewhere = a_pass("123457.sms", Permission.ACTIVITY_READ)
    without = a_pass("123456.sms", Permission.TENANT_READ)

    assert (await tenancy.get(path, as_=elsewhere)).status == 401
    assert (await tenancy.get(path, as_=without)).status == 403
    assert (await tenancy.get(path, as_=None)).status == 401


@pytest.mark.parametrize(
    "params", [{"after": "-1"}, {"limit": "0"}, {"limit": "5001"}, {"after": str(10**15)}], ids=str
)
async def test_a_part_that_can_not_be_is_refused(tenancy: Client, params: dict[str, str]) -> None:
    assert (await tenancy.get(JSONL, as_=READER, params=params)).status == 422


async def test_anybody_may_have_the_keys_that_heads_are_signed_with(tenancy: Client) -> None:
    await happen(tenancy, removed())

    head = (await tenancy.get(CSV, as_=READER)).headers["Activity-Head"]
    answer = await tenancy.get("/v1/activity/keys", as_=a_pass("public"))

    assert answer.status == 200
    assert all("d" not in key for key in answer.body["keys"])
    told = read_signed(Keys.parse(json.dumps(answer.body)), head, typ="portal-activity-head+jwt")
    assert (told["chain"], told["sequence"]) == ("123456.sms", 1)
    with pytest.raises(TokenError):
        read_signed(signing_keys(), head, typ="portal-activity-head+jwt")


# --- with a filter --------------------------------------------------------------------------------


async def test_a_file_has_what_a_list_with_the_same_filter_has(tenancy: Client) -> None:
    for number in range(5):
        actor = "rita" if number % 2 else "anna"
        await happen(tenancy, removed(str(number)), actor=actor, after=timedelta(minutes=number))
    query = {"actor": "anna", "since": (NOON + timedelta(minutes=1)).isoformat()}

    listed = await tenancy.get("/v1/tenants/123456.sms/activity", as_=READER, params=query)
    lines = await tenancy.get(JSONL, as_=READER, params=query)
    table = await tenancy.get(CSV, as_=READER, params=query)

    rows = [json.loads(line) for line in lines.body.strip().split("\n")]
    assert [row["reason"] for row in listed.body["items"]] == ["4", "2"]
    assert [row["reason"] for row in rows] == ["4", "2"]
    assert rows == rows_of(table.body)
    assert "Activity-Head" not in table.headers


async def test_parts_of_a_file_with_a_filter_follow_each_other(tenancy: Client) -> None:
    for number in range(5):
        await happen(tenancy, removed(str(number)), after=timedelta(minutes=number))
    await happen(tenancy, removed("another's"), actor="anna")
    target, reasons, links = f"{JSONL}?limit=2&actor=rita&what=totp.removed", list[str](), 0

    while True:
        part = await tenancy.get(target, as_=READER)
        reasons += [json.loads(line)["reason"] for line in part.body.strip().split("\n")]
        if "Link" not in part.headers:
            break
        target, links = part.headers["Link"].partition(">")[0].removeprefix("<"), links + 1

    assert (reasons, links) == (["4", "3", "2", "1", "0"], 2)


@pytest.mark.parametrize(
    "query",
    [
        "after=1&actor=anna",
        "after=1&cursor=x",
        "cursor=x",
        f"actor={'a' * 65}",
        "since=yesterday",
        "what=%",
        "who=anna",
    ],
)
async def test_a_filter_that_is_none_is_refused(tenancy: Client, query: str) -> None:
    answers = [await tenancy.get(f"{one}?{query}", as_=READER) for one in (JSONL, CSV)]

    assert [one.status for one in answers] == [422, 422]
