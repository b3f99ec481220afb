"""Example values made from a schema, where its own examples, constants and defaults say enough."""

from typing import Any, Final

Json = dict[str, Any]
MISSING: Final = object()
"""What stands for an example that would have to be invented."""

_REF: Final = "#/components/schemas/"
_BY_FORMAT: Final = {
    "date-time": "2026-03-10T12:00:00Z",
    "date": "2026-03-10",
}
_BY_NAME: Final = {
    "new_password": "a long one that only you know",
    "old_password": "the one that you have now",
    "password": "what only you know",
}


def sample(schema: Json, schemas: Json, name: str = "") -> Any:
    """A value that fits, or MISSING where one would have to be invented."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].removeprefix(_REF)], schemas, name)
    told = _told(schema)
    if told is not MISSING:
        return told
    if "anyOf" in schema:
        found = (sample(choice, schemas, name) for choice in schema["anyOf"])
        return next((value for value in found if value is not MISSING), MISSING)
    if schema.get("type") == "array":
        item = sample(schema.get("items", {}), schemas, name)
        return MISSING if item is MISSING else [item]
    return _made(schema, schemas, name)


def _told(schema: Json) -> Any:
    """What the schema itself names."""
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    return MISSING


def _made(schema: Json, schemas: Json, name: str) -> Any:
    """Of an object the fields that have an example, but never without a required field."""
    if schema.get("type") != "object":
        return _BY_FORMAT.get(schema.get("format", ""), _BY_NAME.get(name, MISSING))
    found = {}
    for field, told in schema.get("properties", {}).items():
        value = sample(told, schemas, field)
        if value is not MISSING:
            found[field] = value
        elif field in schema.get("required", ()):
            return MISSING
    return found or MISSING
