"""The OpenAPI 3.1 document, made from the services' route tables."""

import inspect
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.access import STEP_UP, Permission
from shared.bodies import FORM_MEDIA
from shared.contracts.events import Service
from shared.etags import IF_MATCH
from shared.idempotency import HEADER
from shared.models import File, Form, Nothing, Text
from shared.problems import PROBLEM_JSON
from shared.routing import OPEN, PATH_PATTERNS, Caller, Route

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{model}"
PATH_VARIABLES: Final = {
    "place": ("The id of an organisation.", "123456.sms"),
    "tid": ("A tenant's id.", "123456.sms"),
    "rid": ("A reseller's id.", "100001.rsp"),
    "lid": ("A licence's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "month": ("A month in Europe/Berlin.", "2026-03"),
    "did": ("A device's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "product": ("A product's id.", "mobile-security"),
    "uid": ("An account's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "id": ("The id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
}
"""What each variable of a path means, with an example; also what tests put into its place."""
_ERRORS: Final = {
    "400": "The request is not well formed.",
    "401": "Not signed in, or the session has ended.",
    "403": "The role does not allow it.",
    "404": "Nothing there, or not for you: one answer.",
    "409": "The present state does not allow it.",
    "422": "Values are not accepted; `errors` says which.",
    "429": "Too many requests; come back after `Retry-After` seconds.",
    "503": "A part is busy or away; come back after `Retry-After` seconds.",
}


_IDEMPOTENCY_KEY: Final[Json] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A value of your own, e.g. a UUID. Within 24 hours the same request under it is "
    "carried out once and answered alike: 409 `request_running` while it runs, 422 "
    "`idempotency_key_reused` for another request.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
_IF_MATCH: Final[Json] = {
    "name": IF_MATCH,
    "in": "header",
    "required": True,
    "description": "The `ETag` of the version that you read: 412 where it has changed since, 428 "
    "without one.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    "example": '"3"',
}
_PRECONDITIONS: Final = {
    "412": "Somebody changed it meanwhile: read it again.",
    "428": "`If-Match` is missing or doesn't name one version.",
}
_BODIES: Final = {
    "408": "The body did not arrive in time.",
    "413": "The body is larger than 64 KiB.",
    "415": "The body is of another media type.",
}
_JSON: Final = "application/json"
_REFUSED_TO_CLIENTS: Final = {
    "400": "The request is not well formed, or asks for more than there is.",
    "401": "Client id or secret is not right.",
    "429": _ERRORS["429"],
    "503": _ERRORS["503"],
}


def document(tables: Mapping[Service, Sequence[Route[Any]]], *, version: str) -> Json:
    """One document over all public operations; what only the gateway may ask is left out."""
    routes = [
        (service, route)
        for service, table in tables.items()
        for route in table
        if route.access is not Caller.GATEWAY
    ]
    schemas, definitions = _schemas([route for _, route in routes])
    paths: dict[str, Json] = {}
    for service, route in sorted(routes, key=lambda pair: (pair[1].path, pair[1].method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(
            service, route, schemas, definitions
        )
    _tell_apart(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mobile Security Portal",
            "version": version,
            "description": "Everything that the portal offers to web clients and integrators. "
            "Errors are problem details (RFC 9457), lists are paged by cursor, times are UTC.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": str(service)} for service in sorted(tables)],
        "paths": paths,
        "components": {
            "schemas": {**definitions, "Problem": _problem_schema()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "client": {"type": "http", "scheme": "basic"},
                "machine": {
                    "type": "oauth2",
                    "description": "API keys are bearer tokens too, without this step.",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "/v1/oauth/token",
                            "scopes": {str(one): f"The permission `{one}`." for one in Permission},
                        }
                    },
                },
            },
        },
    }


def _tell_apart(paths: Mapping[str, Json]) -> None:
    """Where one handler serves several kinds of place, the operation's id says which."""
    operations = [(path, one) for path, item in paths.items() for one in item.values()]
    counts = Counter(operation["operationId"] for _, operation in operations)
    for path, operation in operations:
        if counts[operation["operationId"]] > 1:
            operation["operationId"] += f"_of_{path.split('/')[2]}"


def _schemas(routes: Sequence[Route[Any]]) -> tuple[dict[tuple[Any, str], Json], Json]:
    wanted: set[tuple[type[BaseModel], str]] = set()
    for route in routes:
        wanted |= {(route.body, "validation"), (route.query, "validation")}
        wanted.add((route.answers, "serialization"))
        if route.refuses is not None:
            wanted.add((route.refuses, "serialization"))
    ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1]))
    schemas, definitions = models_json_schema(ordered, ref_template=_REF)  # type: ignore[arg-type]  # modes are literals
    named: Json = definitions.get("$defs", {})
    for kind, _ in ordered:
        _leave_out_null(kind, named.get(kind.__name__, {}))
    return dict(schemas.items()), named


def _leave_out_null(kind: type[BaseModel], schema: Json) -> None:
    """A field that may be left out but not be null (`_must_not_be_null`) has no null to choose."""
    rule = kind.__pydantic_decorators__.field_validators.get("_must_not_be_null")
    for name in rule.info.fields if rule else ():
        told = schema.get("properties", {}).get(name)
        if told is None or "anyOf" not in told:
            continue
        told.pop("default", None)
        choices = [one for one in told.pop("anyOf") if one != {"type": "null"}]
        told.update(choices[0] if len(choices) == 1 else {"anyOf": choices})


def _operation(
    service: Service,
    route: Route[Any],
    schemas: Mapping[tuple[Any, str], Json],
    definitions: Json,
) -> Json:
    summary, description = _told(route)
    name = f"{service}_{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}"
    operation: Json = {
        "operationId": name,
        "summary": summary,
        "tags": [str(service)],
        "x-service": str(service),
        "x-access": str(route.access.value),
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(route, schemas, definitions),
            *_header_parameters(route),
        ],
        "responses": _responses(route, schemas),
    }
    if isinstance(route.access, Permission):
        operation["x-permission"] = str(route.access)
        description = f"{description}\n\nNeeds `{route.access}` in this place.".strip()
    if needs := _step_up(route):
        operation["x-step-up"] = route.step_up or True
        description = f"{description}\n\n{needs}".strip()
    if description:
        operation["description"] = description
    if security := _security(route):
        operation["security"] = security
    if route.method in {"POST", "PATCH", "PUT"}:
        media = FORM_MEDIA if issubclass(route.body, Form) else _JSON
        operation["requestBody"] = {
            "required": route.body is not Nothing
            and any(field.is_required() for field in route.body.model_fields.values()),
            "content": {media: {"schema": schemas[route.body, "validation"]}},
        }
    return operation


def _security(route: Route[Any]) -> list[Json]:
    """What a caller shows; machines get their tokens by OAuth 2.0 and go where permissions lead."""
    if route.access is Caller.CLIENT:
        return [{"client": []}, {}]
    if route.access in OPEN:
        return []
    if isinstance(route.access, Permission):
        return [{"token": []}, {"machine": [str(route.access)]}]
    return [{"token": []}]


def _step_up(route: Route[Any]) -> str | None:
    """What it says of the factor that must have been shown a short while ago (RFC 9470)."""
    if isinstance(route.step_up, tuple):
        what = f"Changing {', '.join(f'`{name}`' for name in route.step_up)} needs"
    elif route.step_up or route.access in STEP_UP:
        what = "Needs"
    else:
        return None
    return (
        f"{what} a second factor shown at most ten minutes ago, else 401 "
        "`insufficient_user_authentication`: show it again at `POST /v1/session/step-up`."
    )


def _told(route: Route[Any]) -> tuple[str, str]:
    """Summary and description: the first line of the handler's docstring, and the rest."""
    told = inspect.getdoc(route.handler)
    if not told:
        name = f"{route.handler.__module__}.{route.handler.__name__}"
        raise ValueError(f"{name} needs a docstring: its first line is the operation's summary.")
    summary, _, rest = told.partition("\n")
    return summary.removesuffix("."), " ".join(rest.split())


def _path_parameters(route: Route[Any]) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_VARIABLES[name][0],
            "schema": {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"},
            "example": PATH_VARIABLES[name][1],
        }
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]


def _query_parameters(
    route: Route[Any], schemas: Mapping[tuple[Any, str], Json], definitions: Json
) -> list[Json]:
    schema = schemas[route.query, "validation"]
    schema = definitions[schema["$ref"].rpartition("/")[2]]
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": of}
        for name, of in schema.get("properties", {}).items()
    ]


def _header_parameters(route: Route[Any]) -> list[Json]:
    keyed = [_IDEMPOTENCY_KEY] if route.keyed else []
    return [*keyed, _IF_MATCH] if route.wants_version else keyed


def _responses(route: Route[Any], schemas: Mapping[tuple[Any, str], Json]) -> Json:
    good: Json = {"description": "Done."}
    if route.status == HTTPStatus.FOUND:
        target = {"description": "Where to go on.", "schema": {"type": "string", "format": "uri"}}
        good["headers"] = {"Location": target}
    elif route.status != HTTPStatus.NO_CONTENT:
        good["content"] = _content(route.answers, schemas[route.answers, "serialization"])
    problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    more = _PRECONDITIONS if route.wants_version else {}
    if route.body is not Nothing:
        more = {**more, **_BODIES}
    refusals = {
        status: {"description": text, "content": problem}
        for status, text in {**_ERRORS, **more}.items()
    }
    if route.refuses is not None:
        schema = schemas[route.refuses, "serialization"]
        refusals = {
            status: {"description": text, "content": {_JSON: {"schema": schema}}}
            for status, text in _REFUSED_TO_CLIENTS.items()
        }
    return {str(route.status): good, **refusals}


def _content(answers: type[BaseModel], schema: Json) -> Json:
    """What an answer holds, by media type; JSON of a file or text is told by its description."""
    if issubclass(answers, File):
        return {media: {"schema": _file_schema(media)} for media in answers.media_types}
    if not issubclass(answers, Text):
        return {_JSON: {"schema": schema}}
    is_json = answers.media_type.endswith("json")
    return {answers.media_type: {"schema": {"type": "object"} if is_json else schema}}


def _file_schema(media: str) -> Json:
    if media.endswith("json"):
        return {"type": "object"}
    return {"type": "string"} if media.startswith("text/") else {}


def _problem_schema() -> Json:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": {"type": "string", "format": "uri"},
            "code": {"type": "string", "description": "Never changes; programs go by it."},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {"pointer": text, "code": text, "detail": text},
                },
            },
        },
    }
