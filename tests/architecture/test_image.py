"""The image of all services can be built and holds what they need, no more and no less."""

import asyncio
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from aiohttp import web

from deploy.images import ready
from portal.keyring import make_keys
from shared.service import listen_on
from tests.architecture.compose_file import containers, health_command
from tests.architecture.dockerfile import Stage, command, copied, reaches_build, stages
from tests.support.processes import PROJECT, Process, free_port
from tools.docs import SETTINGS

BUILD, FINAL = stages()
SOURCES = [source for stage in (BUILD, FINAL) for source, _ in copied(stage)]

_IMPORT_ALL = """
import importlib, json, pkgutil, sys
absent = set(json.loads(sys.argv[1]))
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError("not in the image: " + name, name=name)
sys.meta_path.insert(0, Absent())
import portal.cli, portal.demo, portal.keyring, services, shared
for package in (services, shared, portal.demo):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_exists_and_reaches_the_build(source: str) -> None:
    path = PROJECT / source
    within = [one for one in path.rglob("*") if one.is_file() and "__pycache__" not in one.parts]

    assert path.exists()
    assert all(reaches_build(str(one.relative_to(PROJECT))) for one in within or [path])


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".data/keys/auth/portal_token_keys",
        ".venv/bin/python",
        "README.md",
        "requirements/dev.txt",
        "services/auth/__pycache__/app.pyc",
        "tests/conftest.py",
    ],
)
def test_nothing_else_reaches_the_build(path: str) -> None:
    assert not reaches_build(path)


def test_both_stages_stand_on_one_pinned_python_that_the_project_accepts() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    base = re.fullmatch(r"python:(\d+)\.(\d+)-slim-bookworm", FINAL.base)
    wanted = re.fullmatch(r">=(\d+)\.(\d+)", project["requires-python"])

    assert base
    assert wanted
    assert BUILD.base == FINAL.base
    assert tuple(map(int, base.groups())) >= tuple(map(int, wanted.groups()))


def test_packages_come_from_the_lock_of_the_services_by_hash_and_as_wheels() -> None:
    (install,) = [
        one.text for one in BUILD.all("RUN") if " pip " in one.text and " install " in one.text
    ]

    assert ("requirements/services.txt", "requirements/") in copied(BUILD)
    assert {"--require-hashes", "--only-binary", "requirements/services.txt"} <= set(
        install.split()
    )


def test_argon2_is_built_for_a_processor_that_the_builder_may_choose() -> None:
    (install,) = [one.text for one in BUILD.all("RUN") if "argon2.sh" in one.text]

    assert BUILD.last("ARG").text == "PROCESSOR=x86-64-v3"
    assert 'deploy/setup/argon2.sh "$PROCESSOR" /opt/venv/bin/python;' in install
    assert install.index("services.txt") < install.index("argon2.sh") < install.index("uninstall")
    assert any("gcc libc6-dev" in one.text for one in BUILD.all("RUN"))


async def test_services_and_commands_import_with_what_the_image_installs(tmp_path: Path) -> None:
    lock = (PROJECT / "requirements/services.txt").read_text()
    installed = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) - _removed(BUILD)
    installed.add("mobile-security-portal")
    owners = packages_distributions()
    absent = [name for name in owners if not {_plain(one) for one in owners[name]} & installed]
    assert {"aiosmtpd", "fiftyone", "pytest", "setuptools"} <= set(absent)

    importing = Process(
        *(sys.executable, "-c", _IMPORT_ALL, json.dumps(absent)), log=tmp_path / "log", env={}
    )
    importing.start()

    assert await importing.ended(30)
    assert importing.exit_code == 0, importing.output


def _removed(stage: Stage) -> set[str]:
    found = [re.search(r"uninstall --yes (\S+)", one.text) for one in stage.all("RUN")]
    return {one[1] for one in found if one}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_code_is_where_python_looks_for_it() -> None:
    code = [source for source, _ in copied(BUILD) if (PROJECT / source).is_dir()]

    assert code == ["services", "shared", "portal"]
    assert FINAL.environment["PYTHONPATH"] == FINAL.last("WORKDIR").text == "/app"
    assert BUILD.last("WORKDIR").text == "/app"


def test_what_the_first_stage_made_is_in_the_image_at_the_same_place() -> None:
    taken = [(one.flags["from"], *one.words) for one in FINAL.all("COPY") if "from" in one.flags]

    assert taken == [(BUILD.name, path, path) for path in ("/opt/venv", "/app")]
    assert FINAL.environment["PATH"].startswith("/opt/venv/bin:")


def test_it_runs_as_a_user_without_rights_who_owns_the_folders_of_keys(tmp_path: Path) -> None:
    (making,) = [one.text for one in FINAL.all("RUN") if "useradd" in one.text]
    make_keys(tmp_path)

    user = FINAL.last("USER").text.split(":")[0]

    assert user.isdigit()
    assert int(user) > 0
    assert f"--uid {user} " in making
    assert 'install -d -o portal -g portal -m 0700 "/keys/$service"' in making
    served = re.search(r"for service in ([a-z ]+);", making)
    assert served
    assert set(served[1].split()) == {folder.name for folder in tmp_path.iterdir()}


def test_output_is_unbuffered_and_signals_reach_the_program() -> None:
    assert FINAL.environment["PYTHONUNBUFFERED"] == "1"
    assert command(FINAL)[0] == "portal"
    assert not FINAL.all("ENTRYPOINT")


def test_the_programs_that_containers_call_are_in_the_image() -> None:
    (portal,) = [one for one in FINAL.all("COPY") if one.words[0] == "deploy/images/portal"]
    checks = {health_command(containers()[name])[1] for name in SETTINGS}

    assert portal.words[1] == "/usr/local/bin/portal"
    assert portal.flags["chmod"] == "0755"
    assert checks <= {destination for _, destination in copied(FINAL)}


async def test_the_portal_command_of_the_image_works(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    portal = Process(
        PROJECT / "deploy/images/portal",
        *("keys", str(tmp_path / "keys")),
        log=tmp_path / "log",
        env={"PATH": path},
    )

    portal.start()

    assert await portal.ended(20)
    assert portal.exit_code == 0, portal.output
    assert (tmp_path / "keys/gateway/portal_pass_keys").exists()


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1), (404, 1)])
async def test_a_container_is_as_healthy_as_its_service_says(status: int, exit_code: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"database": status == 200}, status=status)

    app = web.Application()
    app.router.add_get("/readyz", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    url = await listen_on(runner, "127.0.0.1", 0)

    told = await asyncio.to_thread(ready.main, int(url.rpartition(":")[2]))
    await runner.cleanup()

    assert told == exit_code


def test_a_container_that_nobody_answers_in_is_not_healthy() -> None:
    assert ready.main(free_port()) == 1
