"""A mongod of our own keeps its data through stops, crashes and changes of port."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal.mongod import Mongod, MongodFailedError, MongodMissingError, find_mongod, run_mongod
from portal.ports import free_port, is_free
from shared.clock import monotonic
from shared.mongo.database import open_mongo
from tests.support.processes import Process
from tests.support.scratch import scratch_folder


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    with scratch_folder("mongod") as folder:
        yield folder


async def _write(mongod: Mongod, name: str) -> None:
    async with open_mongo(mongod.url, "test") as mongo:
        await mongo.collection("things").insert({"_id": name})


async def _count(mongod: Mongod) -> int:
    async with open_mongo(mongod.url, "test") as mongo:
        return await mongo.collection("things").count({})


async def test_data_and_port_are_kept_over_a_restart(folder: Path) -> None:
    async with run_mongod(folder) as first:
        await _write(first, "a")

    begun = monotonic()
    async with run_mongod(folder) as second:
        seconds = monotonic() - begun

        assert await _count(second) == 1
        assert second.url == first.url
        assert seconds < 10


async def test_data_written_before_a_crash_are_there_after_it(folder: Path) -> None:
    async with run_mongod(folder) as mongod:
        await _write(mongod, "a")

        await mongod.kill()
        await mongod.start()

        assert await _count(mongod) == 1


async def test_it_moves_to_another_port_when_its_own_was_taken_meanwhile(folder: Path) -> None:
    async with run_mongod(folder) as first:
        await _write(first, "a")
        port = int(first.url.split(":")[2].split("/")[0])

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        async with run_mongod(folder) as second:
            await _write(second, "b")

            assert await _count(second) == 2
            assert second.url != first.url


async def test_another_mongod_on_the_old_port_is_left_alone(folder: Path) -> None:
    async with run_mongod(folder / "a") as moved:
        await _write(moved, "a")
        port = int(moved.url.split(":")[2].split("/")[0])

    async with run_mongod(folder / "b", port=port) as other, run_mongod(folder / "a") as moved:
        assert await _count(moved) == 1
        assert await _count(other) == 0
        await _write(other, "still writable")


async def test_a_taken_port_that_was_asked_for_is_one_clear_sentence(folder: Path) -> None:
    port = free_port()

    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(MongodFailedError, match=f"can't listen on port {port}: it is taken"),
    ):
        await Mongod(folder, port=port).start()


async def test_a_folder_that_another_mongod_uses_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.mongod._HANDOVER_SECONDS", 0.0)

    async with run_mongod(folder) as running:
        with pytest.raises(MongodFailedError, match="in use by another mongod"):
            await Mongod(folder).start()

        await _write(running, "a")


async def test_a_folder_that_the_predecessor_is_just_leaving_is_waited_for(folder: Path) -> None:
    first = Mongod(folder)
    await first.start()
    second = Mongod(folder)

    os.kill(first.pid, signal.SIGTERM)
    await second.start()

    assert await _count(second) == 0
    await second.stop()
    await first.stop()


async def test_what_keeps_it_from_starting_is_told(folder: Path) -> None:
    (folder / "db").mkdir()
    (folder / "db" / "storage.bson").write_bytes(b"nonsense")

    with pytest.raises(MongodFailedError, match=r"exit code \d+"):
        await Mongod(folder).start()


async def test_its_end_is_noticed(folder: Path) -> None:
    async with run_mongod(folder) as mongod:
        waiting = asyncio.create_task(mongod.wait())
        await mongod.kill()

        assert await waiting == -signal.SIGKILL
        assert mongod.pid == 0


async def test_it_ends_when_its_parent_is_killed(folder: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from portal.mongod import Mongod\n"
        "async def main():\n"
        "    await Mongod(Path(sys.argv[1])).start()\n"
        "    print('ready', flush=True); await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    parent = Process(sys.executable, "-c", code, str(folder), log=folder / "parent.log", env={})
    parent.start()
    while "ready" not in parent.output:
        assert parent.is_running, parent.output
        await asyncio.sleep(0.05)
    port = int((folder / "port").read_text())

    await parent.kill()

    async with asyncio.timeout(20):
        while not is_free(port):
            await asyncio.sleep(0.05)


def test_a_mongod_on_path_comes_before_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mongod = tmp_path / "mongod"
    mongod.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_mongod() == mongod


def test_without_any_mongod_the_three_ways_to_one_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("portal.mongod.WHEEL", "no-such-wheel")

    with pytest.raises(MongodMissingError, match=r"MONGO_URL.*PATH.*wheel"):
        find_mongod()
