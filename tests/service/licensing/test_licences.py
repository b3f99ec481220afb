"""Licences as their tenant and its reseller see them, and products."""

import re
from datetime import date, timedelta

from services.licensing.actions.licences import grant_licence
from services.licensing.app import build
from shared.access import Permission
from shared.contracts.licensing import LicenceCreated
from tests.support.service import Client, a_pass

PATH = "/v1/tenants/123456.sms/licences"
READER = a_pass("123456.sms", Permission.LICENCE_READ)


async def grant(
    licensing: Client, licence_id: str, *, to: str = "123456.sms", ends_on: str = "2027-03-09"
) -> bool:
    async with licensing.acting(build) as deps:
        return await grant_licence(
            deps,
            licence_id=licence_id,
            tenant_id=to,
            reseller_id="100001.rsp",
            product="mdm",
            seats=5,
            starts_on=date(2026, 3, 10),
            ends_on=date.fromisoformat(ends_on),
        )


async def test_a_licence_shows_its_key_only_by_itself(licensing: Client) -> None:
    await grant(licensing, "l-1")

    listed = (await licensing.get(PATH, as_=READER)).body["items"]
    alone = (await licensing.get(f"{PATH}/l-1", as_=READER)).body

    assert re.fullmatch(r"MS(-[0-9A-HJKMNP-TV-Z]{5}){4}", alone.pop("key"))
    assert listed == [alone]
    assert alone == {
        "id": "l-1",
        "tenant_id": "123456.sms",
        "product": "mdm",
        "model": "term",
        "seats": 5,
        "seats_used": 0,
        "state": "active",
        "valid": True,
        "starts_on": "2026-03-10",
        "ends_on": "2027-03-09",
        "entitlements": [{"feature": "device-management", "ends_on": None}],
        "reseller_id": "100001.rsp",
        "order_number": None,
        "reseller_number": None,
        "created_at": "2026-03-10T12:00:00Z",
    }


async def test_the_state_is_that_of_the_moment(licensing: Client) -> None:
    await grant(licensing, "l-1", ends_on="2026-04-10")
    states = []

    for _ in range(3):
        states.append((await licensing.get(f"{PATH}/l-1", as_=READER)).body["state"])
        licensing.now.advance(timedelta(days=30))

    assert states == ["active", "expiring", "grace"]


async def test_a_foreign_licence_and_none_are_one_answer(licensing: Client) -> None:
    await grant(licensing, "l-1", to="200001.sms")
    headers = {"X-Request-Id": "r-1"}

    foreign = await licensing.get(f"{PATH}/l-1", as_=READER, headers=headers)
    absent = await licensing.get(f"{PATH}/l-9", as_=READER, headers=headers)
    other_place = await licensing.get("/v1/tenants/200001.sms/licences/l-1", as_=READER)

    assert foreign.status == 404
    assert foreign.body == absent.body
    assert other_place.status == 401
    assert (await licensing.get(PATH, as_=READER)).body == {"items": [], "next_cursor": None}


async def test_licences_are_listed_newest_first(licensing: Client) -> None:
    for number in range(3):
        await grant(licensing, f"l-{number}")
        licensing.now.advance(timedelta(minutes=1))

    first = (await licensing.get(PATH, params={"limit": "2"}, as_=READER)).body
    query = {"limit": "2", "cursor": first["next_cursor"]}
    second = (await licensing.get(PATH, params=query, as_=READER)).body

    assert [item["id"] for item in first["items"]] == ["l-2", "l-1"]
    assert [item["id"] for item in second["items"]] == ["l-0"]
    assert second["next_cursor"] is None


async def test_a_licence_that_is_there_is_not_granted_again(licensing: Client) -> None:
    first = await grant(licensing, "l-1")
    second = await grant(licensing, "l-1", ends_on="2030-01-01")

    assert (first, second) == (True, False)
    [created] = await licensing.heard(LicenceCreated)
    assert created.ends_on == date(2027, 3, 9)


async def test_products_are_for_everybody_who_is_signed_in(licensing: Client) -> None:
    body = (await licensing.get("/v1/products", as_=a_pass("123456.sms"))).body
    without = await licensing.get("/v1/products", as_=None)

    products = {item["id"]: item for item in body["items"]}
    assert set(products) == {"mdm", "mobile-security", "unified-report"}
    assert "cyber-defense-cloud" in products["mobile-security"]["entitlements"]
    assert "cyber-defense-cloud" not in products["mdm"]["entitlements"]
    assert products["mdm"]["terms_months"] == [12, 24, 36, 60]
    assert {each: item["overage_percent"] for each, item in products.items()} == {
        "mdm": 0,
        "mobile-security": 0,
        "unified-report": 100,
    }
    assert without.status == 401
