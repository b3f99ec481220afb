"""The JSON schema of every event as it was published, and what a change to it would break.

A snapshot is written for a new event and for a change that only adds optional fields. Any other
change leaves the snapshot as it is, so that the test that compares the two says what is wrong.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import shared.contracts
from shared.contracts.events import CATALOGUE, Event

SCHEMAS: Final = Path(__file__).parent.parent / "tests/contract/schemas"
Json = dict[str, Any]
_PROSE: Final = frozenset({"title", "description", "default", "examples"})


def catalogue() -> dict[str, type[Event]]:
    """Every event type there is."""
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    return CATALOGUE


def snapshots() -> dict[Path, str]:
    """The snapshots as they may be: new ones, and old ones with what was only added."""
    found = {}
    for name, kind in catalogue().items():
        path = SCHEMAS / f"{name}.json"
        new = schema_of(kind)
        text = json.dumps(new, indent=1, sort_keys=True) + "\n"
        is_breaking = path.exists() and any(breaks(json.loads(path.read_text()), new))
        found[path] = path.read_text() if is_breaking else text
    return found


def schema_of(kind: type[Event]) -> Json:
    """The event's body, without prose and with every reference resolved."""
    schema = kind.model_json_schema(mode="serialization")
    resolved = _resolved(schema, schema.get("$defs", {}))
    assert isinstance(resolved, dict)
    return resolved


def _resolved(part: Any, definitions: Json) -> Any:
    if isinstance(part, list):
        return [_resolved(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _resolved(definitions[part["$ref"].rpartition("/")[2]], definitions)
    kept = {}
    for name, value in part.items():
        if name == "properties":  # here names are fields, also one that is called "title"
            kept[name] = {field: _resolved(told, definitions) for field, told in value.items()}
        elif name not in _PROSE and name != "$defs":
            kept[name] = _resolved(value, definitions)
    return kept


def breaks(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """What a reader of the old form, or a new reader of an old message, would stumble over."""
    if isinstance(old, dict) and isinstance(new, dict) and "properties" in old:
        yield from _broken_fields(old, new, where)
    elif _is_choice(old) and _is_choice(new) and len(old["anyOf"]) == len(new["anyOf"]):
        for one, other in zip(old["anyOf"], new["anyOf"], strict=True):
            yield from breaks(one, other, where)
    elif _is_list(old) and _is_list(new):
        yield from breaks(old["items"], new["items"], f"{where}[]")
    elif old != new:
        yield f"`{where}` has another type"


def _broken_fields(old: Json, new: Json, where: str) -> Iterator[str]:
    before, after = old["properties"], new.get("properties", {})
    must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before):
        path = f"{where}.{name}".lstrip(".")
        if name not in after:
            yield f"`{path}` is gone"
            continue
        yield from breaks(before[name], after[name], path)
        if (name in must_before) != (name in must_after):
            yield f"`{path}` is {'required' if name in must_after else 'no longer required'}"
    for name in sorted(must_after - set(before)):
        yield f"`{f'{where}.{name}'.lstrip('.')}` is new and required"


def _is_choice(schema: Any) -> bool:
    return isinstance(schema, dict) and "anyOf" in schema


def _is_list(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "array" and "items" in schema
