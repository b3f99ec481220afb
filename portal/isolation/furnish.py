"""Fills the marked world through the public door: people, devices, keys and notes, all marked."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from portal.demo.world import World
from portal.isolation.operations import Operation
from portal.isolation.people import NOBODY, Door, Walker
from portal.isolation.world import (
    LAPSED,
    MINE,
    OPEN,
    OTHER,
    RESELLER_OF,
    RESELLERS,
    SHUT,
    TENANTS,
    VENDOR,
    Marks,
)
from shared.access import Role

_OF_TENANTS: Final = (
    "tenant:read",
    "tenant:edit",
    "user:read",
    "user:manage",
    "licence:read",
    "device:read",
    "device:manage",
    "activity:read",
)
_OF_RESELLERS: Final = ("tenant:read", "user:read", "licence:read", "activity:read")
_HEADS: Final = {VENDOR: Role.VENDOR_ADMIN, **dict.fromkeys(RESELLERS, Role.RESELLER_ADMIN)}


@dataclass
class Cast:
    """Who walks, and what there is to be named: ids by list and by the place that it is of."""

    walkers: list[Walker] = field(default_factory=list)
    things: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def head_of(self, org: str) -> Walker:
        role = _HEADS.get(org, Role.ADMIN)
        return next(one for one in self.walkers if (one.org, one.role) == (org, role))

    def thing(self, operation: Operation, place: str) -> str | None:
        return next(iter(self.things.get((operation.collection, place), ())), None)


async def furnish(door: Door, marks: Marks, world: World, operations: list[Operation]) -> Cast:
    cast = Cast()
    async with asyncio.TaskGroup() as group:
        signing_in = [group.create_task(door.sign_in(one)) for one in world.accounts]
    cast.walkers = [*(task.result() for task in signing_in), Walker(NOBODY, "", "", None)]
    for tenant in TENANTS:
        await _fill_tenant(door, marks, cast, tenant)
    for reseller in RESELLERS:
        await _fill_reseller(door, marks, cast, reseller)
    machines = [(OPEN, _OF_TENANTS), (MINE, _OF_RESELLERS), (OTHER, _OF_RESELLERS)]
    cast.walkers += [await _machine(door, marks, cast, *one) for one in machines]
    await _shut_out(door, cast)
    await learn(door, marks, cast, operations)
    marks.secrets.update(one.token for one in cast.walkers if one.token)
    return cast


async def _fill_tenant(door: Door, marks: Marks, cast: Cast, tenant: str) -> None:
    admin, inner, path = cast.head_of(tenant), marks.inner[tenant], f"/v1/tenants/{tenant}"
    user = {
        "username": f"helper-{inner}",
        "email": f"helper-{inner}@{tenant.replace('.', '-')}.example",
        "display_name": f"Helper {inner}",
        "roles": ["auditor"],
        "comment": f"Sits beside {inner}",
    }
    await door.json(admin, "POST", f"{path}/users", user)
    if tenant != LAPSED:
        device = {
            "fingerprint": f"sha256:{inner}",
            "name": f"Tablet {inner}",
            "platform": "android",
            "licence_id": f"licence-{tenant.partition('.')[0]}",
        }
        await door.json(admin, "POST", f"{path}/devices", device)


async def _fill_reseller(door: Door, marks: Marks, cast: Cast, reseller: str) -> None:
    head, path = cast.head_of(reseller), f"/v1/resellers/{reseller}"
    customer = next(tenant for tenant in TENANTS if RESELLER_OF[tenant] == reseller)
    order = {
        "product": "mdm",
        "seats": 5,
        "term_months": 12,
        "order_number": f"O-{marks.outer[customer]}",
        "customer": {"tenant_id": customer},
    }
    await door.json(head, "POST", f"{path}/licence-orders", order)
    request = {
        "tenant_id": customer,
        "roles": ["reseller-support"],
        "duration": "P7D",
        "reason": f"Asked for by {marks.outer[customer]}",
    }
    await door.json(head, "POST", f"{path}/access-requests", request)
    webhook = {
        "name": f"Webhook {marks.inner[reseller]}",
        "url": f"https://hooks.{reseller.replace('.', '-')}.example/",
    }
    await door.json(head, "POST", f"{path}/webhooks", webhook)
    staff = {
        "username": f"helper-{marks.inner[reseller]}",
        "email": f"helper@{reseller.replace('.', '-')}.example",
        "roles": ["reseller-sales"],
        "comment": marks.inner[reseller],
    }
    me = await door.json(head, "GET", "/v1/me")
    first = {"user_id": me["id"]}
    await door.json(cast.head_of(VENDOR), "POST", f"{path}/primary-user", first)
    await door.json(head, "POST", f"{path}/users", staff)


async def _machine(
    door: Door, marks: Marks, cast: Cast, org: str, permissions: Iterable[str]
) -> Walker:
    kind = "resellers" if org in RESELLERS else "tenants"
    wish = {"name": f"Machine {marks.inner[org]}", "permissions": list(permissions)}
    made = await door.json(cast.head_of(org), "POST", f"/v1/{kind}/{org}/api-keys", wish)
    return Walker(f"machine of {org}", org, "machine", made["key"], is_machine=True)


async def _shut_out(door: Door, cast: Cast) -> None:
    admin, path = cast.head_of(SHUT), f"/v1/tenants/{SHUT}/delegation"
    read = await door.ask(admin, "GET", path)
    headers = {"If-Match": read.header(b"ETag") or ""}
    done = await door.ask(admin, "PATCH", path, body={"level": "none"}, headers=headers)
    assert done.status == 200, done.body  # noqa: PLR2004 else the walk proves nothing


async def learn(door: Door, marks: Marks, cast: Cast, operations: list[Operation]) -> None:
    """Find out the ids of what can be named, as those who may see it."""
    lists = {operation.collection: operation for operation in operations if operation.things}
    known = {operation.template for operation in operations if operation.method == "GET"}
    for collection, operation in sorted(lists.items()):
        if collection not in known:
            continue
        for owner in _owners(operation):
            path = collection.replace(f"{{{operation.place}}}", owner)
            answer = await door.ask(cast.head_of(owner), "GET", path)
            found = orjson.loads(answer.body) if answer.status < 300 else {}  # noqa: PLR2004
            items = [one for one in _items(found) if "id" in one]
            cast.things[collection, owner] = [one["id"] for one in items]
            if operation.place == "tid" and "access-requests" not in collection:  # of both sides
                is_licence = collection.endswith("/licences")
                mark = marks.outer[owner] if is_licence else marks.inner[owner]
                hidden = [one["id"] for one in items if not _is_known_outside(one)]
                marks.ids.update(dict.fromkeys(hidden, mark))


def _owners(operation: Operation) -> Iterable[str]:
    if operation.template.startswith("/v1/vendor/"):
        return (VENDOR,)
    if operation.place == "tid":
        return TENANTS
    return RESELLERS if operation.place == "rid" else (VENDOR, *RESELLERS, *TENANTS)


def _is_known_outside(item: dict[str, Any]) -> bool:
    """Whoever decides about the reseller is named to it in its activity, by id."""
    return str(item.get("username", "")).startswith(f"{Role.ADMIN}-")


def _items(found: Any) -> list[dict[str, Any]]:
    items = found.get("items", []) if isinstance(found, dict) else found
    return [one for one in items if isinstance(one, dict)]
