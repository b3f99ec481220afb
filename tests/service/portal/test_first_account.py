"""`portal accounts create-vendor-admin`, as an operator runs it on a fresh installation."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.keyring import make_keys
from shared.ids import new_id
from shared.mongo.database import open_mongo
from tests.support.processes import PROJECT

VERA = ("--username", "vera", "--email", "vera@vendor.example")


@pytest.fixture
def environment(tmp_path: Path, mongo_url: str) -> dict[str, str]:
    """What auth is told on a machine of its own."""
    make_keys(tmp_path)
    return {
        "MONGO_URL": mongo_url,
        "AMQP_URL": "amqp://nobody.invalid/",
        "PORTAL_DATABASE_PREFIX": f"t_{new_id()[:12]}_",
        "PORTAL_PUBLIC_URL": "https://portal.example",
        "PORTAL_SECRETS_DIR": str(tmp_path / "auth"),
    }


def run(environment: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "portal.cli", "accounts", "create-vendor-admin", *options]
    return subprocess.run(  # noqa: S603 our own command
        command,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


async def rows(environment: dict[str, str]) -> list[dict[str, object]]:
    name = f"{environment['PORTAL_DATABASE_PREFIX']}auth"
    async with open_mongo(environment["MONGO_URL"], name) as mongo:
        return await mongo.collection("accounts").find({})


async def clean_up(environment: dict[str, str]) -> None:
    name = f"{environment['PORTAL_DATABASE_PREFIX']}auth"
    async with open_mongo(environment["MONGO_URL"], name) as mongo:
        await mongo.drop()


async def test_it_prints_a_link_of_the_public_host_and_needs_no_bus_for_it(
    environment: dict[str, str],
) -> None:
    told = run(environment, *VERA, "--print-link")
    kept = await rows(environment)
    await clean_up(environment)

    link = urlsplit(told.stdout.strip())
    assert told.returncode == 0, told.stderr
    assert (link.scheme, link.netloc, link.path) == (
        "https",
        "portal.example",
        "/accept-invitation",
    )
    assert len(parse_qs(link.query)["token"][0]) == 43
    assert [(row["org"], row["status"], row["password_hash"]) for row in kept] == [
        ("vendor", "invited", None)
    ]


async def test_it_is_refused_in_one_sentence_where_there_is_an_administrator(
    environment: dict[str, str],
) -> None:
    run(environment, *VERA, "--print-link")

    told = run(environment, "--username", "eve", "--email", "e@v.example", "--print-link")
    kept = await rows(environment)
    await clean_up(environment)

    assert told.returncode == 1
    assert told.stderr.startswith("Error: There is an administrator of the vendor already")
    assert [row["username"] for row in kept] == ["vera"]


def test_an_address_that_is_none_is_told_by_its_option(environment: dict[str, str]) -> None:
    told = run(environment, "--username", "vera", "--email", "nobody", "--print-link")

    assert (told.returncode, told.stderr) == (1, "Error: Not accepted: --email.\n")
