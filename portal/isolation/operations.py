"""What can be asked of the portal, read from its OpenAPI document, and bodies to ask it with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]
METHODS: Final = ("get", "post", "put", "patch", "delete")
PLACES: Final = ("tid", "rid")
_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_BY_NAME: Final[dict[str, Any]] = {
    "name": "Walker",
    "username": "walker",
    "email": "walker@walk.example",
    "reason": "A walk through everything",
    "product": "mobile-security",
    "seats": 5,
    "term_months": 12,
    "feature": "cyber-defense-cloud",
    "roles": ["reseller-support"],
    "permissions": ["tenant:read"],
    "level": "full",
    "customer": {"tenant_id": "899999.sms"},
    "tenant_id": "899999.sms",
    "reseller_id": "799999.rsp",
    "checks": [{"feature": "cyber-defense-cloud", "device_id": "0" * 32}],
    "platform": "android",
    "message": "To: walker",
}
_BY_FORMAT: Final = {"date-time": "2027-01-01T00:00:00Z", "date": "2027-01-01", "duration": "PT1H"}
_WANTED: Final = ("seats", "term_months")
"""What most models of licences need, though the schema can't say which."""
IDS: Final = (
    "tenant_id",
    "reseller_id",
    "licence_id",
    "device_id",
    "account_id",
    "account",
    "actor",
    "actor_org",
    "customer",
    "place",
    "org",
    "search",
    "address",
)
"""Fields of bodies and queries that name something somewhere, or look for it."""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    template: str
    access: str
    queries: tuple[str, ...]
    required: tuple[str, ...]
    """The queries without which it does nothing."""
    body: Json | None
    is_form: bool
    is_versioned: bool
    is_stream: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(_VARIABLE.findall(self.template))

    @property
    def place(self) -> str | None:
        return next((one for one in self.variables if one in PLACES), None)

    @property
    def things(self) -> tuple[str, ...]:
        """The variables that name something within the place; a product is everybody's."""
        return tuple(one for one in self.variables if one not in (*PLACES, "product"))

    @property
    def collection(self) -> str:
        """The path of the list that the thing is in."""
        return self.template.partition(f"/{{{self.things[0]}}}")[0] if self.things else ""

    def path(self, values: Mapping[str, str]) -> str:
        return _VARIABLE.sub(lambda found: values[found.group(1)], self.template)

    def ids(self) -> list[str]:
        """The fields of query and body that may carry somebody else's id."""
        fields = (self.body or {}).get("properties", {})
        return [one for one in IDS if one in self.queries or one in fields]


def read(document: Json) -> list[Operation]:
    """All operations, reading ones first."""
    found = [
        _operation(method.upper(), path, item[method], document["components"])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    return sorted(found, key=lambda one: METHODS.index(one.method.lower()))


def _operation(method: str, path: str, item: Json, components: Json) -> Operation:
    schemas = components["schemas"]
    parameters = [_parameter(one, components) for one in item.get("parameters", ())]
    content = item.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()))["schema"] if content else None
    return Operation(
        method,
        path,
        item["x-permission"] or item["x-access"],
        tuple(one["name"] for one in parameters if one["in"] == "query"),
        tuple(one["name"] for one in parameters if one["in"] == "query" and one["required"]),
        _resolved(body, schemas) if body is not None else None,
        any("form" in kind for kind in content),
        any(one["name"] == "If-Match" for one in parameters),
        "text/event-stream" in item["responses"].get("200", {}).get("content", {}),
    )


def _parameter(told: Json, components: Json) -> Json:
    """The parameter, also where the document only refers to it."""
    found: Json = components["parameters"].get(told.get("$ref", "").rpartition("/")[2], told)
    return found


def _resolved(schema: Any, schemas: Json) -> Any:
    """The schema with what it refers to in its place; none of ours refers to itself."""
    if isinstance(schema, list):
        return [_resolved(one, schemas) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    return {name: _resolved(one, schemas) for name, one in schema.items()}


def body_of(operation: Operation, given: Mapping[str, Any]) -> Json | None:
    """A body with all required fields and those that are given and fit."""
    if operation.body is None:
        return None
    made, fields = _value(operation.body, ""), operation.body.get("properties", {})
    made |= {name: _BY_NAME[name] for name in _WANTED if name in fields}
    return {**made, **{name: one for name, one in given.items() if name in fields}}


def _value(schema: Json, name: str) -> Any:
    """What the schema or the field's name tells; else something of the right type."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    told = [*schema.get("examples", ()), *schema.get("enum", ())]
    if told:
        return told[0]
    if "anyOf" in schema:
        return _value(schema["anyOf"][0], name)
    return _made(schema)


def _made(schema: Json) -> Any:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {one: _value(fields[one], one) for one in schema.get("required", ())}
        case "array":
            return [_value(schema["items"], "")]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return schema.get("const", _BY_FORMAT.get(schema.get("format", ""), "walker"))
