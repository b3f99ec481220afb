"""What only the gateway asks: may this organisation enter this place?"""

from datetime import datetime

from pydantic import Field

from services.tenancy.actions.places import find_standing
from services.tenancy.deps import Deps
from shared.access import Relation
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class PlaceQuery(Model):
    org: str = Field(max_length=64, description="Organisation of who asks.")


class PlaceView(Model):
    place: str
    relation: Relation
    reseller_id: str | None
    valid_until: datetime | None


async def find(call: Call[Deps, Nothing, PlaceQuery]) -> Reply[PlaceView]:
    found = await find_standing(call.deps, call.path["place"], call.query.org)
    return Reply(
        PlaceView(
            place=found.place,
            relation=found.relation,
            reseller_id=found.reseller_id,
            valid_until=found.valid_until,
        )
    )
