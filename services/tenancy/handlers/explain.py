"""Why somebody may or may not do something in a place, for the vendor."""

from datetime import datetime

from pydantic import Field

from services.tenancy.actions.explain import explain as explain_access
from services.tenancy.deps import Deps
from shared.access import Permission, Relation
from shared.ids import TypedId, TypedOrg
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class ExplainQuery(Model):
    place: TypedOrg = Field(description="The organisation that it is about.")
    account: TypedId | None = Field(None, description="Whose access; the own one without it.")


class FactView(Model):
    about: str = Field(examples=["licence"])
    says: str
    is_in_favour: bool


class ExplanationView(Model):
    place: str
    relation: Relation | None = Field(description="Null where the place is absent for the account.")
    valid_until: datetime | None
    permissions: list[Permission] = Field(description="What the account may do there now.")
    facts: list[FactView] = Field(description="What the decision rests on.")


async def explain(call: Call[Deps, Nothing, ExplainQuery]) -> Reply[ExplanationView]:
    """Explain why an account may or may not do something in a place."""
    account = call.query.account or call.caller.subject
    found = await explain_access(call.deps, call.query.place, account, by_org=call.caller.org)
    return Reply(
        ExplanationView(
            place=found.standing.place,
            relation=found.standing.relation,
            valid_until=found.standing.valid_until,
            permissions=sorted(found.permissions),
            facts=[
                FactView(about=fact.about, says=fact.says, is_in_favour=fact.is_in_favour)
                for fact in found.facts
            ],
        )
    )
