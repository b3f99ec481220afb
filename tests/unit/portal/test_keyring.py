"""The keys of a portal, made once."""

from pathlib import Path

import pytest

from portal.keyring import make_keys


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = make_keys(tmp_path)
    made = _read(tmp_path)

    second = make_keys(tmp_path)

    assert (first, second) == (True, False)
    assert _read(tmp_path) == made
    assert {path.stat().st_mode & 0o077 for path in tmp_path.rglob("portal_*")} == {0}


@pytest.mark.parametrize(
    "later",
    ["licensing/portal_device_keys", "tenancy/portal_activity_keys", "tenancy/portal_webhook_keys"],
)
def test_a_portal_of_an_earlier_version_gets_the_keys_that_it_lacks(
    tmp_path: Path, later: str
) -> None:
    make_keys(tmp_path)
    made = _read(tmp_path)
    lacking = tmp_path / later
    lacking.unlink()

    make_keys(tmp_path)

    again = _read(tmp_path)
    assert again.keys() == made.keys()
    assert {path for path in made if again[path] != made[path]} == {lacking}


def _read(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("portal_*")}
