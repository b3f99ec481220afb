"""An example of every body and answer, made from its schema and a table of values.

Nothing is invented: a field that neither its model nor the table says anything of is an error.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.openapi.problems import PROBLEM
from tools.openapi.schemas import REF
from tools.openapi.values import BY_FORMAT, CHOICES, OF_MODELS, VALUES

Json = dict[str, Any]
_REF: Final = "#/components/examples/"
_REFERRED: Final = re.compile(rf'"{_REF}([^"]+)"')
_NONE: Final = object()


def referred(ref: Json, schemas: Mapping[str, Json]) -> Json:
    """What a media type says of the examples of the model that its schema refers to."""
    return {
        name: {"$ref": f"{_REF}{name}"}
        for name, _ in examples_of(ref["$ref"].removeprefix(REF), schemas)
    }


def examples_in(paths: Json, schemas: Mapping[str, Json]) -> dict[str, Json]:
    """Those that the operations refer to."""
    referred_to = set(_REFERRED.findall(json.dumps(paths)))
    return {
        example: {"value": value}
        for model in sorted({name.partition(".")[0] for name in referred_to} - {PROBLEM})
        for example, value in examples_of(model, schemas)
    }


def examples_of(name: str, schemas: Mapping[str, Json]) -> Iterator[tuple[str, Any]]:
    """With a name each: of a model one, of a choice of models or fields one for each."""
    models = schemas[name].get("anyOf", ())
    for model in models:
        yield from examples_of(model["$ref"].removeprefix(REF), schemas)
    if models:
        return
    choices = CHOICES.get(name, {})
    for choice, left_out in choices.items():
        yield f"{name}.{choice}", _of_model(name, schemas, left_out)
    if not choices:
        yield name, _of_model(name, schemas)


def _of_model(
    name: str, schemas: Mapping[str, Json], left_out: frozenset[str] = frozenset()
) -> Any:
    model = name.rpartition("__")[2]
    if model in OF_MODELS:
        return OF_MODELS[model]
    fields: Json = schemas[name]["properties"]
    return {
        field: _value(told, schemas, model, field)
        for field, told in fields.items()
        if field not in left_out
    }


def _value(told: Json, schemas: Mapping[str, Json], model: str, field: str) -> Any:
    if f"{model}.{field}" in VALUES:
        return VALUES[f"{model}.{field}"]
    choice = next((one for one in told.get("anyOf", ()) if one.get("type") != "null"), told)
    known = _known({**told, **choice}, schemas, field)
    if known is _NONE:
        known = _made(choice, schemas, field)
    if known is _NONE:
        raise LookupError(f"{model}.{field} has no example: give it one in tools/openapi/values.py")
    return known


def _made(told: Json, schemas: Mapping[str, Json], field: str) -> Any:
    """What follows from the type."""
    if "$ref" in told:
        name = told["$ref"].removeprefix(REF)
        return next(value for _, value in examples_of(name, schemas))
    if told.get("type") == "array":
        return [_value(told["items"], schemas, "", field)]
    if told.get("type") == "boolean":
        return False
    return BY_FORMAT.get(told.get("format", ""), _NONE)


def _known(told: Json, schemas: Mapping[str, Json], field: str) -> Any:
    """What the model itself says, or the table does of a field of this name and type."""
    if told.get("examples"):
        return told["examples"][0]
    if "const" in told:
        return told["const"]
    named = schemas[told["$ref"].removeprefix(REF)] if "$ref" in told else told
    value = VALUES.get(field, _NONE)
    if "enum" in named:
        return value if value in named["enum"] else named["enum"][0]
    return value if _fits(value, named) else _NONE


_TYPES: Final = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "object": dict,
    "string": str,
}


def _fits(value: Any, told: Json) -> bool:
    """A name may mean something else in another model: a number here, a word there."""
    kind = _TYPES.get(told.get("type", ""))
    is_of_models = "properties" in told or "$ref" in told.get("items", {})
    return kind is not None and type(value) is kind and not is_of_models
