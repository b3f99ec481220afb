"""Whoever writes to the database behind the portal's back is found out."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from services.tenancy.actions.link_activity import link_all
from services.tenancy.app import build
from services.tenancy.domain.chain import digest
from shared.keys import sign, signing_keys
from shared.mongo.collection import Collection
from tests.service.tenancy.happenings import READER, TENANT, flaws, happen, heads, removed
from tests.support.processes import PROJECT
from tests.support.service import Client
from tests.support.tenancy import ACTIVITY_KEYS

SCRIPT: Final = PROJECT / "docs/examples/verify_activity.py"
EXPORT: Final = f"/v1/tenants/{TENANT}/activity/export.jsonl"


@pytest.fixture
async def chain(tenancy: Client) -> Client:
    """Tenancy, with five rows in the tenant's chain."""
    for number in range(5):
        await happen(tenancy, removed(f"reason {number}"), event_id=f"e-{number}")
    async with tenancy.acting(build) as deps:
        await link_all(deps)
    return tenancy


async def altered(rows: Collection) -> None:
    await rows.update({"_id": f"{TENANT}/3"}, {"$set": {"reason": "something else"}})


async def altered_details(rows: Collection) -> None:
    await rows.update({"_id": f"{TENANT}/3"}, {"$set": {"details": {"count": "1"}}})


async def altered_with_its_hash(rows: Collection) -> None:
    row = await rows.find_one({"_id": f"{TENANT}/3"}) or {}
    row["reason"] = "something else"
    row["hash"] = digest({name: row[name] for name in ("chain", "sequence", "reason", "previous")})
    await rows.replace({"_id": row["_id"]}, row)


async def deleted(rows: Collection) -> None:
    await rows.delete_many({"_id": f"{TENANT}/3"})


async def deleted_the_first(rows: Collection) -> None:
    await rows.delete_many({"_id": f"{TENANT}/1"})


async def cut_off_the_end(rows: Collection) -> None:
    await rows.delete_many({"chain": TENANT, "sequence": {"$gte": 4}})


async def deleted_all(rows: Collection) -> None:
    await rows.delete_many({"chain": TENANT})


async def exchanged(rows: Collection) -> None:
    for a, b in ((2, 99), (3, 2), (99, 3)):
        await rows.update({"chain": TENANT, "sequence": a}, {"$set": {"sequence": b}})


async def added_at_the_end(rows: Collection) -> None:
    row = await rows.find_one({"_id": f"{TENANT}/5"}) or {}
    await rows.insert({**row, "_id": f"{TENANT}/6", "sequence": 6, "previous": row["hash"]})


async def moved_to_another_chain(rows: Collection) -> None:
    await rows.update({"_id": f"{TENANT}/5"}, {"$set": {"chain": "100002.rsp", "sequence": 9}})


ATTACKS: Final = [
    altered,
    altered_details,
    altered_with_its_hash,
    deleted,
    deleted_the_first,
    cut_off_the_end,
    deleted_all,
    exchanged,
    added_at_the_end,
    moved_to_another_chain,
]


async def test_an_untouched_chain_is_whole(chain: Client) -> None:
    assert await flaws(chain) == {}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.__name__)
async def test_a_row_that_was_touched_is_found(
    chain: Client, attack: Callable[[Collection], Awaitable[None]]
) -> None:
    await attack(chain.mongo.collection("activity_entries"))

    assert TENANT in await flaws(chain)


async def test_rows_that_are_hashed_anew_do_not_fit_the_signed_head(chain: Client) -> None:
    rows = chain.mongo.collection("activity_entries")
    export = (await chain.get(EXPORT, as_=READER)).body.splitlines()
    previous, forged = json.loads(export[1])["hash"], "something else"

    for line in export[2:5]:
        fields = {**json.loads(line), "reason": forged, "previous": previous}
        previous = digest(fields)
        change = {"reason": forged, "previous": fields["previous"], "hash": previous}
        where = {"_id": f"{TENANT}/{fields['sequence']}"}
        await rows.update(where, {"$set": change})

    assert (await flaws(chain))[TENANT] == ["row 5 is not the one that the head vouches for"]


async def test_a_head_that_another_key_signed_is_not_believed_nor_continued(chain: Client) -> None:
    rows = chain.mongo.collection("activity_heads")
    claims = {"chain": TENANT, "sequence": 0, "hash": "0" * 64}
    claims |= {"cut_sequence": 0, "cut_hash": "0" * 64}
    forged = sign(signing_keys(), "portal-activity-head+jwt", claims)
    await deleted_all(chain.mongo.collection("activity_entries"))
    await rows.update({"_id": TENANT}, {"$set": {"statement": forged}})

    await happen(chain, removed())
    listed = await chain.get(f"/v1/tenants/{TENANT}/activity", as_=READER)

    assert (await flaws(chain))[TENANT] == ["its head was signed by no key"]
    assert listed.body["items"] == []
    assert await chain.mongo.collection("activity_waiting").count({"chain": TENANT}) == 1


async def test_the_head_of_another_chain_is_not_believed(chain: Client) -> None:
    rows = chain.mongo.collection("activity_heads")
    other = await rows.find_one({"_id": "100001.rsp"}) or {}

    await rows.update({"_id": TENANT}, {"$set": {"statement": other["statement"]}})

    assert TENANT in await flaws(chain)


async def test_a_chain_put_back_with_its_head_is_found_by_the_heads_kept_elsewhere(
    chain: Client,
) -> None:
    rows, old = chain.mongo.collection("activity_heads"), await heads(chain)
    statement = await rows.find_one({"_id": TENANT}) or {}
    await happen(chain, removed("the last one"))
    await chain.get(f"/v1/tenants/{TENANT}/activity", as_=READER)
    known = await heads(chain)

    await rows.replace({"_id": TENANT}, statement)
    where = {"chain": TENANT, "sequence": {"$gt": old[TENANT].sequence}}
    await chain.mongo.collection("activity_entries").delete_many(where)

    assert await flaws(chain) == {}  # from inside it looks like a younger chain
    assert TENANT in await flaws(chain, known)
    assert "put back" in (await flaws(chain, known))[TENANT][0]


async def test_a_chain_that_is_gone_with_its_head_is_found_by_the_heads_kept_elsewhere(
    chain: Client,
) -> None:
    known = await heads(chain)

    await deleted_all(chain.mongo.collection("activity_entries"))
    await chain.mongo.collection("activity_heads").delete_many({"_id": TENANT})

    assert TENANT in await flaws(chain, known)


# --- what was exported ----------------------------------------------------------------------------


def swap(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


FILES: Final[dict[str, Callable[[list[str]], list[str]]]] = {
    "altered": lambda lines: [line.replace("reason 2", "reason 7") for line in lines],
    "deleted": lambda lines: lines[:2] + lines[3:],
    "without the first": lambda lines: lines[1:],
    "cut off": lambda lines: [*lines[:-2], lines[-1]],
    "swapped": swap,
    "doubled": lambda lines: [*lines[:2], *lines[1:]],
    "without a head": lambda lines: lines[:-1],
    "with a forged head": lambda lines: [*lines[:-1], lines[-1].replace("a", "b", 20)],
}


@dataclass(frozen=True)
class Verdicts:
    stranger: subprocess.CompletedProcess[str]
    ours: Result


def verdicts(folder: Path, lines: list[str]) -> Verdicts:
    """What the script that shares no code with us says of these lines, and our command."""
    (folder / "keys.json").write_text(ACTIVITY_KEYS.public())
    (folder / "export.jsonl").write_text("".join(f"{line}\n" for line in lines))
    given = [sys.executable, "-I", str(SCRIPT), "keys.json", "export.jsonl"]
    stranger = subprocess.run(given, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 our own script
    known = ["activity", "verify", "--keys", str(folder / "keys.json")]
    return Verdicts(stranger, CliRunner().invoke(main, [*known, str(folder / "export.jsonl")]))


async def test_an_export_is_verified_by_the_command_and_by_a_stranger(
    chain: Client, tmp_path: Path
) -> None:
    lines = (await chain.get(EXPORT, as_=READER)).body.splitlines()

    found = await asyncio.to_thread(verdicts, tmp_path, lines)

    assert (found.stranger.returncode, found.ours.exit_code) == (0, 0), found
    assert found.stranger.stdout == f"whole: {TENANT}, rows 1 to 5\n"
    assert found.ours.output == f"{TENANT}: rows 1 to 5, whole\n"


@pytest.mark.parametrize("change", FILES.values(), ids=FILES.keys())
async def test_a_changed_export_is_found_out_by_the_command_and_by_a_stranger(
    chain: Client, tmp_path: Path, change: Callable[[list[str]], list[str]]
) -> None:
    lines = (await chain.get(EXPORT, as_=READER)).body.splitlines()

    found = await asyncio.to_thread(verdicts, tmp_path, change(lines))

    assert found.stranger.returncode == 1
    assert isinstance(found.ours.exception, SystemExit)
    assert found.ours.exit_code == 1
    assert "BROKEN" in found.ours.output


def test_the_strangers_script_is_short_and_shares_nothing() -> None:
    text = SCRIPT.read_text()

    imported = {
        line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))
    }

    assert len(text.splitlines()) <= 100
    assert imported <= set(sys.stdlib_module_names)
