"""The schemas of bodies, queries and answers, made from their models."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.routing import Route

Json = dict[str, Any]
REF: Final = "#/components/schemas/"
_REFERRED: Final = re.compile(rf'"{REF}([^"]+)"')


@dataclass(frozen=True)
class Schemas:
    """By model and direction, and all that they refer to by name."""

    refs: Mapping[tuple[Any, str], Json]
    by_name: Mapping[str, Json]

    def taken(self, kind: type[BaseModel]) -> Json:
        return self.refs[kind, "validation"]

    def given(self, kind: type[BaseModel]) -> Json:
        return self.refs[kind, "serialization"]

    def of_query(self, kind: type[BaseModel]) -> Json:
        return self.by_name[name_of(self.taken(kind))]

    def used_in(self, told: Json) -> Json:
        """Those that the document needs; a query's fields are parameters instead."""
        wanted, found = set(_REFERRED.findall(json.dumps(told))), set[str]()
        while wanted:
            found |= wanted
            needed = json.dumps([self.by_name[name] for name in wanted if name in self.by_name])
            wanted = set(_REFERRED.findall(needed)) - found
        return {name: schema for name, schema in self.by_name.items() if name in found}


def name_of(ref: Mapping[str, Any]) -> str:
    return str(ref["$ref"]).removeprefix(REF)


def schemas_of(routes: Sequence[Route[Any]]) -> Schemas:
    wanted: set[tuple[type[BaseModel], str]] = set()
    for route in routes:
        wanted |= {(route.body, "validation"), (route.query, "validation")}
        wanted.add((route.answers, "serialization"))
        if route.refuses is not None:
            wanted.add((route.refuses, "serialization"))
    ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1]))
    found, definitions = models_json_schema(ordered, ref_template=f"{REF}{{model}}")  # type: ignore[arg-type]  # modes are literals
    refs: dict[tuple[Any, str], Json] = dict(found.items())
    schemas = Schemas(refs, definitions.get("$defs", {}))
    for kind, mode in ordered:
        ref = refs[kind, mode]
        if "$ref" in ref:
            _leave_out_null(kind, schemas.by_name[name_of(ref)])
    return schemas


def _leave_out_null(kind: type[BaseModel], schema: Json) -> None:
    """A field that may be left out but not be null (`_must_not_be_null`) has no null to choose."""
    rule = kind.__pydantic_decorators__.field_validators.get("_must_not_be_null")
    named = rule.info.fields if rule else ()
    for name in kind.model_fields if "*" in named else named:
        told = schema.get("properties", {}).get(name)
        if told is None or "anyOf" not in told:
            continue
        told.pop("default", None)
        choices = [one for one in told.pop("anyOf") if one != {"type": "null"}]
        told.update(choices[0] if len(choices) == 1 else {"anyOf": choices})
