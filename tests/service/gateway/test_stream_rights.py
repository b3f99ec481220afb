"""What each role hears of in a stream, held against the table of permissions that people are shown,
and until when.
"""

import asyncio
import json
from datetime import timedelta
from importlib import resources
from typing import Any, Final

import pytest
from aiohttp import web

from services.gateway.domain.changes import may_hear
from shared.access import Permission, Role
from shared.contracts import auth, licensing, mailer, operations, tenancy
from shared.contracts.events import CATALOGUE
from shared.ids import VENDOR
from tests.service.gateway.test_stream import Log, following, log, until
from tests.service.gateway.world import RESELLER, TENANT, Watch, World, assigned

__all__ = ["log"]
DOCUMENT: Final[dict[str, Any]] = json.loads(
    resources.files("services.gateway").joinpath("openapi.json").read_bytes()
)
READ_AT: Final = {
    "account.invited": "/v1/tenants/{tid}/users",
    "primary_user.changed": "/v1/resellers/{rid}/users",
    "totp.activated": "/v1/tenants/{tid}/users/{uid}",
    "passkey.registered": "/v1/tenants/{tid}/users/{uid}",
    "totp_reset.asked": "/v1/tenants/{tid}/users/{uid}",
    "device.activated": "/v1/tenants/{tid}/devices",
    "licence.created": "/v1/tenants/{tid}/licences",
    "licence_order.placed": "/v1/resellers/{rid}/licence-orders",
    "tenant.edited": "/v1/tenants/{tid}",
    "tenant.settings_changed": "/v1/tenants/{tid}/settings",
    "delegation.changed": "/v1/tenants/{tid}/delegation",
    "access.approved": "/v1/tenants/{tid}/access-requests",
    "access_end.announced": "/v1/tenants/{tid}/access-requests",
    "support_access.begun": "/v1/tenants/{tid}/support-access",
    "offboarding.begun": "/v1/tenants/{tid}",
    "reseller.changed": "/v1/resellers/{rid}",
    "branding.changed": "/v1/resellers/{rid}/branding",
    "vendor.settings_changed": "/v1/vendor/settings",
    "session.started": "/v1/tenants/{tid}/activity",
    "sign_in.refused": "/v1/tenants/{tid}/activity",
    "password.changed": "/v1/tenants/{tid}/activity",
    "recovery_codes.replaced": "/v1/tenants/{tid}/activity",
    "api_key.created": "/v1/tenants/{tid}/activity",
    "webhook.created": "/v1/resellers/{rid}/activity",
    "staff.limited": "/v1/resellers/{rid}/activity",
    "dead_letter.edited": "/v1/activity",
}
"""Changes, and where one reads what they are about."""
KINDS: Final = {
    "activity": "session.started",
    "user": "account.invited",
    "device": "device.activated",
    "licence": "licence.created",
    "reseller": "reseller.changed",
    "tenant": "tenant.edited",
}
ALL: Final = frozenset(KINDS)
ENTERED: Final = {"relation": "vendor", "reseller_id": RESELLER, "valid_until": None}
OUTSIDE: Final = {**ENTERED, "outside": [Role.SUPPORT]}
NOT_LENT: Final = {**assigned(), "permissions": ["tenant:read", "licence:read"]}
HEARD: Final[list[Any]] = [
    (VENDOR, "vendor-admin", TENANT, OUTSIDE, ALL),
    (VENDOR, "vendor-admin", RESELLER, ENTERED, ALL),
    (VENDOR, "sales", TENANT, OUTSIDE, {"licence", "reseller", "tenant"}),
    (VENDOR, "sales", RESELLER, ENTERED, {"licence", "reseller", "tenant"}),
    (VENDOR, "sales", VENDOR, None, {"licence", "reseller", "tenant"}),
    (VENDOR, "support", TENANT, OUTSIDE, set()),
    (VENDOR, "support", TENANT, ENTERED, ALL),
    (VENDOR, "support", RESELLER, ENTERED, ALL),
    (RESELLER, "reseller-admin", TENANT, assigned(), ALL),
    (RESELLER, "reseller-admin", RESELLER, None, ALL),
    (RESELLER, "reseller-sales", TENANT, assigned(), {"licence", "tenant"}),
    (RESELLER, "reseller-sales", RESELLER, None, {"licence", "reseller", "tenant"}),
    (RESELLER, "reseller-support", TENANT, assigned(), ALL),
    (RESELLER, "reseller-support", TENANT, NOT_LENT, {"licence", "tenant"}),
    (RESELLER, "reseller-support", RESELLER, None, {"licence", "reseller", "tenant"}),
    (RESELLER, "reseller-support", TENANT, None, set()),
    (TENANT, "admin", TENANT, None, ALL),
    (TENANT, "auditor", TENANT, None, ALL),
    (TENANT, "auditor", RESELLER, None, set()),
    (TENANT, "device-holder", TENANT, None, set()),
]


@pytest.mark.parametrize("change", READ_AT)
def test_a_change_is_heard_of_with_what_reads_its_subject_or_the_activity(change: str) -> None:
    needed = DOCUMENT["paths"][READ_AT[change]]["get"]["x-permission"]

    heard_with = {one for one in Permission if may_hear({one}, change)}

    assert heard_with == {Permission(needed), Permission.ACTIVITY_READ}


def test_every_change_that_is_tried_is_an_event() -> None:
    publishers = (auth, licensing, mailer, operations, tenancy)
    names = tuple(f"portal.{one.__name__.rpartition(chr(46))[2]}." for one in publishers)
    events = {".".join(name.split(".")[2:4]) for name in CATALOGUE if name.startswith(names)}

    assert set(READ_AT) <= events


@pytest.mark.parametrize("case", HEARD, ids=lambda case: f"{case[1]} in {case[2]}: {len(case[4])}")
async def test_each_role_hears_in_each_place_what_the_table_lets_it_read(
    world: World, log: Log, case: tuple[str, str, str, dict[str, Any] | None, set[str]]
) -> None:
    org, role, place, stands, heard = case
    world.org, world.roles = org, [role]
    world.places = {place: stands} if stands is not None else {}
    async with following(world, "0") as response:
        await until(response, lambda text: "retry" in text)
        for kind in KINDS.values():
            log.tell(world, place, kind)
        async with asyncio.timeout(5):
            while log.asked_after[-1] != str(len(KINDS)):
                log.tell_nothing(world, org)
                await asyncio.sleep(0.02)
        log.end_session(world)
        text = await until(response, lambda text: "event: ended" in text)

    assert {name for name, kind in KINDS.items() if f'"{kind}"' in text} == heard


async def test_what_was_judged_is_sent_before_the_next_is_asked_about(
    seller: World, log: Log
) -> None:
    may_answer = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await may_answer.wait()
        return web.json_response(assigned())

    other = "123457.sms"
    seller.tenancy.answers[f"/internal/places/{other}"] = slow
    async with following(seller, "0") as response:
        log.add(seller, TENANT, other)

        first = await until(response, lambda text: "id: 1\n" in text)
        may_answer.set()
        second = await until(response, lambda text: "id: 2\n" in text)

    assert "id: 2\n" not in first
    assert other in second


async def test_a_place_is_in_the_stream_until_its_last_licence_ends_and_no_news_is_needed(
    seller: World, log: Log, watch: Watch
) -> None:
    end = seller.now() + timedelta(seconds=10)
    seller.places[TENANT] = assigned(valid_until=end.isoformat())
    async with following(seller, "0") as response:
        log.add(seller, TENANT)
        await until(response, lambda text: "id: 1\n" in text)
        seller.places.clear()
        seller.now.advance(timedelta(seconds=10))
        watch.seconds += 10
        log.add(seller, TENANT)
        log.add(seller, RESELLER)

        text = await until(response, lambda text: "id: 3\n" in text)

    assert "id: 2\n" not in text
    assert TENANT not in text
