"""The OpenAPI 3.1 document, made from the services' route tables."""

import inspect
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.access import Permission
from shared.contracts.events import Service
from shared.web import PATH_PATTERNS, PROBLEM_JSON, Caller, Nothing, Route

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{model}"
_OPEN: Final = {Caller.ANYBODY, Caller.ANYBODY_OR_SIGNED_IN}
_PARAMETERS: Final = {
    "tid": ("A tenant's id.", "123456.sms"),
    "rid": ("A reseller's id.", "100001.rsp"),
    "lid": ("A licence's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "uid": ("An account's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "id": ("The id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
}
_ERRORS: Final = {
    "400": "The request is not well formed.",
    "401": "Not signed in, or the session has ended.",
    "403": "The role does not allow it.",
    "404": "Nothing there, or not for you: one answer.",
    "409": "The present state does not allow it.",
    "422": "Values are not accepted; `errors` says which.",
    "503": "A part is busy or away; come back after `Retry-After` seconds.",
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
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _schemas(routes: Sequence[Route[Any]]) -> tuple[dict[tuple[Any, str], Json], Json]:
    wanted: set[tuple[type[BaseModel], str]] = set()
    for route in routes:
        wanted |= {(route.body, "validation"), (route.query, "validation")}
        wanted.add((route.answers, "serialization"))
    ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1]))
    schemas, definitions = models_json_schema(ordered, ref_template=_REF)  # type: ignore[arg-type]  # modes are literals
    return dict(schemas.items()), definitions.get("$defs", {})


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
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas, definitions)],
        "responses": _responses(route, schemas),
    }
    if isinstance(route.access, Permission):
        description = f"{description}\n\nNeeds `{route.access}` in this place.".strip()
    if description:
        operation["description"] = description
    if route.access not in _OPEN:
        operation["security"] = [{"token": []}]
    if route.method in {"POST", "PATCH", "PUT"}:
        operation["requestBody"] = {
            "required": route.body is not Nothing
            and any(field.is_required() for field in route.body.model_fields.values()),
            "content": {"application/json": {"schema": schemas[route.body, "validation"]}},
        }
    return operation


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
            "description": _PARAMETERS[name][0],
            "schema": {"type": "string", "pattern": f"^{PATH_PATTERNS[name]}$"},
            "example": _PARAMETERS[name][1],
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


def _responses(route: Route[Any], schemas: Mapping[tuple[Any, str], Json]) -> Json:
    good: Json = {"description": "Done."}
    if route.status != HTTPStatus.NO_CONTENT:
        schema = schemas[route.answers, "serialization"]
        good["content"] = {"application/json": {"schema": schema}}
    problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {
        status: {"description": text, "content": problem} for status, text in _ERRORS.items()
    }
    return {str(route.status): good, **refusals}


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
