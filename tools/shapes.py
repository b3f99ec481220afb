"""The schemas of the OpenAPI document as what a table of the reference shows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

Json = dict[str, Any]
_REF: Final = "#/components/schemas/"
_OR: Final = Markup(" or ")
_LIMITS: Final = {
    "format": "format",
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "shortest",
    "maxLength": "longest",
    "pattern": "pattern",
    "default": "default",
}


@dataclass(frozen=True)
class Field:
    name: str
    type: Markup
    is_required: bool
    description: Markup
    limits: Markup


@dataclass(frozen=True)
class Shape:
    """One object with its fields, or one simple type with its values."""

    title: Markup
    description: Markup
    fields: tuple[Field, ...]

    @property
    def pairs(self) -> tuple[tuple[str, Field], ...]:
        """As rows of a table; a field, other than a parameter, has no place to be in."""
        return tuple(("", field) for field in self.fields)


def by_name(schemas: Json) -> list[str]:
    return sorted(schemas, key=lambda name: (_short(name).lower(), name))


def shapes(schema: Json | None, schemas: Json) -> Iterator[Shape]:
    """What a body may look like: one shape, or one after the other where there is a choice."""
    if schema is None:
        return
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        found = schemas[name]
        if "anyOf" in found:
            yield from shapes(found, schemas)
        elif found.get("properties") or found.get("type") != "object":
            yield shape(name, found)
    else:
        for choice in schema.get("anyOf", ()):
            yield from shapes(choice, schemas)


def shape(name: str, schema: Json) -> Shape:
    required = schema.get("required", ())
    found = [
        field(key, told, is_required=key in required)
        for key, told in schema.get("properties", {}).items()
    ]
    if not found and schema.get("type") != "object":
        found = [field("", {**schema, "description": ""}, is_required=True)]
    return Shape(_link(name), prose(schema.get("description", "")), tuple(found))


def field(name: str, schema: Json, *, is_required: bool) -> Field:
    return Field(
        name=name,
        type=_type(schema),
        is_required=is_required,
        description=prose(schema.get("description", "")),
        limits=_limits(schema),
    )


def _type(schema: Json) -> Markup:
    """The type in words, with links to what it refers to."""
    if "$ref" in schema:
        return _link(schema["$ref"].removeprefix(_REF))
    if choices := schema.get("anyOf", schema.get("oneOf")):
        return _OR.join(map(_type, choices))
    if values := [schema["const"]] if "const" in schema else schema.get("enum"):
        return _OR.join(map(_code, values))
    return _simple_type(schema)


def _simple_type(schema: Json) -> Markup:
    if schema.get("type") == "array":
        return Markup("list of {}").format(_type(schema.get("items", {})))
    if isinstance(schema.get("additionalProperties"), dict):
        return Markup("object with values of {}").format(_type(schema["additionalProperties"]))
    if "properties" in schema:
        inner = [
            Markup("{} {}").format(_code(name), _type(told))
            for name, told in schema["properties"].items()
        ]
        return Markup("object of {}").format(Markup(", ").join(inner))
    return escape(schema.get("type", "any"))


def _limits(schema: Json) -> Markup:
    """What narrows the type: lengths, bounds, patterns, the default, an example."""
    found = [
        Markup("{} {}").format(word, _code(schema[key]))
        for key, word in _LIMITS.items()
        if key in schema and not (key == "default" and (schema[key] is None or "const" in schema))
    ]
    for choice in schema.get("anyOf", ()):
        narrowed = _limits(choice)
        found += [narrowed] if narrowed else []
    found += [Markup("for example {}").format(_code(given)) for given in schema.get("examples", ())]
    return Markup(", ").join(found)


def _code(value: Any) -> Markup:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Markup("<code>{}</code>").format(shown)


def prose(text: str) -> Markup:
    """One paragraph; what stands between backticks is code."""
    parts = " ".join(text.split()).split("`")
    return Markup().join(
        _code(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _short(name: str) -> str:
    return name.rpartition("__")[2].removesuffix("-Input").removesuffix("-Output")


def anchor(name: str) -> str:
    return f"schema-{name}"


def _link(name: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(anchor(name), _short(name))
