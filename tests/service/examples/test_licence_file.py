"""The verifiers that we show: each judges every test vector as it must."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.verifiers import EXAMPLES, VERIFIERS, verdict

VECTORS = json.loads((EXAMPLES / "vectors.json").read_text())
CASES = [pytest.param(case, id=case["name"]) for case in VECTORS["cases"]]
pytestmark = pytest.mark.foreign


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("case", CASES)
def test_a_verifier_judges_as_it_must(verifier: str, case: dict[str, Any], tmp_path: Path) -> None:
    found = verdict(
        verifier,
        tmp_path,
        file=case["file"],
        keys=VECTORS["keys"],
        revocations=case["revocations"],
        at=case["at"],
        fingerprint=case["fingerprint"],
    )

    assert found == case["expect"]


@pytest.mark.parametrize("example", ["verify.py", "verify.mjs"])
def test_a_verifier_is_read_in_a_minute(example: str) -> None:
    assert len((EXAMPLES / example).read_text().splitlines()) < 100


def test_every_refusal_that_the_examples_know_has_a_case() -> None:
    known = {"valid"}
    for line in (EXAMPLES / "verify.py").read_text().splitlines():
        if 'RefusedError("' in line:
            known.add(line.split('"')[1])

    assert {case["expect"] for case in VECTORS["cases"]} == known
