"""The API reference as a page: the OpenAPI document, told for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.gateway.handlers.texts import ENGLISH
from shared.bodies import FORM_MEDIA
from tools.openapi.operations import access_told
from tools.openapi.problems import PROBLEM
from tools.shapes import Field, Shape, anchor, by_name, field, prose, shape, shapes

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "services/gateway/pages/reference.html"
Json = dict[str, Any]

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Sample:
    """An example and what it is one of."""

    of: str
    text: str


@dataclass(frozen=True)
class Answer:
    status: str
    description: Markup
    shapes: tuple[Shape, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: Markup
    summary: str
    description: tuple[Markup, ...]
    access: Markup
    parameters: tuple[tuple[str, Field], ...]
    body: tuple[Shape, ...]
    is_body_required: bool
    samples: tuple[Sample, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[Answer, ...]


def reference(document: Json) -> str:
    """The whole page; it needs no script, and the same document gives the same page."""
    environment = Environment(
        loader=FileSystemLoader([PAGE.parent, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    schemas = document["components"]["schemas"]
    groups = [
        (tag["name"], tag["description"], found)
        for tag in document["tags"]
        if (found := tuple(_operations(document, tag["name"])))
    ]
    return environment.get_template("api-reference.html").render(
        t=ENGLISH,
        info=document["info"],
        description=prose(document["info"]["description"]),
        groups=groups,
        problems=tuple(_problems(document["components"])),
        schemas=[(anchor(name), shape(name, schemas[name])) for name in by_name(schemas)],
    )


def _operations(document: Json, tag: str) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item and tag in item[method]["tags"]:
                yield _operation(path, method, item[method], document["components"])


def _operation(path: str, method: str, told: Json, components: Json) -> Operation:
    body, schemas = told.get("requestBody", {}), components["schemas"]
    schema = _content(body)
    answers = [
        _answer(status, _found(answer, components), components)
        for status, answer in told["responses"].items()
    ]
    parameters = [_found(one, components) for one in told["parameters"]]
    access = access_told(told["x-access"], told["x-permission"])
    paragraphs = [one for one in told["description"].split("\n\n") if one != access]
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=Markup("/<wbr>").join(path.split("/")),
        summary=told["summary"],
        description=tuple(map(prose, paragraphs)),
        access=prose(access),
        parameters=tuple((p["in"], _parameter(p)) for p in parameters),
        body=tuple(shapes(schema, schemas)),
        is_body_required=body.get("required", False),
        samples=_samples(body, components),
        answers=tuple(answer for answer in answers if answer.status < "400"),
        refusals=tuple(answer for answer in answers if answer.status >= "400"),
    )


def _found(part: Json, components: Json) -> Json:
    """The part itself, also where the document only refers to it."""
    if "$ref" not in part:
        return part
    kind, name = part["$ref"].removeprefix("#/components/").split("/")
    found: Json = components[kind][name]
    return found


def _parameter(parameter: Json) -> Field:
    told = dict(parameter["schema"])
    if "example" in parameter:
        told["examples"] = [parameter["example"]]
    if "description" in parameter:
        told["description"] = parameter["description"]
    return field(parameter["name"], told, is_required=parameter.get("required", False))


def _answer(status: str, answer: Json, components: Json) -> Answer:
    is_good = status < "400"
    return Answer(
        status=status,
        description=prose(answer["description"]),
        shapes=tuple(shapes(_content(answer), components["schemas"])),
        samples=_samples(answer, components) if is_good else (),
    )


def _content(part: Json) -> Json | None:
    for media in part.get("content", {}).values():
        schema: Json = media["schema"]
        return schema
    return None


def _samples(part: Json, components: Json) -> tuple[Sample, ...]:
    """The examples of each media type, as they are on the wire."""
    return tuple(
        Sample(name.rpartition("__")[2], _written(media, _found(told, components)["value"]))
        for media, content in part.get("content", {}).items()
        for name, told in _named(media, content).items()
    )


def _named(media: str, content: Json) -> Json:
    told: Json = content.get("examples", {})
    return {media: {"value": content["example"]}} if "example" in content else told


def _written(media: str, value: Any) -> str:
    if media == FORM_MEDIA:
        return urlencode(value, safe=":")
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    return json.dumps(value, indent=2, ensure_ascii=False)


def _problems(components: Json) -> Iterator[tuple[str, str, list[tuple[str, Markup]]]]:
    """By status, every code with what it says."""
    named = {
        told["value"]["code"]: told["value"]
        for name, told in components["examples"].items()
        if name.startswith(f"{PROBLEM}.")
    }
    for status in sorted({told["status"] for told in named.values()}):
        of_status = [told for told in named.values() if told["status"] == status]
        codes = [(told["code"], prose(told["detail"])) for told in of_status]
        yield str(status), HTTPStatus(status).phrase, codes
