"""The OpenAPI 3.1 document, made from the services' route tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.access import Permission
from shared.callers import ACCESS_WORDS, Caller
from shared.contracts.events import Service
from shared.routing import Route
from tools.openapi.examples import examples_in
from tools.openapi.links import link
from tools.openapi.operations import operation
from tools.openapi.parameters import parameters
from tools.openapi.problems import examples as problems
from tools.openapi.problems import problem_schema, refusals
from tools.openapi.schemas import schemas_of

Json = dict[str, Any]
TITLES: Final = {
    Service.AUTH: "Signing in and the own account",
    Service.LICENSING: "Products, licences and orders",
    Service.MAILER: "Mails",
    Service.TENANCY: "Resellers, customers and tenants",
}
_ABOUT: Final = (
    "Everything that the portal offers to web clients and integrators. Errors are problem details "
    "(RFC 9457), lists are paged by cursor, times are UTC. No id needs percent-encoding: a path "
    "with anything to decode in it is 400 `malformed_path`. Of every operation `x-access` says who "
    "may call it, in one of the words of `x-access-words`, and `x-permission` names the permission "
    "that it needs, null where none would help."
)


def document(tables: Mapping[Service, Sequence[Route[Any]]], *, version: str) -> Json:
    """One document over all public operations; what only the gateway may ask is left out."""
    routes = [
        (service, route)
        for service, table in tables.items()
        for route in table
        if route.access is not Caller.GATEWAY
    ]
    schemas = schemas_of([route for _, route in routes])
    paths: dict[str, Json] = {}
    for service, route in sorted(routes, key=lambda pair: (pair[1].path, pair[1].method)):
        paths.setdefault(route.path, {})[route.method.lower()] = operation(service, route, schemas)
    _tell_apart(paths)
    link(paths, schemas.by_name)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mobile Security Portal",
            "version": version,
            "description": _ABOUT,
        },
        "servers": [{"url": "/"}],
        "x-access-words": {str(word): told for word, told in ACCESS_WORDS.items()},
        "tags": [{"name": str(name), "description": TITLES[name]} for name in sorted(tables)],
        "paths": paths,
        "components": {
            "schemas": {**schemas.used_in(paths), "Problem": problem_schema()},
            "parameters": parameters(paths),
            "responses": refusals(tables),
            "examples": {**examples_in(paths, schemas.by_name), **problems()},
            "securitySchemes": _security_schemes(),
        },
    }


def _security_schemes() -> Json:
    scopes = {str(one): f"The permission `{one}`." for one in Permission}
    return {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "client": {"type": "http", "scheme": "basic"},
        "machine": {
            "type": "oauth2",
            "description": "API keys are bearer tokens too, without this step.",
            "flows": {"clientCredentials": {"tokenUrl": "/v1/oauth/token", "scopes": scopes}},
        },
    }


def _tell_apart(paths: Mapping[str, Json]) -> None:
    """Where one handler serves several kinds of place, the operation's id says which."""
    operations = [(path, one) for path, item in paths.items() for one in item.values()]
    counts = Counter(told["operationId"] for _, told in operations)
    for path, told in operations:
        if counts[told["operationId"]] > 1:
            told["operationId"] += f"_of_{path.split('/')[2]}"
