"""The AsyncAPI document: what others read in it, and that its examples are what it describes."""

import json
import shutil
import subprocess
from dataclasses import replace
from typing import Final

import pytest

from shared.contracts.events import CloudEvent
from tests.support.processes import PROJECT
from tests.support.wiretap import DOCUMENT, OURS, THEIRS, Said, Wiretap, flaws_of, messages
from tools.contracts import catalogue

TYPES: Final = sorted(catalogue())


def as_said(event_type: str) -> Said:
    message = messages()[event_type]
    payload = message["examples"][0]["payload"]
    body = json.dumps(payload).encode()
    exchange = THEIRS if event_type.startswith("reseller-portal.") else OURS
    return Said(exchange, event_type, payload["id"], message["contentType"], body)


@pytest.mark.foreign
def test_the_parser_of_the_asyncapi_initiative_finds_nothing_wrong() -> None:
    node, folder = shutil.which("node"), PROJECT / "tests/foreign"
    assert node, "Install it first: deploy/setup/foreign.sh"

    done = subprocess.run(  # noqa: S603 a pinned program on our own document
        [node, str(folder / "asyncapi.mjs"), str(DOCUMENT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    told = json.loads(done.stdout)
    assert told["errors"] == []
    assert told["version"] == "3.0.0"
    assert sorted(told["messages"]) == TYPES


@pytest.mark.parametrize("event_type", TYPES)
def test_an_example_fits_its_schema_and_its_contract(event_type: str) -> None:
    said = as_said(event_type)

    event = CloudEvent.model_validate_json(said.body)
    body = catalogue()[event_type].model_validate(event.data)

    assert flaws_of(said) == []
    assert event.subject == body.subject


def test_a_message_that_is_not_as_described_is_found_out() -> None:
    said = as_said("portal.tenancy.tenant.created.v1")
    given = json.loads(said.body)
    without_name = {name: value for name, value in given["data"].items() if name != "name"}

    def flaws(**changed: object) -> str:
        return " ".join(flaws_of(replace(said, body=json.dumps({**given, **changed}).encode())))

    assert flaws_of(said) == []
    assert "'name' is a required property" in flaws(data=without_name)
    assert "portal.tenancy.tenant.created.v1" in flaws(type="portal.tenancy.tenant.deleted.v1")
    assert "specversion" in flaws(specversion="1.1")
    assert "to others" in flaws(id="another")
    assert flaws_of(replace(said, content_type="application/json")) == ["is application/json"]
    assert flaws_of(replace(said, routing_key="x")) == ["the document knows no such message"]
    assert flaws_of(replace(said, exchange=THEIRS)) == [f"is said on {THEIRS}, not on {OURS}"]


def test_a_message_of_the_reseller_portal_may_be_wrong_only_where_it_was_told_so() -> None:
    wrong = replace(as_said("reseller-portal.user.upserted.v1"), message_id="m-1")
    answer = as_said("portal.auth.sync_message.rejected.v1")
    given = json.loads(answer.body)
    told = {**given["data"], "message_id": "m-1", "reason": "does_not_fit_its_contract"}
    told_so = replace(answer, body=json.dumps({**given, "data": told}).encode())

    assert Wiretap([wrong]).flaws() != []
    assert Wiretap([wrong, answer]).flaws() != []
    assert Wiretap([wrong, told_so]).flaws() == []
