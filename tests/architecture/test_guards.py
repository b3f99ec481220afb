"""The guards of the test suite itself do what they promise."""

import socket
import time

import pytest
from blockbuster import BlockingError
from pytest_socket import SocketConnectBlockedError

from portal import ports


@pytest.mark.filterwarnings("ignore:A test tried to use socket")  # besides the error, it warns
def test_tests_reach_nothing_beyond_loopback() -> None:
    with socket.socket() as outward, pytest.raises(SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 80))


async def test_a_blocking_call_of_ours_on_the_loop_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ports, "free_port", compile_in(ports.__file__))

    with pytest.raises(BlockingError):
        ports.free_port()


def compile_in(file: str) -> object:
    """A function that blocks and looks as if it stood in that file."""
    names: dict[str, object] = {"time": time}
    exec(compile("def block():\n    time.sleep(0.01)\n", file, "exec"), names)  # noqa: S102
    return names["block"]
