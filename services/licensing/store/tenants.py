"""Which tenant is whose customer, as far as licensing has heard from tenancy."""

from datetime import timedelta

from services.licensing.domain.sandbox import SandboxClock
from services.licensing.domain.statements import Customer
from shared.contracts.tenancy import TenantCreated, TenantEdited
from shared.mongo.collection import Collection, Session


class Tenants:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def hold(self, reseller_id: str, tenant_id: str, session: Session) -> bool:
        """Whether it is this reseller's customer, which it then is until the act is over: one that
        gives it to another reseller or deletes it is run again and sees what this one did.
        """
        where = {"_id": tenant_id, "reseller_id": reseller_id, "is_deleted": {"$ne": True}}
        return await self._rows.update(where, {"$inc": {"turns": 1}}, session=session)

    async def reseller_of(self, tenant_id: str) -> str | None:
        row = await self._rows.find_one({"_id": tenant_id})
        return row["reseller_id"] if row else None

    async def name_of(self, tenant_id: str, session: Session) -> str:
        """What people call it; its id where nothing was heard of it yet."""
        row = await self._rows.find_one({"_id": tenant_id}, session)
        return str(row.get("name", tenant_id)) if row else tenant_id

    async def customer(self, tenant_id: str) -> Customer:
        """What is known of whoever a licence is for; the id alone where that is gone."""
        row = await self._rows.find_one({"_id": tenant_id}) or {}
        address = row.get("address", {})
        return Customer(
            id=tenant_id,
            name=row.get("name", tenant_id),
            reseller_number=row.get("reseller_number"),
            address=address.get("street"),
            postcode=address.get("postcode"),
            city=address.get("city"),
            country=address.get("country"),
            is_sandbox=row.get("is_sandbox", False),
        )

    async def reseller_number_of(self, tenant_id: str, session: Session) -> str | None:
        """The reseller's own number for this customer."""
        row = await self._rows.find_one({"_id": tenant_id}, session)
        return row.get("reseller_number") if row else None

    async def note(self, tenant: TenantCreated, session: Session) -> None:
        """Remember a new tenant; where it is known already, what is known is later than this."""
        facts = {
            "reseller_id": tenant.reseller_id,
            "name": tenant.name,
            "reseller_number": tenant.reseller_number,
        }
        await self._rows.update(
            {"_id": tenant.tenant_id},
            {"$setOnInsert": facts, "$set": {"is_sandbox": tenant.sandbox}},  # that never changes
            upsert=True,
            session=session,
        )

    async def edit(self, edited: TenantEdited, sequence: int, session: Session) -> bool:
        """Keep what it is called and where it is, unless something later is known or it is gone;
        False where it is not known at all.
        """
        row = await self._rows.find_one({"_id": edited.tenant_id}, session)
        if row is None:
            return False
        if row.get("edited", 0) < sequence and not row.get("is_deleted"):
            facts = {
                "name": edited.name,
                "reseller_number": edited.reseller_number,
                "address": edited.address.model_dump() if edited.address else {},
                "edited": sequence,
            }
            await self._rows.update({"_id": edited.tenant_id}, {"$set": facts}, session=session)
        return True

    async def assign(
        self, tenant_id: str, reseller_id: str, name: str, sequence: int, session: Session
    ) -> bool:
        """Whose customer it is from now on; False where something later is known."""
        row = await self._rows.find_one({"_id": tenant_id}, session)
        if row is not None and row.get("sequence", 0) >= sequence:
            return False
        facts = {"reseller_id": reseller_id, "name": name, "sequence": sequence}
        change = {"$set": facts, "$unset": {"reseller_number": ""}}
        await self._rows.update({"_id": tenant_id}, change, upsert=True, session=session)
        return True

    async def clock_of(self, tenant_id: str, session: Session | None = None) -> SandboxClock | None:
        """A sandbox's clock; None where the tenant has none of its own."""
        row = await self._rows.find_one({"_id": tenant_id, "is_sandbox": True}, session)
        return SandboxClock(timedelta(seconds=row.get("ahead_seconds", 0))) if row else None

    async def set_clock(self, tenant_id: str, clock: SandboxClock, session: Session) -> None:
        ahead = int(clock.ahead.total_seconds())
        where = {"_id": tenant_id, "is_sandbox": True}
        await self._rows.update(where, {"$set": {"ahead_seconds": ahead}}, session=session)

    async def forget(self, tenant_id: str, session: Session) -> None:
        """Keep no more of it than that it is gone."""
        gone = {
            "$set": {"is_deleted": True},
            "$unset": {"name": "", "address": "", "reseller_number": ""},
        }
        await self._rows.update({"_id": tenant_id}, gone, upsert=True, session=session)
