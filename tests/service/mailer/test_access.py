"""Mails about access for a time: the customer is asked, both sides are told of its end."""

from typing import Any

from shared.contracts.auth import AccountRecorded
from shared.contracts.tenancy import AccessEndAnnounced, AccessEnded, AccessRequested
from tests.support.service import NOON, Client
from tests.support.smtp import PostOffice
from tests.support.tenancy import DAY

FACTS: dict[str, Any] = {
    "access_id": "a-1",
    "tenant_id": "123456.sms",
    "reseller_id": "100001.rsp",
    "roles": ["reseller-admin"],
    "reason": "Migration",
}


async def both_sides(mailer: Client) -> None:
    for org, role in (("123456.sms", "admin"), ("100001.rsp", "reseller-admin")):
        account = AccountRecorded(
            account_id=f"admin-of-{org}",
            org=org,
            username="admin",
            email=f"admin@{org}.example",
            locale="en",
            display_name="Admin",
            roles=[role],
            status="active",
            has_second_factor=True,
        )
        await mailer.deliver(account)


async def queued(mailer: Client) -> set[tuple[str, str]]:
    rows = await mailer.mongo.collection("mails").find({})
    return {(row["template"], row["recipient"]) for row in rows}


async def test_only_the_customer_is_asked(mailer: Client) -> None:
    await both_sides(mailer)

    await mailer.deliver(AccessRequested(**FACTS, duration="P30D"), times=2)

    assert await queued(mailer) == {("access_requested", "admin@123456.sms.example")}


async def test_both_sides_are_told_that_it_ends_and_that_it_has_ended(mailer: Client) -> None:
    await both_sides(mailer)
    until = NOON + 7 * DAY

    await mailer.deliver(AccessEndAnnounced(**FACTS, until=until, days_left=7), times=2)
    await mailer.deliver(AccessEnded(**FACTS, until=until), times=2)

    assert await queued(mailer) == {
        (template, f"admin@{org}.example")
        for template in ("access_ending", "access_ended")
        for org in ("123456.sms", "100001.rsp")
    }
    assert await mailer.failed() == []


async def test_the_customer_reads_words_and_no_codes(mailer: Client, office: PostOffice) -> None:
    await both_sides(mailer)

    await mailer.deliver(AccessRequested(**FACTS, duration="P30D"))

    (mail,) = await office.took()
    lines = mail.text().splitlines()
    assert "Roles: reseller's administration" in lines
    assert "Duration: 30 days" in lines
