"""The portal in one process, as the person who starts it sees it."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal.demo.world import accounts
from shared.clock import monotonic
from tests.support.deployments import embedded
from tests.support.person import demo
from tests.support.processes import PROJECT, Process, free_port, python_module

pytestmark = pytest.mark.timeout(120)


async def test_it_says_what_it_does_and_ends_with_where_to_go_and_how_to_sign_in(
    tmp_path: Path,
) -> None:
    async with embedded(tmp_path) as (portal, process):
        said = process.output

    for step in ("MongoDB", "Mail catcher", "Auth", "Gateway", "Demo world"):
        assert step in said
    assert portal.url in said
    assert portal.mail_url in said
    for account in accounts():
        assert account.password in said
    assert process.exit_code == 0


async def test_a_second_start_takes_seconds_and_keeps_the_data(tmp_path: Path) -> None:
    newcomer = demo("123457.sms", "newcomer")
    async with embedded(tmp_path) as (portal, _):
        ask = {"username": newcomer.username, "tenant": newcomer.org}
        await portal.call("POST", "/v1/password/forgot", json=ask)
        mail = await portal.next_mail(newcomer.email, 0)
    begun = monotonic()

    async with embedded(tmp_path) as (portal, process):
        seconds = monotonic() - begun
        first = await portal.give_password(newcomer)
        kept = await portal.mails_to(newcomer.email)

    assert seconds < 15
    assert first.body["next"] == "enrol_totp"
    assert [one["ID"] for one in kept] == [mail["ID"]]
    assert process.output.count("Demo world") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
async def test_it_stops_cleanly_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    async with embedded(tmp_path) as (_, process):
        process.send(number)

        assert await process.ended(20)

    assert process.exit_code == 0
    assert "Traceback" not in process.output
    assert "Stopped; the data is kept." in process.output


async def test_it_stops_cleanly_while_it_is_still_starting(tmp_path: Path) -> None:
    process = _portal("up", "--port", str(free_port()), "--mail-port", "0", folder=tmp_path)
    process.start()
    async with asyncio.timeout(30):
        while "Starting" not in process.output:
            await asyncio.sleep(0.02)

    process.send(signal.SIGTERM)

    assert await process.ended(30)
    assert process.exit_code == 0
    assert "Traceback" not in process.output


@pytest.mark.parametrize("option", ["--port", "--mail-port"])
async def test_a_taken_port_is_one_clear_sentence(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {"--port": str(free_port()), "--mail-port": str(free_port()), option: port}
        arguments = [part for pair in ports.items() for part in pair]
        process = _portal("up", *arguments, folder=tmp_path)
        process.start()

        assert await process.ended(20)

    assert process.exit_code == 1
    assert process.output.splitlines()[1:] == [
        f"Error: Port {port} is taken by another program; choose another with {option}."
    ]


async def test_its_log_is_json_where_it_is_no_terminal(tmp_path: Path) -> None:
    async with embedded(tmp_path) as (portal, process):
        answer = await portal.call("GET", "/v1/me")
    lines = [json.loads(line) for line in process.output.splitlines() if line.startswith("{")]

    request_id = answer.headers["X-Request-Id"]
    assert any(line.get("request_id") == request_id for line in lines)


def test_the_demo_accounts_are_told_to_programs_as_json() -> None:
    told = _run("demo", "accounts", "--json")

    known = {(one["org"], one["username"]): one for one in json.loads(told.stdout)}
    assert told.returncode == 0
    assert len(known) == 13
    admin = known["123456.sms", "admin"]
    assert set(admin) == {"org", "username", "password", "totp_secret", "roles"}
    assert admin["roles"] == ["admin"]
    assert len(admin["totp_secret"]) == 32
    for tenant in ("123456.sms", "123457.sms", "200001.sms"):
        assert known[tenant, "newcomer"]["totp_secret"] is None
        assert known[tenant, "newcomer"]["roles"] == ["admin"]
        assert known[tenant, "auditor"]["roles"] == ["auditor"]


def test_the_demo_world_is_refused_where_nobody_asked_for_one() -> None:
    told = _run("demo", "seed")

    assert told.returncode == 1
    assert "PORTAL_DEMO=1" in told.stderr


def _portal(*arguments: str, folder: Path) -> Process:
    known = [*arguments, "--data-dir", str(folder / "data")]
    return python_module("portal.cli", *known, log=folder / "portal.log", env={})


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "portal.cli", *arguments]
    return subprocess.run(  # noqa: S603 our own command
        command, cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )
