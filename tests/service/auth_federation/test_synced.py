"""People whom the Reseller Portal's messages have brought, at the Reseller Portal's issuer."""

from services.auth.app import build
from services.auth.domain.accounts import IssuerSubject
from shared.contracts.auth import AuthMessageRejected, AuthMessageTaken
from shared.contracts.tenancy import ResellerCreated
from tests.support.federation import World
from tests.support.issuer import SUBJECT
from tests.support.sync import outcomes, reasons, send

SAID = {
    "reseller_id": "100001.rsp",
    "user_id": SUBJECT,
    "username": "rita",
    "email": "rita@nordlicht.example",
    "display_name": "Rita",
    "initial_roles": ["reseller-sales"],
}


async def test_a_person_is_known_by_the_issuers_subject(world: World) -> None:
    await world.auth.deliver(ResellerCreated(reseller_id="100001.rsp", name="N", locale="de"))

    await send(world.auth, "user.upserted", {**SAID, "user_id": "sub-9", "username": "nils"})
    await send(world.auth, "user.upserted", SAID)

    async with world.auth.acting(build) as deps:
        nils = await deps.accounts.find_elsewhere(world.issuer.url, "sub-9")
        rita = await deps.accounts.get(world.rita)
    assert nils is not None
    assert rita is not None
    assert nils.issuer_subject == IssuerSubject(world.issuer.url, "sub-9")
    assert (rita.email, rita.roles) == ("rita@nordlicht.example", ("reseller-admin",))
    assert await outcomes(world.auth, AuthMessageTaken) == ["applied", "applied"]


async def test_no_other_company_takes_over_who_is_known_already(world: World) -> None:
    await world.auth.deliver(ResellerCreated(reseller_id="100002.rsp", name="S", locale="de"))

    await send(world.auth, "user.upserted", {**SAID, "reseller_id": "100002.rsp"})

    assert await reasons(world.auth, AuthMessageRejected) == ["not_yours"]
