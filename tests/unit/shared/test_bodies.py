"""What a body may be at most before it is looked at further, and how little of it is said back."""

import json
from typing import Self

import pytest
from pydantic import model_validator

from shared.bodies import MOST_FLAWS, MalformedError, checked
from shared.errors import InvalidError
from shared.fields import TypedEmail
from shared.ids import TypedOrg
from shared.models import Model


class Wanted(Model):
    name: str = ""
    inner: dict[str, int] | None = None


class OneOfTwo(Model):
    one: int | None = None
    other: int | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.one is None) == (self.other is None):
            raise ValueError("Give either one or other.")
        return self


class Both(Model):
    first: OneOfTwo = OneOfTwo(one=1)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 30_000,
        b'{"inner":' * 7_000 + b"1" + b"}" * 7_000,
        b'{"name":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
        b'{"name": "a"',
        b'{"name": "\xff"}',
        b'{"name": "a"} {}',
        b"{'name': 'a'}",
        b"[]",
        b'"a"',
        b"null",
        b"\xef\xbb\xbf{}",
        '{"name": "a"}'.encode("utf-16"),
    ],
)
def test_what_is_not_one_json_object_or_too_deep_for_one_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        checked(Wanted, raw, "body")


def test_of_ten_thousand_unknown_names_a_few_are_told() -> None:
    raw = json.dumps({f"x{number}": 0 for number in range(5_000)}).encode()

    with pytest.raises(InvalidError) as refused:
        checked(Wanted, raw, "body")

    assert len(refused.value.fields) == MOST_FLAWS
    assert {flaw.code for flaw in refused.value.fields} == {"extra_forbidden"}


def test_a_name_that_somebody_made_up_is_cut_and_makes_no_other_pointer() -> None:
    raw = json.dumps({"a/b~c": 0, "y" * 50_000: 0}).encode()

    with pytest.raises(InvalidError) as refused:
        checked(Wanted, raw, "body")

    assert {flaw.pointer for flaw in refused.value.fields} == {
        "#/body/a~1b~0c",
        "#/body/" + "y" * 64,
    }


class Typed(Model):
    email: TypedEmail = ""
    tenant: TypedOrg = ""


@pytest.mark.parametrize(
    ("given", "code", "detail"),
    [
        (
            {"email": "erika"},
            "string_pattern_mismatch",
            "This is not of the form that is asked for.",
        ),
        ({"tenant": "1" * 65}, "string_too_long", "String should have at most 64 characters"),
    ],
)
def test_a_text_of_another_form_is_refused_in_words_for_people(
    given: dict[str, str], code: str, detail: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        checked(Typed, json.dumps(given).encode(), "body")

    [flaw] = refused.value.fields
    assert (flaw.code, flaw.detail) == (code, detail)


@pytest.mark.parametrize(
    ("kind", "raw", "pointer"),
    [(OneOfTwo, b"{}", "#/body"), (Both, b'{"first": {}}', "#/body/first")],
)
def test_a_rule_of_our_own_is_told_in_its_own_words_and_of_what_it_is_about(
    kind: type[Model], raw: bytes, pointer: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        checked(kind, raw, "body")

    [flaw] = refused.value.fields
    assert (flaw.pointer, flaw.detail) == (pointer, "Give either one or other.")
