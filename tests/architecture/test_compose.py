"""docker-compose.yml is well formed, starts everything in order and confines it.

No container engine is needed; what can be known without one is checked here.
"""

import importlib.util
import json
import re
from importlib.resources import files
from typing import Final

import click
import pytest
from jsonschema.validators import validator_for

from portal.cli import main as portal_command
from shared.serve import _AFTER_GRACE_SECONDS
from shared.settings import Settings
from tests.architecture.compose_file import compose, containers, health_command
from tests.architecture.dockerfile import DOCKERFILE
from tests.support.processes import PROJECT
from tools.docs import SETTINGS

ALL: Final = containers()
OWN: Final = {name: one for name, one in ALL.items() if one["image"].startswith("mobile-security")}
OTHERS: Final = {name: one for name, one in ALL.items() if name not in OWN}
ONE_SHOT: Final = {"keys", "demo"}


def test_the_file_is_what_the_compose_specification_asks_for() -> None:
    vendored = files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    schema = json.loads(vendored.read_text())

    flaws = list(validator_for(schema)(schema).iter_errors(compose()))

    assert not flaws, flaws


def test_every_service_has_a_container_and_nothing_else_runs_our_image() -> None:
    assert set(OWN) == set(SETTINGS) | ONE_SHOT


@pytest.mark.parametrize("name", ALL)
def test_images_are_pinned_by_a_tag_with_a_version(name: str) -> None:
    _, _, tag = ALL[name]["image"].rpartition(":")

    assert tag == "local" if name in OWN else re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-\w+)?", tag)


def test_one_container_builds_our_image_and_the_others_ask_no_registry_for_it() -> None:
    builders = [name for name, one in ALL.items() if "build" in one]

    assert builders == ["keys"]
    assert ALL["keys"]["build"] == {
        "context": ".",
        "dockerfile": str(DOCKERFILE.relative_to(PROJECT)),
    }
    assert len({one["image"] for one in OWN.values()}) == 1
    assert {one["pull_policy"] for name, one in OWN.items() if name not in builders} == {"never"}


# Commands, order and health


@pytest.mark.parametrize("name", SETTINGS)
def test_a_service_runs_its_own_module(name: str) -> None:
    assert ALL[name]["command"] == ["python", "-m", f"services.{name}"]
    assert importlib.util.find_spec(f"services.{name}.__main__")


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_a_one_shot_is_a_command_of_the_portal(name: str) -> None:
    program, *words = ALL[name]["command"]
    command: click.Command = portal_command
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]

    assert program == "portal"
    assert command.make_context(name, words).command is command
    assert ALL[name]["restart"] == "no"


@pytest.mark.parametrize("name", SETTINGS)
def test_health_is_asked_where_the_service_tells_it(name: str) -> None:
    kind = SETTINGS[name]
    port = kind.model_fields["ops_port" if "ops_port" in kind.model_fields else "port"].default

    assert health_command(ALL[name]) == ["python", "/opt/ready.py", str(port)]


@pytest.mark.parametrize(
    ("name", "program"),
    [("mongo", "mongosh"), ("rabbitmq", "rabbitmq-diagnostics"), ("mailpit", "/mailpit")],
)
def test_health_of_what_is_not_ours_is_asked_by_its_own_program(name: str, program: str) -> None:
    assert health_command(ALL[name])[0] == program


@pytest.mark.parametrize("name", ALL)
def test_a_container_waits_for_what_it_needs(name: str) -> None:
    for needed, how in ALL[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
        assert how == {"condition": expected}
        assert needed in ONE_SHOT or "healthcheck" in ALL[needed]


def _needed(name: str) -> set[str]:
    """All that must be up or done before this container starts."""
    direct = set(ALL[name].get("depends_on", {}))
    return direct.union(*(_needed(one) for one in direct))


@pytest.mark.parametrize("name", sorted(set(OWN) - {"keys"}))
def test_databases_and_keys_come_first(name: str) -> None:
    assert {"keys", "rabbitmq", "mongo"} <= _needed(name)


def test_the_door_opens_and_the_demo_world_comes_when_every_service_is_up() -> None:
    behind = set(SETTINGS) - {"gateway"}

    assert behind <= _needed("gateway")
    assert behind <= _needed("demo")
    assert "mailpit" in _needed("mailer")


def test_the_demo_world_is_asked_for() -> None:
    assert ALL["demo"]["environment"]["PORTAL_DEMO"] == "1"
    assert ALL["demo"]["command"] == ["portal", "demo", "seed"]


# Confinement


@pytest.mark.parametrize("name", ALL)
def test_a_container_has_no_rights_to_spare(name: str) -> None:
    one = ALL[name]

    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    assert not {"cap_add", "privileged", "pid", "ipc", "devices"} & set(one)
    assert one.get("read_only", False) == (name != "rabbitmq")
    assert "/tmp" in one.get("tmpfs", []) or name == "rabbitmq"  # noqa: S108 a mount point
    assert {"cpus", "memory"} == set(one["deploy"]["resources"]["limits"])


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_ours_runs_without_root_too(name: str) -> None:
    assert ALL[name]["user"].split(":")[0] not in {"root", "0"}


@pytest.mark.parametrize("name", sorted(set(ALL) - ONE_SHOT))
def test_what_serves_is_started_again_when_it_ends(name: str) -> None:
    assert ALL[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", SETTINGS)
def test_a_stop_waits_longer_than_the_service_takes(name: str) -> None:
    grace = Settings.model_fields["grace_seconds"].default

    assert int(ALL[name]["stop_grace_period"].removesuffix("s")) >= grace + _AFTER_GRACE_SECONDS
