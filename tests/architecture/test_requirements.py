"""The locks agree with each other and say nothing of where packages come from."""

import re

import pytest

from tests.support.processes import PROJECT

LOCKS = ["services", "embedded", "dev", "argon2", "rivals"]
_PIN = re.compile(r"^([a-z0-9-]+(?:\[[a-z,]+\])?)==(\S+)", re.MULTILINE)


def _lock(name: str) -> str:
    return (PROJECT / "requirements" / f"{name}.txt").read_text()


def _pins(name: str) -> set[tuple[str, str]]:
    return set(_PIN.findall(_lock(name)))


def test_each_lock_holds_the_smaller_one() -> None:
    assert _pins("services") < _pins("embedded") < _pins("dev")


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    pins = re.split(r"\n(?=[a-z])", _lock(name).split("\n\n")[-1])

    assert pins
    assert all("--hash=sha256:" in pin for pin in pins if "==" in pin)


@pytest.mark.parametrize("name", LOCKS)
def test_no_registry_is_named(name: str) -> None:
    assert "://" not in _lock(name)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_belongs_to_what_was_asked_for(name: str) -> None:
    asked = (PROJECT / "requirements" / f"{name}.in").read_text().splitlines()
    names = {re.split(r"[=<>\[ ]", line)[0] for line in asked if re.match(r"[a-z]", line)}

    assert names <= {pin.split("[")[0] for pin, _ in _pins(name)}
