"""The OpenAPI document refers to what it has, has what it refers to, and its examples fit."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from shared.errors import NotFoundError, PreconditionError
from tools.docs import openapi

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


def test_a_value_that_does_not_fit_is_noticed() -> None:
    fitting = PROBLEMS["not_found"]

    assert flaws({**fitting, "status": "404"}, {"$ref": "#/components/schemas/Problem"})
    assert flaws({}, {"$ref": "#/components/schemas/Problem"})
    assert flaws("2026-13-01T00:00:00Z", {"type": "string", "format": "date-time"})
