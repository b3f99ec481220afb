"""The OpenAPI document refers to what it has, has what it refers to, and its examples fit."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from shared.errors import NotFoundError, PreconditionError
from shared.models import File
from tools.docs import openapi, tables
from tools.openapi.values import CHOICES, VALUES

DOCUMENT: Final[dict[str, Any]] = json.loads(openapi())
COMPONENTS: Final[dict[str, Any]] = DOCUMENT["components"]


def _refs(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _refs(inner)
    if isinstance(part, list):
        for inner in part:
            yield from _refs(inner)


def flaws(value: object, schema: dict[str, Any]) -> list[str]:
    """What is wrong with a value, by a schema that may refer into the document."""
    whole = {**schema, "components": COMPONENTS}
    checker = Draft202012Validator.FORMAT_CHECKER
    found = Draft202012Validator(whole, format_checker=checker).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def test_it_refers_to_all_that_it_has_and_has_all_that_it_refers_to() -> None:
    parts = {
        f"#/components/{kind}/{name}"
        for kind, named in COMPONENTS.items()
        if kind != "securitySchemes"
        for name in named
    }

    assert set(_refs(DOCUMENT)) == parts


def test_whatever_takes_a_body_says_that_it_may_be_too_large_or_too_slow() -> None:
    silent = [
        f"{method} {path}"
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation and not {"408", "413"} <= set(operation["responses"])
    ]

    assert silent == []


PROBLEMS: Final = {
    name.removeprefix("problem."): told["value"]
    for name, told in COMPONENTS["examples"].items()
    if name.startswith("problem.")
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_an_example_of_a_problem_is_one_of_its_code_and_stands_where_it_may_be_told(
    code: str,
) -> None:
    told = PROBLEMS[code]

    in_answers = {
        name.rpartition(".")[2]
        for name, answer in COMPONENTS["responses"].items()
        if code in answer["content"]["application/problem+json"]["examples"]
    }

    assert flaws(told, {"$ref": "#/components/schemas/Problem"}) == []
    assert told["code"] == code
    assert told["type"] == f"urn:portal:problem:{code}"
    assert told["title"] == HTTPStatus(told["status"]).phrase
    assert in_answers == {str(told["status"])}


def test_what_no_client_hears_is_no_example() -> None:
    assert {NotFoundError.code, PreconditionError.code} <= PROBLEMS.keys()
    assert not PROBLEMS.keys() & {"bad_request", "pass_required", "invalid_client", "stream_ended"}
    assert all(re.fullmatch("[a-z]+(_[a-z0-9]+)*", code) for code in PROBLEMS)


def _by_operation() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": told
        for path, item in DOCUMENT["paths"].items()
        for method, told in item.items()
    }


OPERATIONS: Final = _by_operation()


def _content(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Of its body and its good answers: media types and what is said of each."""
    good = [answer for status, answer in operation["responses"].items() if status < "400"]
    parts = [operation.get("requestBody", {}), *good]
    return [pair for part in parts for pair in part.get("content", {}).items()]


def _examples(content: dict[str, Any]) -> list[Any]:
    if "example" in content:
        return [content["example"]]
    named = content.get("examples", {}).values()
    return [COMPONENTS["examples"][one["$ref"].rpartition("/")[2]]["value"] for one in named]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_and_answer_has_an_example_and_it_fits_its_schema(name: str) -> None:
    parts = _content(OPERATIONS[name])

    without = {media for media, content in parts if not _examples(content)}
    found = [
        flaw
        for _, content in parts
        for example in _examples(content)
        for flaw in flaws(example, content["schema"])
    ]

    assert without <= {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    assert found == []


def _read_by_models() -> list[tuple[str, type[BaseModel], dict[str, Any]]]:
    """The bodies and JSON answers of all operations with the very models that they are read by."""
    pairs = []
    for route in (route for table in tables().values() for route in table):
        name = f"{route.method} {route.path}"
        if name not in OPERATIONS:
            continue
        if "requestBody" in OPERATIONS[name]:
            [body] = OPERATIONS[name]["requestBody"]["content"].values()
            pairs.append((f"{name} body", route.body, body))
        answer = OPERATIONS[name]["responses"][str(route.status)].get("content", {})
        if "application/json" in answer and not issubclass(route.answers, File):
            pairs.append((f"{name} answer", route.answers, answer["application/json"]))
    return pairs


@pytest.mark.parametrize(
    ("model", "content"),
    [pytest.param(model, content, id=name) for name, model, content in _read_by_models()],
)
def test_an_example_is_taken_by_the_very_model(
    model: type[BaseModel], content: dict[str, Any]
) -> None:
    for example in _examples(content):
        read = model.model_validate_json(json.dumps(example))

        assert read.model_dump(mode="json", by_alias=True, exclude_unset=True).keys() == (
            example.keys()
        )


@pytest.mark.parametrize(
    ("model", "content"),
    [
        pytest.param(model, content, id=name)
        for name, model, content in _read_by_models()
        if name.endswith(" body")
    ],
)
def test_a_field_may_be_null_where_the_document_says_so_and_nowhere_else(
    model: type[BaseModel], content: dict[str, Any]
) -> None:
    schema = COMPONENTS["schemas"][content["schema"]["$ref"].rpartition("/")[2]]

    for field, told in schema.get("properties", {}).items():
        assert _takes_null(model, field) is (flaws(None, told) == []), field


def _takes_null(model: type[BaseModel], field: str) -> bool:
    try:
        model.model_validate_json(json.dumps({field: None}))
    except ValidationError as refused:
        return all(flaw["loc"][:1] != (field,) for flaw in refused.errors())
    return True


def test_every_value_that_examples_are_made_of_is_that_of_some_field() -> None:
    fields = {
        (name.rpartition("__")[2], field)
        for name, schema in COMPONENTS["schemas"].items()
        for field in schema.get("properties", {})
    }
    known = {f"{model}.{field}" for model, field in fields} | {field for _, field in fields}

    assert VALUES.keys() <= known
    assert CHOICES.keys() <= COMPONENTS["schemas"].keys()


def _links() -> list[tuple[str, str, dict[str, Any]]]:
    """Where a link starts, where it leads, and what it takes along."""
    return [
        (name, link["operationId"], link["parameters"])
        for name, told in OPERATIONS.items()
        for answer in told["responses"].values()
        for link in answer.get("links", {}).values()
    ]


@pytest.mark.parametrize(
    ("name", "target", "taken"),
    [pytest.param(*link, id=f"{link[0]} to {link[1]}") for link in _links()],
)
def test_a_link_gives_an_operation_all_that_names_its_thing(
    name: str, target: str, taken: dict[str, str]
) -> None:
    [(path, leads_to)] = [
        (name, told) for name, told in OPERATIONS.items() if told["operationId"] == target
    ]
    answer = next(told for code, told in OPERATIONS[name]["responses"].items() if code < "400")
    [example, *_] = _examples(answer["content"]["application/json"])

    versions = {"header.If-Match"} & taken.keys()
    assert taken.keys() - versions == {f"path.{one}" for one in re.findall(r"{(\w+)}", path)}
    assert bool(versions) == (
        {"$ref": "#/components/parameters/If-Match"} in leads_to["parameters"]
    )
    for source in taken.values():
        kind, _, rest = source.partition("#")
        if kind == "$response.body":
            found = example
            for part in rest.strip("/").split("/"):
                found = found[int(part)] if part.isdigit() else found[part]
            assert isinstance(found, str)
        elif kind.startswith("$request.path."):
            assert f"{{{kind.removeprefix('$request.path.')}}}" in name
        else:
            assert kind == "$response.header.ETag"
            assert "ETag" in answer["headers"]


def test_links_lead_from_what_makes_a_thing_to_reading_changing_and_deleting_it() -> None:
    led = {(name, target) for name, target, _ in _links()}

    assert {
        ("POST /v1/tenants/{tid}/users", f"auth_users_{verb}_of_tenants")
        for verb in ("read", "change", "remove")
    } <= led


def test_a_value_that_does_not_fit_is_noticed() -> None:
    fitting = PROBLEMS["not_found"]

    assert flaws({**fitting, "status": "404"}, {"$ref": "#/components/schemas/Problem"})
    assert flaws({}, {"$ref": "#/components/schemas/Problem"})
    assert flaws("2026-13-01T00:00:00Z", {"type": "string", "format": "date-time"})
