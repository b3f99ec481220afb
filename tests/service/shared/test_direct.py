"""A service that is reached directly: whoever brings no pass for this very place gets nothing."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from shared.access import Permission
from shared.callers import OPEN, Caller
from shared.contracts.events import Service
from shared.ids import VENDOR, VENDOR_PATHS
from shared.keys import sign, signing_keys
from shared.passes import AUDIENCE, ENROLMENT, GATEWAY, ISSUER, PUBLIC, TYPE, Pass, issue
from shared.problems import PROBLEM_JSON
from shared.routing import Route
from tests.service.shared.services import SERVICES, everything_in
from tests.support.operations import filled
from tests.support.service import GATEWAY_KEYS, NOON, Client, a_pass
from tools.docs import tables
from tools.openapi.parameters import PATH_VARIABLES

TENANT, RESELLER = PATH_VARIABLES["tid"][1], PATH_VARIABLES["rid"][1]
_SOON = int(NOON.timestamp()) + 60
TABLES = tables()


@pytest.fixture(params=[name for name in SERVICES if TABLES.get(name)], ids=str)
async def service(request: pytest.FixtureRequest, mongo_url: str) -> AsyncIterator[Client]:
    async with SERVICES[request.param](mongo_url) as client:
        yield client


def routes_of(service: Service) -> Iterator[tuple[Route[Any], str]]:
    for route in TABLES[service]:
        yield route, filled(route.path)


def place_of(route: Route[Any]) -> str:
    if route.access in OPEN:
        return PUBLIC
    if route.access is Caller.GATEWAY:
        return GATEWAY
    if route.path.startswith(VENDOR_PATHS):
        return VENDOR
    return {"tid": TENANT, "rid": RESELLER, None: TENANT}[route.place_param]


def good_for(route: Route[Any], **more: Any) -> Pass:
    """A pass that would open this."""
    return a_pass(place_of(route), *Permission, **{"expires_at": _SOON, **more})


def _claims(route: Route[Any], **other: Any) -> dict[str, Any]:
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "account-1",
        "sid": "session-1",
        "org": place_of(route),
        "place": place_of(route),
        "perms": sorted(Permission),
        "rid": None,
        "exp": _SOON,
        **other,
    }


def bad_passes(route: Route[Any]) -> dict[str, str | None]:
    good, theirs = good_for(route), signing_keys()
    signed = issue(GATEWAY_KEYS, good)
    head, claims, signature = signed.split(".")
    return {
        "none": None,
        "nonsense": "Bearer nonsense",
        "no scheme": signed,
        "another scheme": f"Basic {signed}",
        "no signature": f"Bearer {head}.{claims}.",
        "cut short": f"Bearer {head}.{claims}.{signature[:-4]}",
        "forged": f"Bearer {issue(theirs, good)}",
        "expired": f"Bearer {issue(GATEWAY_KEYS, replace(good, expires_at=_SOON - 120))}",
        "for another place": f"Bearer {issue(GATEWAY_KEYS, replace(good, place='200001.sms'))}",
        "for nowhere": f"Bearer {issue(GATEWAY_KEYS, replace(good, place=''))}",
        "foreign audience": f"Bearer {sign(GATEWAY_KEYS, TYPE, _claims(route, aud='portal'))}",
        "foreign issuer": f"Bearer {sign(GATEWAY_KEYS, TYPE, _claims(route, iss='auth'))}",
        "a client's token": f"Bearer {sign(GATEWAY_KEYS, 'at+jwt', _claims(route))}",
    }


@dataclass(frozen=True)
class Answer:
    status: int
    code: str | None
    """The problem's code, where it is a problem."""


async def ask(client: Client, route: Route[Any], path: str, authorization: str | None) -> Answer:
    headers = {"Authorization": authorization} if authorization else {}
    more: dict[str, Any] = {"json": {}} if route.method in {"POST", "PATCH"} else {}
    async with client.http.request(route.method, path, headers=headers, **more) as response:
        is_problem = response.content_type == PROBLEM_JSON
        code = (await response.json(content_type=None))["code"] if is_problem else None
        return Answer(response.status, code)


async def test_without_a_good_pass_every_operation_is_refused_and_nothing_changes(
    service: Client,
) -> None:
    before = await everything_in(service)

    for route, path in routes_of(service.service):
        for name, authorization in bad_passes(route).items():
            answer = await ask(service, route, path, authorization)
            assert (answer.status, answer.code) == (401, "pass_required"), (name, path)

    assert await everything_in(service) == before
    assert service.published == []


async def test_a_good_pass_gets_further(service: Client) -> None:
    for route, path in routes_of(service.service):
        answer = await ask(service, route, path, f"Bearer {service.signed(good_for(route))}")

        assert answer.code != "pass_required", path


async def test_who_lacks_the_permission_is_refused_and_nothing_changes(service: Client) -> None:
    before = await everything_in(service)
    walked = [pair for pair in routes_of(service.service) if isinstance(pair[0].access, Permission)]

    for route, path in walked:
        others = frozenset(set(Permission) - {route.access})
        lacking = replace(good_for(route), permissions=frozenset(map(str, others)))
        answer = await ask(service, route, path, f"Bearer {service.signed(lacking)}")
        assert (answer.status, answer.code) == (403, "forbidden"), path

    assert await everything_in(service) == before
    assert service.published == []


async def test_a_pass_of_somebody_who_is_still_enrolling_opens_no_operation_of_a_session(
    service: Client,
) -> None:
    before = await everything_in(service)
    walked = [pair for pair in routes_of(service.service) if pair[0].access is Caller.SIGNED_IN]

    for route, path in walked:
        enrolling = good_for(route, session=ENROLMENT)
        answer = await ask(service, route, path, f"Bearer {service.signed(enrolling)}")
        assert (answer.status, answer.code) == (401, "pass_required"), path

    assert await everything_in(service) == before


async def test_the_gateways_own_questions_are_closed_to_every_callers_pass(
    service: Client,
) -> None:
    walked = [pair for pair in routes_of(service.service) if pair[0].access is Caller.GATEWAY]

    for route, path in walked:
        for place in (PUBLIC, TENANT, RESELLER, "vendor"):
            caller = replace(good_for(route), place=place, org=place)
            answer = await ask(service, route, path, f"Bearer {service.signed(caller)}")
            assert (answer.status, answer.code) == (401, "pass_required"), path


async def test_an_expectation_that_nobody_knows_is_refused_and_names_no_software(
    service: Client,
) -> None:
    answer = await service.get("/healthz", as_=None, headers={"Expect": "wonders"})

    assert (answer.status, answer.body["code"]) == (417, "expectation_failed")
    assert answer.headers["Server"] == "portal"


async def test_a_body_that_is_not_coded_as_it_says_is_refused(service: Client) -> None:
    route, path = next(pair for pair in routes_of(service.service) if pair[0].method == "POST")
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    answer = await service.post(path, as_=good_for(route), headers=packed, data=b"{}")

    assert (answer.status, answer.body["code"]) == (400, "body_broken")
    assert service.published == []
