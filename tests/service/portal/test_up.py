"""What `portal up` says where it can't start."""

from pathlib import Path
from typing import Final

import pytest

from tests.support.processes import python_module

NOWHERE: Final = "mongodb://127.0.0.1:1/"
WRONG: Final = "Error: Settings are missing or wrong:\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"AMQP_URL": "rabbit"}, f"{WRONG}AMQP_URL: "),
        ({"MONGO_URL": "mongo"}, f"{WRONG}MONGO_URL: "),
        ({"PORTAL_PUBLIC_URL": "portal"}, f"{WRONG}PORTAL_PUBLIC_URL: "),
        ({"PORTAL_ORDER_PATIENCE": "soon"}, f"{WRONG}PORTAL_ORDER_PATIENCE: "),
        ({}, "Error: The database can't be reached just now."),
    ],
    ids=["broker", "database", "public url", "a service's setting", "no database"],
)
async def test_what_keeps_it_from_starting_is_said_in_a_sentence(
    given: dict[str, str], said: str, tmp_path: Path
) -> None:
    options = ["--port", "0", "--mail-port", "0", "--data-dir", str(tmp_path / "data")]
    environment = {"AMQP_URL": "", "MONGO_URL": NOWHERE, **given}
    up = python_module("portal.cli", "up", *options, log=tmp_path / "up.log", env=environment)

    up.start()
    try:
        has_ended = await up.ended(60)
    finally:
        await up.stop()

    assert (has_ended, up.exit_code) == (True, 1)
    assert said in up.output
    assert "Traceback" not in up.output
