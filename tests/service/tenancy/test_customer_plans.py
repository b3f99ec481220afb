"""A page of customers costs as much with many of them as with few: counted, not timed."""

from typing import Any, Final

import pytest

from bench.programs.customer_lists import NOON, PAGE, QUESTIONS, RESELLER, a_tenant
from services.tenancy.domain.customers import CustomerFilter
from services.tenancy.store.tenants import Tenants, row_of
from tests.support.service import Client

FEW, MANY = 300, 6000
MERGED: Final = 40
"""Ranges of an index that are merged in order: all states of one coverage, or the reverse."""


async def add(tenancy: Client, begin: int, end: int) -> None:
    rows = tenancy.mongo.collection("tenants")
    await rows.insert(*(row_of(a_tenant(number), NOON) for number in range(begin, end)))


async def cost_of(tenancy: Client, question: CustomerFilter) -> tuple[int, int, int]:
    """Rows found, documents read, keys of an index read."""
    database: Any = tenancy.mongo._database
    await database["system.profile"].drop()
    await database.command("profile", 2)
    found = await Tenants(tenancy.mongo.collection("tenants")).customers_of(
        RESELLER, question, PAGE
    )
    await database.command("profile", 0)
    seen = await database["system.profile"].find_one({"command.find": "tenants"})
    return len(found), seen["docsExamined"], seen["keysExamined"]


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_page_reads_no_more_than_itself_however_many_customers_there_are(
    tenancy: Client, name: str
) -> None:
    await add(tenancy, 0, FEW)
    _, documents_of_few, keys_of_few = await cost_of(tenancy, QUESTIONS[name])
    await add(tenancy, FEW, MANY)

    found, documents, keys = await cost_of(tenancy, QUESTIONS[name])

    assert found > 0
    assert documents <= max(documents_of_few, found)
    assert keys <= max(keys_of_few, found) + MERGED
