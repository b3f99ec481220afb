"""What only the gateway asks: may somebody enter this place, and do what at most?"""

from datetime import datetime

from pydantic import Field

from services.tenancy.actions.places import Asker, find_standing
from services.tenancy.deps import Deps
from shared.access import Permission, Relation, Role
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class PlaceQuery(Model):
    org: str = Field(max_length=64, description="Organisation of who asks.")
    account: str | None = Field(None, max_length=64, description="Who asks.")
    session: str | None = Field(None, max_length=64, description="And in which session.")


class PlaceView(Model):
    place: str
    relation: Relation
    reseller_id: str | None
    valid_until: datetime | None
    permissions: list[Permission] | None = Field(
        description="The most that anybody of that organisation may do; null leaves it to roles."
    )
    outside: list[Role] = Field(description="Roles that stay outside until they enter.")


async def find(call: Call[Deps, Nothing, PlaceQuery]) -> Reply[PlaceView]:
    query = call.query
    asker = Asker(query.org, query.account, query.session)
    found, relation = await find_standing(call.deps, call.path["place"], asker)
    return Reply(
        PlaceView(
            place=found.place,
            relation=relation,
            reseller_id=found.reseller_id,
            valid_until=found.valid_until,
            permissions=None if found.cap is None else sorted(found.cap),
            outside=sorted(found.outside),
        )
    )
