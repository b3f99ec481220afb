"""`portal dead-letters`, on the database of a running service."""

import asyncio
import os
import pwd
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import pytest

from shared.clock import utc_now
from shared.contracts.events import CloudEvent, Service
from shared.contracts.operations import DeadLetterDropped, DeadLetterEdited, DeadLetterReplayed
from shared.contracts.tenancy import TenantCreated
from shared.mongo.database import Mongo
from tests.service.shared.services import SERVICES
from tests.support.processes import PROJECT
from tests.support.service import NOON, Client

GOOD: Final = (
    '{"tenant_id": "123456.sms", "name": "Acme", "reseller_id": "100001.rsp", "locale": "de"}'
)
Result: TypeAlias = subprocess.CompletedProcess[str]
Portal: TypeAlias = Callable[..., Awaitable[Result]]


@pytest.fixture
async def mailer(mongo_url: str) -> AsyncIterator[Client]:
    async with SERVICES[Service.MAILER](mongo_url) as client:
        yield client


@pytest.fixture
def portal(mailer: Client) -> Portal:
    """The command, told where the database is as a service would be."""
    settings = mailer.settings
    prefix = {"PORTAL_DATABASE_PREFIX": settings.database_prefix}

    async def run(
        *words: str,
        said: str = "",
        url: str = settings.mongo_url,
        more: Mapping[str, str] | None = None,
    ) -> Result:
        env = {**prefix, "MONGO_URL": url, **(more or {})}
        return await asyncio.to_thread(_run, words, said, env)

    return run


def _run(words: tuple[str, ...], said: str, env: dict[str, str]) -> Result:
    return subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "portal.cli", "dead-letters", *words],
        cwd=PROJECT,
        env=env,
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def a_letter(mailer: Client, key: str, tenant: str = "123456.sms") -> str:
    event = CloudEvent(
        id=key,
        source="/portal/test",
        type=TenantCreated.type,
        subject=tenant,
        time=NOON,
        sequence=1,
        tenantid=tenant,
        data={"tenant_id": tenant},
    )

    async def in_a_context_of_its_own() -> None:
        await mailer.hub.readers[Service.MAILER](event)

    await asyncio.create_task(in_a_context_of_its_own())
    return key


async def kept(mongo: Mongo) -> set[str]:
    return {row["_id"] for row in await mongo.collection("dead_letters").find({})}


async def test_a_letter_is_listed_shown_mended_and_replayed(mailer: Client, portal: Portal) -> None:
    await a_letter(mailer, "e-1")

    listed = await portal("list")
    shown = await portal("show", "mailer", "e-1")
    early = await portal("replay", "mailer", "e-1")
    edited = await portal("edit", "mailer", "e-1", "--data", "-", said=GOOD)
    dry = await portal("replay", "mailer", "e-1", "--dry-run")
    still_there = await kept(mailer.mongo)
    mailer.now.instant = utc_now() + timedelta(minutes=1)  # as the command knows the real time
    replayed = await portal("replay", "mailer", "e-1")
    async with asyncio.timeout(10):
        while not await mailer.mongo.collection("inbox").count({"_id": "e-1"}):
            await asyncio.sleep(0.02)
    again = await portal("replay", "mailer", "e-1")

    assert "mailer: 1 dead letter\n" in listed.stdout
    assert "auth: 0 dead letters" in listed.stdout
    assert "1 of cause" in listed.stdout
    assert "does not fit: #/data/locale" in shown.stdout
    assert '"tenant_id": "123456.sms"' in shown.stdout
    assert early.stdout == "e-1: does not fit its contract and stays; see show and edit\n"
    assert early.returncode == 1
    assert edited.returncode == 0, edited.stderr
    assert dry.stdout == "e-1: replayed (dry run)\n"
    assert still_there == {"e-1"}
    assert replayed.stdout == "e-1: replayed\n"
    assert (again.stdout, again.returncode) == ("e-1: was handled already\n", 0)
    assert [one.fields for one in await mailer.heard(DeadLetterEdited)] == [
        ["locale", "name", "reseller_id"]
    ]
    assert [one.letter_id for one in await mailer.heard(DeadLetterReplayed)] == ["e-1"]


async def test_many_are_dropped_by_what_they_have_in_common(mailer: Client, portal: Portal) -> None:
    for key in ("e-1", "e-2", "e-3"):
        await a_letter(mailer, key, "200001.sms" if key == "e-3" else "123456.sms")

    everything = await portal("drop", "mailer")
    both = await portal("drop", "mailer", "e-1", "--tenant", "123456.sms")
    dry = await portal("drop", "mailer", "--tenant", "123456.sms", "--dry-run")
    listed = await portal("list", "mailer", "--tenant", "200001.sms")
    before = await kept(mailer.mongo)
    dropped = await portal("drop", "mailer", "--type", TenantCreated.type, "--tenant", "123456.sms")
    none = await portal("drop", "mailer", "--tenant", "123456.sms")

    assert (everything.returncode, both.returncode) == (2, 2)
    assert dry.stdout.splitlines() == ["e-1: dropped (dry run)", "e-2: dropped (dry run)"]
    assert "mailer: 1 dead letter\n" in listed.stdout
    assert before == {"e-1", "e-2", "e-3"}
    assert dropped.stdout.splitlines() == ["e-1: dropped", "e-2: dropped"]
    assert none.stdout == "There is no such letter.\n"
    assert await kept(mailer.mongo) == {"e-3"}
    mailer.now.instant = utc_now() + timedelta(minutes=1)
    assert [one.letter_id for one in await mailer.heard(DeadLetterDropped)] == ["e-1", "e-2"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{", "no JSON"),
        ("[]", "JSON object"),
        ('{"tenant_id": "123456.sms"}', "data/locale"),
        (GOOD.replace("123456", "200001"), "data/tenant_id"),
    ],
)
async def test_an_edit_that_makes_no_sense_is_refused_with_the_reason(
    mailer: Client, portal: Portal, said: str, words: str
) -> None:
    await a_letter(mailer, "e-1")

    refused = await portal("edit", "mailer", "e-1", "--data", "-", said=said)

    assert refused.returncode == 1
    assert words in refused.stderr
    assert await mailer.mongo.collection("outbox").count({}) == 0


async def test_a_letter_that_is_not_there_is_said_to_be_none(portal: Portal) -> None:
    shown = await portal("show", "mailer", "e-1")

    assert (shown.returncode, shown.stderr) == (1, "Error: There is nothing here.\n")


async def test_in_embedded_mode_the_data_folder_is_enough(
    mailer: Client, portal: Portal, mongo_url: str, tmp_path: Path
) -> None:
    await a_letter(mailer, "e-1")
    (tmp_path / "mongodb").mkdir()
    (tmp_path / "mongodb/port").write_text(f"{urlsplit(mongo_url).port}\n")

    found = await portal("--data-dir", str(tmp_path), "list", "mailer", url="")
    none = await portal("--data-dir", str(tmp_path / "elsewhere"), "list", "mailer", url="")

    assert "mailer: 1 dead letter\n" in found.stdout
    assert (none.returncode, "MONGO_URL" in none.stderr) == (1, True)


async def test_the_activity_hears_who_acted(mailer: Client, portal: Portal) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    for key in ("e-1", "e-2"):
        await a_letter(mailer, key)

    await portal("edit", "mailer", "e-1", "--data", "-", said=GOOD)
    await portal("replay", "mailer", "e-1", "--actor", "ada-lovelace")
    await portal("drop", "mailer", "e-2", "--actor", "grace")

    mailer.now.instant = utc_now() + timedelta(minutes=1)
    acts = [
        (told.type, told.actor, told.actororg, told.correlationid)
        for kind in (DeadLetterEdited, DeadLetterReplayed, DeadLetterDropped)
        for told in await mailer.envelopes(kind)
    ]
    assert [act[:3] for act in acts] == [
        (DeadLetterEdited.type, f"operator-{me}", "vendor"),
        (DeadLetterReplayed.type, "operator-ada-lovelace", "vendor"),
        (DeadLetterDropped.type, "operator-grace", "vendor"),
    ]
    assert all(act[3] for act in acts)


@pytest.mark.parametrize("name", ["", "a b", "a.b", "<b>", "x" * 49])
async def test_an_actor_that_is_no_name_changes_nothing(
    mailer: Client, portal: Portal, name: str
) -> None:
    await a_letter(mailer, "e-1")

    refused = await portal("drop", "mailer", "e-1", "--actor", name)

    assert refused.returncode == 2
    assert "--actor" in refused.stderr
    assert await kept(mailer.mongo) == {"e-1"}


async def test_the_environment_does_not_say_who_it_is(mailer: Client, portal: Portal) -> None:
    await a_letter(mailer, "e-1")

    await portal("drop", "mailer", "e-1", more={"USER": "mallory", "LOGNAME": "mallory"})

    mailer.now.instant = utc_now() + timedelta(minutes=1)
    (told,) = await mailer.envelopes(DeadLetterDropped)
    assert told.actor == f"operator-{pwd.getpwuid(os.getuid()).pw_name}"
