"""A service as a process: how it starts, how it stops, and with which code."""

import asyncio
import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from shared.clock import monotonic
from shared.http_client import open_http_client
from shared.keys import signing_keys, vault_keys
from tests.support.processes import Process, free_port, python_module

KEYS = signing_keys()
Started = Callable[..., Process]


@pytest.fixture
def program(tmp_path: Path) -> Started:
    """Makes the program; arguments are settings, with sensible ones for what is not named."""

    def make(**settings: Any) -> Process:
        known = {"SECONDS": 0, "KEYS": KEYS.private(), "GRACE_SECONDS": 3, **settings}
        env = {f"PORTAL_{name}": str(value) for name, value in known.items() if value is not None}
        return python_module("tests.service.shared.program", log=tmp_path / "program.log", env=env)

    return make


async def said(process: Process, words: str) -> None:
    async with asyncio.timeout(15):
        while words not in process.output:
            assert process.is_running, process.output
            await asyncio.sleep(0.02)


async def request_under_way(process: Process, port: int) -> "asyncio.Task[tuple[int, str]]":
    async def get() -> tuple[int, str]:
        async with open_http_client() as http, http.get(f"http://127.0.0.1:{port}/") as got:
            return got.status, await got.text()

    await _listens(process, port)
    task = asyncio.create_task(get())
    await said(process, "request begun")
    return task


async def _listens(process: Process, port: int) -> None:
    async with asyncio.timeout(15):
        while True:
            assert process.is_running, process.output
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["sigterm", "ctrl-c"])
async def test_a_stop_lets_a_request_under_way_be_answered_and_ends_with_zero(
    program: Started, number: signal.Signals
) -> None:
    port = free_port()
    process = program(PORT=port, SECONDS=0.7)
    process.start()
    request = await request_under_way(process, port)

    process.send(number)

    assert await request == (200, "done")
    assert await process.ended(5)
    assert process.exit_code == 0


async def test_a_stop_does_not_wait_for_ever(program: Started) -> None:
    port = free_port()
    process = program(PORT=port, SECONDS=60, GRACE_SECONDS=0.5)
    process.start()
    request = await request_under_way(process, port)
    begun = monotonic()

    process.send(signal.SIGTERM)

    assert await process.ended(8)
    assert monotonic() - begun < 7
    with pytest.raises(aiohttp.ClientError):
        await request


async def test_a_long_task_that_ends_makes_the_process_end_with_one(program: Started) -> None:
    process = program(FAILS_AFTER=0.1)
    process.start()

    assert await process.ended(15)
    assert process.exit_code == 1


async def test_a_taken_port_is_told_and_ends_with_one(program: Started) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = program(PORT=taken.getsockname()[1])
        process.start()

        assert await process.ended(15)

    assert process.exit_code == 1
    assert "Traceback" not in process.output
    line = json.loads(process.output.splitlines()[-1])
    assert line["event"] == "service_not_started"
    assert "address already in use" in line["reason"]


async def test_wrong_settings_are_a_sentence_each_and_end_with_two(program: Started) -> None:
    process = program(PORT="many", SECONDS=None, LOG_LEVEL="LOUD", KEYS="not a key")
    process.start()

    assert await process.ended(15)

    assert process.exit_code == 2
    first, *lines = process.output.strip().splitlines()
    assert first == "Settings are missing or wrong:"
    assert sorted(line.partition(":")[0] for line in lines) == [
        "PORTAL_KEYS",
        "PORTAL_LOG_LEVEL",
        "PORTAL_PORT",
        "PORTAL_SECONDS",
    ]
    assert "not a key" not in process.output


@pytest.mark.parametrize("name", ["auth", "gateway", "licensing", "mailer", "tenancy"])
async def test_every_service_says_what_it_lacks_and_ends_with_two(
    tmp_path: Path, name: str
) -> None:
    empty = {"MONGO_URL": "", "AMQP_URL": "", "PORTAL_SECRETS_DIR": str(tmp_path)}
    process = python_module(f"services.{name}", log=tmp_path / "out.log", env=empty)
    process.start()

    assert await process.ended(20)

    assert process.exit_code == 2
    assert "Traceback" not in process.output
    assert "AMQP_URL" in process.output


@pytest.mark.parametrize("kind", ["absent", "a file"])
async def test_a_folder_of_secrets_that_is_none_is_told_and_ends_with_two(
    program: Started, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "secrets"
    if kind == "a file":
        await asyncio.to_thread(folder.write_text, "x")
    process = program(SECRETS_DIR=folder)
    process.start()

    assert await process.ended(15)

    assert process.exit_code == 2
    assert "Traceback" not in process.output
    assert "PORTAL_SECRETS_DIR" in process.output


async def test_a_stop_while_the_bus_is_still_waited_for_is_clean_and_quick(
    tmp_path: Path, mongo_url: str
) -> None:
    passes = signing_keys()
    env = {
        "MONGO_URL": mongo_url,
        "AMQP_URL": f"amqp://127.0.0.1:{free_port()}/",
        "PORTAL_DATABASE_PREFIX": "w_",
        "PORTAL_PORT": str(free_port()),
        "PORTAL_PASS_PUBLIC_KEYS": passes.public(),
        "PORTAL_ACTIVITY_KEYS": signing_keys().private(),
        "PORTAL_WEBHOOK_KEYS": vault_keys().private(),
    }
    process = python_module("services.tenancy", log=tmp_path / "out.log", env=env)
    process.start()
    await said(process, "bus_not_reached")
    begun = monotonic()

    process.send(signal.SIGTERM)

    assert await process.ended(10)
    assert monotonic() - begun < 3
    assert process.exit_code == 0
    assert "Traceback" not in process.output


async def test_a_database_that_is_away_at_the_start_is_told_and_ends_with_one(
    tmp_path: Path, amqp_url: str
) -> None:
    env = {
        "MONGO_URL": f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0",
        "AMQP_URL": amqp_url,
        "PORTAL_PORT": str(free_port()),
        "PORTAL_PASS_PUBLIC_KEYS": signing_keys().public(),
        "PORTAL_ACTIVITY_KEYS": signing_keys().private(),
        "PORTAL_WEBHOOK_KEYS": vault_keys().private(),
    }
    process = python_module("services.tenancy", log=tmp_path / "out.log", env=env)
    process.start()

    assert await process.ended(30)

    assert process.exit_code == 1
    assert "Traceback" not in process.output
    assert "service_not_started" in process.output
