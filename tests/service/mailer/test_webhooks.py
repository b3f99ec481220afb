"""Mails about webhooks: a reseller's administrators are told when nothing gets through any more."""

from shared.contracts.auth import AccountRecorded
from shared.contracts.tenancy import WebhookEnded, WebhookFailureAnnounced
from tests.support.service import NOON, Client

FACTS = {"webhook_id": "w-1", "reseller_id": "100001.rsp", "name": "Inventory"}


async def test_the_administrators_are_told_once_of_each(mailer: Client) -> None:
    for name, role in (("rita", "reseller-admin"), ("sam", "reseller-sales")):
        account = AccountRecorded(
            account_id=name,
            org="100001.rsp",
            username=name,
            email=f"{name}@reseller.example",
            locale="de",
            display_name=name,
            roles=[role],
            status="active",
            has_second_factor=True,
        )
        await mailer.deliver(account)

    await mailer.deliver(WebhookEnded(**FACTS), times=2)
    await mailer.deliver(WebhookFailureAnnounced(**FACTS, since=NOON), times=2)
    rows = await mailer.mongo.collection("mails").find({})

    assert sorted((row["template"], row["recipient"]) for row in rows) == [
        ("webhook_ended", "rita@reseller.example"),
        ("webhook_failing", "rita@reseller.example"),
    ]
    assert {row["values"]["webhook"] for row in rows} == {"Inventory"}
    assert await mailer.failed() == []
