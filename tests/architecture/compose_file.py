"""Reads docker-compose.yml as Compose does: merged, and with the environment's values filled in."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import yaml

from tests.support.processes import PROJECT

COMPOSE_FILE: Final = PROJECT / "docker-compose.yml"
Container: TypeAlias = dict[str, Any]
_VARIABLE: Final = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+):-(?P<default>[^}$]*)\})")


def compose(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole file; variables are of the one form in use, `${NAME:-default}`."""
    text = _VARIABLE.sub(lambda found: _value(found, environment or {}), COMPOSE_FILE.read_text())
    known: dict[str, Any] = yaml.safe_load(text)
    return known


def containers(environment: Mapping[str, str] | None = None) -> dict[str, Container]:
    known: dict[str, Container] = compose(environment)["services"]
    return known


def networks(container: Container) -> set[str]:
    if "network_mode" in container:
        return set()
    return set(container.get("networks", ["default"]))


def volumes(container: Container) -> dict[str, str]:
    """Volume by the path at which it is mounted."""
    mounts = [mount.split(":") for mount in container.get("volumes", [])]
    return {mount[1]: mount[0] for mount in mounts}


def published(container: Container) -> list[tuple[str, int, int]]:
    """Address and port on the machine, and port in the container."""
    ports = [port.split(":") for port in container.get("ports", [])]
    return [(address, int(outside), int(inside)) for address, outside, inside in ports]


def health_command(container: Container) -> list[str]:
    kind, *command = list[str](container["healthcheck"]["test"])
    assert kind == "CMD", "a shell may be missing, and hides which program is called"
    return command


def _value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    return "$" if found["dollar"] else environment.get(found["name"]) or found["default"]
