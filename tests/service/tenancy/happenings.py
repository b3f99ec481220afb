"""Things that happen in tenants, for tests of the activity."""

from datetime import timedelta
from typing import Final

from services.tenancy.actions.verify_activity import verify_activity
from services.tenancy.app import build
from services.tenancy.domain.chain import Head
from shared.access import Permission
from shared.contracts.auth import TotpRemoved
from shared.contracts.events import CloudEvent, Event, Service
from shared.ids import new_id
from tests.support.service import NOON, Client, a_pass

TENANT: Final = "123456.sms"
READER: Final = a_pass(TENANT, Permission.ACTIVITY_READ)
NOBODY_KNOWN: Final[dict[str, Head]] = {}


def removed(reason: str = "Phone lost", org: str = TENANT) -> TotpRemoved:
    return TotpRemoved(
        account_id="anna",
        org=org,
        username="anna",
        email="anna@customer.example",
        locale="de",
        removed_at=NOON,
        reason=reason,
    )


async def happen(
    tenancy: Client,
    event: Event,
    *,
    event_id: str | None = None,
    actor: str | None = "rita",
    actor_org: str | None = "100001.rsp",
    after: timedelta = timedelta(0),
) -> None:
    """Somebody has done this, and the bus tells tenancy."""
    sent = CloudEvent(
        id=event_id or new_id(),
        source="/portal/test",
        type=event.type,
        subject=event.subject,
        time=NOON + after,
        sequence=1,
        actor=actor,
        actororg=actor_org,
        correlationid=f"request-{event_id}",
        data=event.model_dump(mode="json", exclude_none=True),
    )
    await tenancy.hub.readers[Service.TENANCY](sent)


async def flaws(tenancy: Client, known: dict[str, Head] = NOBODY_KNOWN) -> dict[str, list[str]]:
    """What `portal activity verify` finds, chain by chain; whole chains are left out."""
    async with tenancy.acting(build) as deps:
        return {one.chain: one.flaws async for one in verify_activity(deps, known) if one.flaws}


async def heads(tenancy: Client) -> dict[str, Head]:
    async with tenancy.acting(build) as deps:
        return {one.chain: one.head async for one in verify_activity(deps, {})}
