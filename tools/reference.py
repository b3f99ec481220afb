"""The API reference as a page: the OpenAPI document, told for people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.gateway.handlers.texts import ENGLISH
from shared.bodies import FORM_MEDIA
from tools.openapi.operations import access_told
from tools.samples import MISSING, sample
from tools.shapes import Field, Shape, anchor, by_name, field, prose, shape, shapes

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "services/gateway/pages/reference.html"
Json = dict[str, Any]

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_TITLES: Final = {
    "auth": "Signing in and the own account",
    "licensing": "Products, licences and orders",
    "mailer": "Mails",
    "tenancy": "Resellers, customers and tenants",
}


@dataclass(frozen=True)
class Answer:
    status: str
    description: Markup
    shapes: tuple[Shape, ...]
    sample: str | None


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
    sample: str | None
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
        (tag["name"], _TITLES.get(tag["name"], tag["name"].capitalize()), found)
        for tag in document["tags"]
        if (found := tuple(_operations(document, tag["name"])))
    ]
    return environment.get_template("api-reference.html").render(
        t=ENGLISH,
        info=document["info"],
        description=prose(document["info"]["description"]),
        groups=groups,
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
        _answer(status, _found(answer, components), schemas)
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
        sample=_sample(schema, schemas, is_form=FORM_MEDIA in body.get("content", {})),
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


def _answer(status: str, answer: Json, schemas: Json) -> Answer:
    schema = _content(answer)
    return Answer(
        status=status,
        description=prose(answer["description"]),
        shapes=tuple(shapes(schema, schemas)),
        sample=_sample(schema, schemas),
    )


def _content(part: Json) -> Json | None:
    for media in part.get("content", {}).values():
        schema: Json = media["schema"]
        return schema
    return None


def _sample(schema: Json | None, schemas: Json, *, is_form: bool = False) -> str | None:
    """An example, where the document says enough for an honest one."""
    found = sample(schema, schemas) if schema is not None else MISSING
    if found is MISSING:
        return None
    if is_form and isinstance(found, dict):
        return urlencode(found, safe=":")
    return json.dumps(found, indent=2, ensure_ascii=False)
