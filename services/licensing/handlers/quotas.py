"""Quotas: how many seats of each product the vendor lets a reseller have out."""

from typing import Annotated

from pydantic import Field

from services.licensing.actions.quotas import list_quotas, read_quota, set_quota
from services.licensing.deps import Deps
from services.licensing.domain.quotas import Quota
from shared.etags import etag, expected_version
from shared.formats import AsWhole
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class QuotaBody(Model):
    seats: Annotated[int, Field(ge=0, le=10_000_000, strict=True), AsWhole] | None = Field(
        description="null where nothing shall limit the reseller."
    )


class QuotaView(Model):
    product: str
    seats: int | None
    drawn: int


class QuotasView(Model):
    items: list[QuotaView]


async def list_all(call: Call[Deps, Nothing, Nothing]) -> Reply[QuotasView]:
    """List the reseller's quotas; a product without one is not limited."""
    found = await list_quotas(call.deps, call.path["rid"])
    return Reply(QuotasView(items=list(map(_view, found))))


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[QuotaView]:
    """Read the reseller's quota of a product."""
    quota = await read_quota(call.deps, call.path["rid"], call.path["product"])
    return Reply(_view(quota), headers=etag(quota.version))


async def put(call: Call[Deps, QuotaBody, Nothing]) -> Reply[QuotaView]:
    """Hand a reseller so many seats of a product, never fewer than are out."""
    was = expected_version(call.header("If-Match"))
    rid, product = call.path["rid"], call.path["product"]
    quota = await set_quota(call.deps, rid, product, call.body.seats, was=was)
    return Reply(_view(quota), headers=etag(quota.version))


def _view(quota: Quota) -> QuotaView:
    return QuotaView(product=quota.product, seats=quota.seats, drawn=quota.drawn)
