"""The OpenAPI document as others judge it: Spectral, by all of its rules for OpenAPI."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.processes import PROJECT

DOCUMENT: Final = PROJECT / "services/gateway/openapi.json"
_NOT_OURS: Final = ("info-contact", "info-license", "license-url")
"""Every portal's operators have an address and terms of their own; the document is the same."""


def found_by_spectral(document: Path) -> set[str]:
    node, folder = shutil.which("node"), PROJECT / "tests/foreign"
    assert node, "Install it first: deploy/setup/foreign.sh"
    done = subprocess.run(  # noqa: S603 a pinned program on our own document
        [node, str(folder / "openapi.mjs"), str(document)],
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
    )
    return {one for one in json.loads(done.stdout) if not one.startswith(_NOT_OURS)}


@pytest.mark.foreign
@pytest.mark.timeout(170)
def test_spectral_finds_nothing_wrong() -> None:
    assert found_by_spectral(DOCUMENT) == set()


@pytest.mark.foreign
def test_spectral_is_heard_where_something_is_wrong(tmp_path: Path) -> None:
    whole = json.loads(DOCUMENT.read_text())
    path = "/v1/me"
    small = {**whole, "paths": {path: whole["paths"][path]}}
    content = small["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    content["example"] = {"id": 1}
    changed = tmp_path / "openapi.json"
    changed.write_text(json.dumps(small))

    found = found_by_spectral(changed)

    assert any(one.startswith("oas3-valid-media-example: paths//v1/me/get") for one in found)
