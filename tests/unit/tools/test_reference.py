"""The API reference is made from the published document and lacks nothing of it."""

import json
import re
from pathlib import Path
from typing import Any, Final

from tools.reference import PAGE, reference

DOCUMENT: Final = Path(__file__).parents[3] / "services/gateway/openapi.json"

NOT_FOUND: Final = {"code": "not_found", "status": 404, "detail": "There is nothing here."}


def a_document(**operation: Any) -> dict[str, Any]:
    told = {
        "operationId": "auth_things_read",
        "summary": "Read",
        "tags": ["auth"],
        "x-access": "public",
        "x-permission": None,
        "description": "",
        "parameters": [],
        "responses": {"204": {"description": "Done."}},
        **operation,
    }
    return {
        "info": {"title": "T", "version": "1", "description": "D"},
        "tags": [{"name": "auth", "description": "Signing in"}],
        "paths": {"/v1/things": {"get": told}},
        "components": {
            "schemas": {"Thing": a_thing(), "Problem": {"type": "object"}},
            "examples": {
                "Thing": {"value": {"name": "ada"}},
                "problem.not_found": {"value": NOT_FOUND},
            },
        },
    }


def a_thing() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 9, "examples": ["ada"]},
            "since": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        },
    }


def answering(schema: dict[str, Any]) -> dict[str, Any]:
    examples = {"Thing": {"$ref": "#/components/examples/Thing"}}
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"200": {"description": "Done.", "content": content}}


def test_the_committed_page_is_that_of_the_committed_document() -> None:
    made = reference(json.loads(DOCUMENT.read_text()))

    assert PAGE.read_text() == made, "run `make docs`"


def test_every_operation_and_schema_has_its_place_and_every_link_its_target() -> None:
    document = json.loads(DOCUMENT.read_text())

    page = reference(document)

    places = re.findall(r' id="([^"]+)"', page)
    operations = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    ]
    schemas = [f"schema-{name}" for name in document["components"]["schemas"]]
    assert len(places) == len(set(places))
    assert {*operations, *schemas} <= set(places)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


def test_what_the_document_says_is_text_never_markup() -> None:
    page = reference(a_document(summary="<b>Read</b>", description="a <script> of `<i>`"))

    assert "&lt;b&gt;Read&lt;/b&gt;" in page
    assert "a &lt;script&gt; of <code>&lt;i&gt;</code>" in page


def test_it_says_of_an_operation_who_may_call_it_and_says_it_once() -> None:
    access = {"x-access": "permission", "x-permission": "tenant:read"}
    told = "Needs `tenant:read` in this place."

    page = reference(a_document(**access, description=f"A thing.\n\n{told}\n\nAt last."))
    of_anybody = reference(a_document())

    assert page.count("Needs <code>tenant:read</code> in this place.") == 1
    assert "<b>Access:</b> Needs <code>tenant:read</code>" in page
    assert "<b>Access:</b> For anybody; no token." in of_anybody


def test_an_answer_is_shown_with_its_fields_their_limits_and_an_example() -> None:
    page = reference(a_document(responses=answering({"$ref": "#/components/schemas/Thing"})))

    article = page.partition('id="auth_things_read"')[2].partition("</article>")[0]
    assert '<a href="#schema-Thing">Thing</a>' in article
    assert "longest <code>9</code>, for example <code>ada</code>" in article
    assert "format <code>date</code>" in article
    assert "&#34;name&#34;: &#34;ada&#34;" in article


def test_a_form_is_shown_as_it_is_sent_and_a_problem_by_its_code() -> None:
    schema = {"$ref": "#/components/schemas/Thing"}
    form = {"schema": schema, "example": {"name": "Ada L", "of": "tenant:read"}}
    body = {"content": {"application/x-www-form-urlencoded": form}}

    page = reference(a_document(requestBody=body))

    assert "name=Ada+L&amp;of=tenant:read" in page
    assert '<tr id="problem-not_found">' in page
    assert '<article id="problems-404">' in page
