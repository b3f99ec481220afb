"""What was done to API keys, in the activity of their tenant."""

import pytest

from shared.access import Permission
from shared.contracts.auth import ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from shared.contracts.events import Event
from tests.support.service import NOON, Client, a_pass

READER = a_pass("123456.sms", Permission.ACTIVITY_READ)
KEY = {"client_id": "client-1", "org": "123456.sms", "name": "Report"}


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (ApiKeyCreated(**KEY, permissions=["tenant:read"], expires_at=NOON), "api_key.created"),
        (ApiKeyRotated(**KEY, expires_at=NOON, old_until=NOON), "api_key.rotated"),
        (ApiKeyRevoked(**KEY), "api_key.revoked"),
    ],
)
async def test_whatever_is_done_to_an_api_key_is_in_the_activity_once(
    tenancy: Client, event: Event, what: str
) -> None:
    await tenancy.deliver(event, times=2)

    listed = await tenancy.get("/v1/tenants/123456.sms/activity", as_=READER)

    found = [(row["what"], row["subject"]) for row in listed.body["items"]]
    assert found == [(what, "client-1")]
