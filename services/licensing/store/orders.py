"""The collection of licence orders."""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

from services.licensing.domain.orders import Order, OrderStatus, OrderStep, Terms
from services.licensing.domain.products import LicenceModel
from shared.contracts.sync import IdRange
from shared.drift import PORTION, in_range
from shared.mongo.collection import Collection, Index, Session
from shared.newest import NEWEST, Position, older_than
from shared.sweeps import all_but


class Orders:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("reseller_id", "-created_at", "-_id"),
            Index("reseller_id", "tenant_id", "-created_at", "-_id"),
            Index("created_at", where={"status": OrderStatus.PLACED.value}),
        )

    async def get(
        self, reseller_id: str, order_id: str, session: Session | None = None
    ) -> Order | None:
        where = {"_id": order_id, "reseller_id": reseller_id}
        row = await self._rows.find_one(where, session)
        return _order(row) if row else None

    async def stale(
        self, placed_before: datetime, limit: int, but: AbstractSet[str]
    ) -> list[Order]:
        """Orders that have waited since before this instant, the oldest first, but for these."""
        waiting = {"status": OrderStatus.PLACED.value, "created_at": {"$lte": placed_before}}
        where = {**waiting, **all_but(but)}
        rows = await self._rows.find(where, sort=[("created_at", 1)], limit=limit)
        return [_order(row) for row in rows]

    async def is_taken(self, order_id: str, session: Session) -> bool:
        """Whether anybody has an order of this id."""
        return await self._rows.find_one({"_id": order_id}, session) is not None

    async def newest(
        self,
        reseller_id: str,
        after: Position | None,
        limit: int,
        only: frozenset[str] | None = None,
    ) -> list[Order]:
        """Orders of this reseller, `only` those for these tenants."""
        where: dict[str, Any] = {"reseller_id": reseller_id, **older_than(after)}
        if only is not None:
            where["tenant_id"] = {"$in": sorted(only)}
        return [_order(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]

    async def portions_of(
        self, reseller_id: str, within: IdRange, session: Session
    ) -> AsyncIterator[list[Order]]:
        """All orders of this reseller in the range, as they are in this act."""
        where = {"reseller_id": reseller_id, **in_range(within)}
        async for rows in self._rows.portions(where, size=PORTION, session=session):
            yield [_order(row) for row in rows]

    async def add(self, order: Order, session: Session) -> None:
        await self._rows.insert(_row(order), session=session)

    async def save(self, order: Order, *, was: int, session: Session) -> bool:
        """Replace the order where its version is still the one that was read."""
        where = {"_id": order.id, "reseller_id": order.reseller_id, "version": was}
        return await self._rows.replace(where, _row(order), session=session)


def _row(order: Order) -> dict[str, Any]:
    terms = order.terms
    return {
        "_id": order.id,
        "reseller_id": order.reseller_id,
        "product": terms.product,
        "model": terms.model.value,
        "seats": terms.seats,
        "term_months": terms.term_months,
        "co_term": terms.co_term,
        "starts_on": terms.starts_on.isoformat() if terms.starts_on else None,
        "order_number": terms.order_number,
        "status": order.status.value,
        "tenant_id": order.tenant_id,
        "licence_id": order.licence_id,
        "reason": order.reason,
        "steps": [{"step": step.value, "at": at} for step, at in order.steps],
        "drawn": order.drawn,
        "created_at": order.placed_at,
        "version": order.version,
    }


def _order(row: dict[str, Any]) -> Order:
    return Order(
        id=row["_id"],
        reseller_id=row["reseller_id"],
        terms=_terms(row),
        status=OrderStatus(row["status"]),
        tenant_id=row["tenant_id"],
        licence_id=row["licence_id"],
        reason=row["reason"],
        steps=tuple((OrderStep(each["step"]), each["at"]) for each in row["steps"]),
        drawn=row["drawn"],
        placed_at=row["created_at"],
        version=row["version"],
    )


def _terms(row: dict[str, Any]) -> Terms:
    return Terms(
        product=row["product"],
        model=LicenceModel(row["model"]),
        seats=row["seats"],
        term_months=row["term_months"],
        co_term=row["co_term"],
        starts_on=date.fromisoformat(row["starts_on"]) if row["starts_on"] else None,
        order_number=row["order_number"],
    )
