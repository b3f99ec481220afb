"""Which of a reseller's customers there are for one of its staff."""

from pydantic import Field

from services.tenancy.actions import customer_limits
from services.tenancy.deps import Deps
from services.tenancy.domain.customer_limits import AT_MOST, CustomerLimit
from shared.etags import etag, expected_version
from shared.ids import TypedOrg
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class LimitBody(Model):
    customers: list[TypedOrg] | None = Field(
        max_length=AT_MOST,
        description="All others are as absent for this account as another reseller's. "
        "Null for all customers, also those to come.",
    )


class LimitView(Model):
    customers: list[str] | None = Field(description="Null for all customers.")


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[LimitView]:
    """Read to which customers somebody of the staff is limited."""
    return _answer(await customer_limits.read_limit(call.deps, call.path["rid"], call.path["uid"]))


async def change(call: Call[Deps, LimitBody, Nothing]) -> Reply[LimitView]:
    """Limit somebody of the staff to some customers, or to none any more.

    Administrators and API keys see all customers. Who is limited takes on no new customers.
    """
    wanted = call.body.customers
    changed = await customer_limits.limit_staff(
        call.deps,
        call.path["rid"],
        call.path["uid"],
        None if wanted is None else frozenset(wanted),
        was=expected_version(call.header("If-Match")),
    )
    return _answer(changed)


def _answer(found: CustomerLimit) -> Reply[LimitView]:
    customers = None if found.customers is None else sorted(found.customers)
    return Reply(LimitView(customers=customers), headers=etag(found.version))
