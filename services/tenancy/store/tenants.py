"""The collection of tenants."""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from services.tenancy.domain.customers import CustomerFilter, coverage
from services.tenancy.domain.licences import HeldLicence
from services.tenancy.domain.tenants import Tenant, TenantStatus
from services.tenancy.store.customers import conditions, hint_of, indexes, listed, sort_of
from shared.contracts.licensing import LicenceTimeline
from shared.contracts.sync import IdRange
from shared.contracts.tenancy import PostalAddress
from shared.drift import PORTION, in_range
from shared.folding import folded
from shared.mongo.collection import Collection, Index, Session
from shared.sweeps import all_but


class Tenants:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(
            *indexes(),
            Index("order_id", unique=True, where={"order_id": {"$type": "string"}}),
            Index("own_of", unique=True, where={"own_of": {"$gt": ""}}),
            Index("delete_at", where={"delete_at": {"$type": "date"}}),
        )

    async def get(self, tenant_id: str, session: Session | None = None) -> Tenant | None:
        row = await self._rows.find_one({"_id": tenant_id}, session)
        return _tenant(row) if row else None

    async def has_own(self, reseller_id: str, session: Session | None = None) -> bool:
        """Whether the reseller has a tenant of its own."""
        return await self._rows.find_one({"own_of": reseller_id}, session) is not None

    async def due_for_deletion(self, now: datetime, but: AbstractSet[str]) -> Tenant | None:
        """A tenant whose time is over, the longest one first; none of these."""
        where = {"delete_at": {"$type": "date", "$lte": now}, **all_but(but)}
        rows = await self._rows.find(where, sort=[("delete_at", 1)], limit=1)
        return _tenant(rows[0]) if rows else None

    async def customers_of(
        self, reseller_id: str, which: CustomerFilter, limit: int
    ) -> list[Tenant]:
        """The tenants of this reseller, whatever their licence, and no others."""
        where, sort = conditions(reseller_id, which), sort_of(which.order)
        rows = await self._rows.find(where, sort=sort, limit=limit, hint=hint_of(which))
        return [_tenant(row) for row in rows]

    async def of_reseller(
        self, reseller_id: str, tenant_ids: frozenset[str], session: Session | None = None
    ) -> frozenset[str]:
        """Those of these that are customers of this reseller."""
        where = {
            "_id": {"$in": sorted(tenant_ids)},
            "reseller_id": reseller_id,
            "status": {"$ne": TenantStatus.DELETED.value},
        }
        return frozenset(row["_id"] for row in await self._rows.find(where, session=session))

    async def resellers_of(
        self, tenant_ids: frozenset[str], session: Session | None = None
    ) -> dict[str, str]:
        """Whose customers these are, of those that are tenants."""
        rows = await self._rows.find({"_id": {"$in": sorted(tenant_ids)}}, session=session)
        return {row["_id"]: row["reseller_id"] for row in rows}

    async def passed_on(self, now: datetime, limit: int, but: AbstractSet[str]) -> list[Tenant]:
        """Tenants of which a licence has passed to another state since that was last looked at, but
        for these.
        """
        where = {"state_until": {"$type": "date", "$lte": now}, **all_but(but)}
        rows = await self._rows.find(where, sort=[("state_until", 1)], limit=limit)
        return [_tenant(row) for row in rows]

    async def renew(self, tenant: Tenant, now: datetime) -> None:
        """Work out anew what its lists show, unless it has changed, which does so too."""
        where = {"_id": tenant.id, "version": tenant.version}
        kept = {name: listed(tenant, now)[name] for name in ("list_state", "state_until")}
        await self._rows.update(where, {"$set": kept})

    async def count_users(self, tenant: Tenant, session: Session) -> None:
        """Keep how many people it has; nothing that anybody edits, so the version stays."""
        counts = {
            "users": tenant.users,
            "users_with_factor": tenant.users_with_factor,
            "coverage": coverage(tenant.users, tenant.users_with_factor).value,
        }
        await self._rows.update({"_id": tenant.id}, {"$set": counts}, session=session)

    async def portions_of(
        self, reseller_id: str, within: IdRange, session: Session
    ) -> AsyncIterator[list[Tenant]]:
        """All tenants of this reseller in the range, as they are in this act."""
        where = {
            "reseller_id": reseller_id,
            "status": {"$ne": TenantStatus.DELETED.value},
            **in_range(within),
        }
        async for rows in self._rows.portions(where, size=PORTION, session=session):
            yield [_tenant(row) for row in rows]

    async def add(self, tenant: Tenant, now: datetime, session: Session) -> None:
        """Keep a new one; DuplicateKeyError where there is one of this id or for this order."""
        await self._rows.insert(row_of(tenant, now), session=session)

    async def save(self, tenant: Tenant, *, was: int, now: datetime, session: Session) -> bool:
        """Replace the tenant where its version is still the one that was read."""
        where = {"_id": tenant.id, "version": was}
        return await self._rows.replace(where, row_of(tenant, now), session=session)


def row_of(tenant: Tenant, now: datetime) -> dict[str, Any]:
    return {
        "_id": tenant.id,
        "name": tenant.name,
        "folded_name": folded(tenant.name),
        "reseller_id": tenant.reseller_id,
        "reseller_number": tenant.reseller_number,
        "aliases": list(tenant.aliases),
        "email_domains": list(tenant.email_domains),
        "address": tenant.address.model_dump(),
        "status": tenant.status.value,
        "status_before": tenant.status_before and tenant.status_before.value,
        "delete_at": tenant.delete_at,
        "locale": tenant.locale,
        "sandbox": tenant.sandbox,
        "own_of": tenant.reseller_id if tenant.is_own else None,
        "order_id": tenant.order_id,
        "licences": [_licence_row(held) for held in tenant.licences],
        "users": tenant.users,
        "users_with_factor": tenant.users_with_factor,
        "version": tenant.version,
        "created_at": tenant.created_at,
        **listed(tenant, now),
    }


def _licence_row(held: HeldLicence) -> dict[str, Any]:
    return {
        "licence_id": held.licence_id,
        "product": held.product,
        "seats": held.seats,
        "ends_on": held.ends_on.isoformat() if held.ends_on else None,
        "timeline": held.timeline.model_dump(),
        "sequence": held.sequence,
        "is_gone": held.is_gone,
    }


def _tenant(row: dict[str, Any]) -> Tenant:
    before = row.get("status_before")
    return Tenant(
        id=row["_id"],
        name=row["name"],
        reseller_id=row["reseller_id"],
        reseller_number=row["reseller_number"],
        aliases=tuple(row.get("aliases", ())),
        email_domains=tuple(row.get("email_domains", ())),
        address=PostalAddress(**row.get("address", {})),
        status=TenantStatus(row["status"]),
        status_before=TenantStatus(before) if before else None,
        delete_at=row.get("delete_at"),
        locale=row["locale"],
        sandbox=row.get("sandbox", False),
        is_own=row.get("own_of") is not None,
        order_id=row["order_id"],
        licences=tuple(map(_licence, row["licences"])),
        users=row.get("users", 0),
        users_with_factor=row.get("users_with_factor", 0),
        version=row["version"],
        created_at=row["created_at"],
    )


def _licence(row: dict[str, Any]) -> HeldLicence:
    return HeldLicence(
        licence_id=row["licence_id"],
        product=row["product"],
        seats=row["seats"],
        ends_on=date.fromisoformat(row["ends_on"]) if row["ends_on"] else None,
        timeline=LicenceTimeline(**row["timeline"]),
        sequence=row["sequence"],
        is_gone=row["is_gone"],
    )
