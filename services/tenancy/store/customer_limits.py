"""The collection of limits: which of a reseller's customers there are for one of its staff."""

from services.tenancy.domain.customer_limits import CustomerLimit
from shared.mongo.collection import Session
from shared.mongo.database import Mongo


class CustomerLimits:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("customer_limits")

    async def get(self, account_id: str, session: Session | None = None) -> CustomerLimit:
        row = await self._rows.find_one({"_id": account_id}, session)
        if row is None:
            return CustomerLimit(account_id)
        return CustomerLimit(
            account_id,
            None if row["customers"] is None else frozenset(row["customers"]),
            is_lifted=row["is_lifted"],
            version=row["version"],
        )

    async def save(self, limit: CustomerLimit, session: Session) -> None:
        row = {
            "_id": limit.account_id,
            "customers": None if limit.customers is None else sorted(limit.customers),
            "is_lifted": limit.is_lifted,
            "version": limit.version,
        }
        await self._rows.replace({"_id": row["_id"]}, row, upsert=True, session=session)
