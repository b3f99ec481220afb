"""Which answer's ids lead to which operation: from what makes or lists things to the thing itself,
and from a version that was read to its change.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.etags import IF_MATCH
from tools.openapi.schemas import name_of

Json = dict[str, Any]
_IDS: Final = ("id", "order_id", "device_id", "product", "month")
_ONES: Final = ("get", "patch", "put", "delete")
_ELSEWHERE: Final = {"/v1/resellers/{rid}/customers": "/v1/tenants/{tid}"}
"""Where a thing is not below the list that it is in."""

ETAG: Final[Json] = {
    "ETag": {
        "description": f"The version, for `{IF_MATCH}`.",
        "required": True,
        "schema": {"type": "string"},
    }
}


def link(paths: Mapping[str, Json], schemas: Mapping[str, Json]) -> None:
    """Give the good answers of these paths their links, and the versions that they lead on with."""
    ones = {path.rpartition("/{")[0]: path for path in paths if path.endswith("}")}
    for path, item in paths.items():
        _of_versions(item)
        one = _ELSEWHERE.get(path) or ones.get(path)
        if one is None:
            continue
        for method in item.keys() & {"get", "post"}:
            answer = _good(item[method])
            where = _where(answer, schemas)
            if where is not None:
                _lead(answer, paths[one], where, is_new=method == "post")


def _of_versions(item: Json) -> None:
    """What was read is changed under its version."""
    if "get" not in item or not item.keys() & {"patch", "put"}:
        return
    read = _good(item["get"])
    read["headers"] = ETAG
    for method in item.keys() & {"patch", "put"}:
        _good(item[method])["headers"] = ETAG
        same = {f"path.{name}": f"$request.path.{name}" for name in _variables(item[method])}
        _add(read, item[method], {**same, f"header.{IF_MATCH}": "$response.header.ETag"})


def _lead(answer: Json, item: Json, where: str, *, is_new: bool) -> None:
    """From a thing's id to what is done with the thing at its own path; to its change only where
    the answer says its version, as whatever makes an editable thing does.
    """
    changes = item.keys() & {"patch", "put"} if is_new else set()
    if changes:
        answer["headers"] = ETAG
    for method in (one for one in _ONES if one in item and one in {"get", "delete", *changes}):
        *around, own = _variables(item[method])
        parameters = {f"path.{name}": f"$request.path.{name}" for name in around}
        parameters[f"path.{own}"] = f"$response.body#{where}"
        if method in changes:
            parameters[f"header.{IF_MATCH}"] = "$response.header.ETag"
        _add(answer, item[method], parameters)


def _where(answer: Json, schemas: Mapping[str, Json]) -> str | None:
    """The JSON pointer to a thing's id in this answer."""
    content = answer.get("content", {}).get("application/json")
    if content is None or "$ref" not in content["schema"]:
        return None
    fields: Json = schemas[name_of(content["schema"])].get("properties", {})
    if "items" in fields:
        [inner] = [schemas[name_of(fields["items"]["items"])]["properties"]]
        return next((f"/items/0/{name}" for name in _IDS if name in inner), None)
    return next((f"/{name}" for name in _IDS if name in fields), None)


def _good(operation: Json) -> Json:
    [found] = [answer for status, answer in operation["responses"].items() if status < "400"]
    told: Json = found
    return told


def _variables(operation: Json) -> Iterator[str]:
    for parameter in operation["parameters"]:
        kind, _, name = parameter.get("$ref", "").rpartition("/")
        if kind and "-" not in name:
            yield name


def _add(answer: Json, target: Json, parameters: Json) -> None:
    told = {"operationId": target["operationId"], "parameters": parameters}
    answer.setdefault("links", {})[target["operationId"]] = told
