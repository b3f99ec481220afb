"""How rows get into their chains, from many hands at once, and how old ends are cut off."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from portal.activity import verify_portal
from portal.cli import main
from services.tenancy.actions import link_activity
from services.tenancy.actions.cut_activity import cut_all
from services.tenancy.actions.link_activity import link_all
from services.tenancy.app import build
from services.tenancy.settings import TenancySettings
from tests.service.tenancy.happenings import READER, TENANT, flaws, happen, heads, removed
from tests.support.service import Client
from tests.support.tenancy import DAY

PATH = f"/v1/tenants/{TENANT}/activity"


def settings_of(tenancy: Client) -> TenancySettings:
    assert isinstance(tenancy.settings, TenancySettings)
    return tenancy.settings


async def link(tenancy: Client) -> None:
    async with tenancy.acting(build) as deps:
        await link_all(deps)


async def cut(tenancy: Client) -> None:
    async with tenancy.acting(build) as deps:
        await cut_all(deps)


async def sequences(tenancy: Client) -> list[int]:
    rows = await tenancy.mongo.collection("activity_entries").find({"chain": TENANT})
    return sorted(row["sequence"] for row in rows)


async def test_many_replicas_that_link_at_once_leave_no_gap_and_double_nothing(
    tenancy: Client,
) -> None:
    async def write(replica: int) -> None:
        for number in range(20):
            await happen(tenancy, removed(f"{replica}/{number}"))
            await link(tenancy)

    async with asyncio.TaskGroup() as group:
        for replica in range(4):
            group.create_task(write(replica))

    assert await sequences(tenancy) == list(range(1, 81))
    assert await flaws(tenancy) == {}
    assert await tenancy.mongo.collection("activity_waiting").count({}) == 0


async def test_a_row_is_linked_by_itself_within_a_second(tenancy: Client) -> None:
    await happen(tenancy, removed())

    async with asyncio.timeout(2):
        while await sequences(tenancy) != [1]:
            await asyncio.sleep(0.05)


async def test_a_chain_that_nobody_vouches_for_keeps_no_other_one_waiting(
    tenancy: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_activity, "BATCH", 3)
    await happen(tenancy, removed("first"))
    await link(tenancy)
    heads = tenancy.mongo.collection("activity_heads")
    await heads.update({"_id": TENANT}, {"$set": {"statement": "forged"}})
    for number in range(5):
        await happen(tenancy, removed(f"{number}"), actor_org=TENANT)
    await happen(tenancy, removed("elsewhere", org="123457.sms"), actor_org="123457.sms")

    await link(tenancy)

    waiting = await tenancy.mongo.collection("activity_waiting").find({})
    assert {row["chain"] for row in waiting} == {TENANT}
    assert await sequences(tenancy) == [1]


@pytest.mark.parametrize("is_put_back", [True, False], ids=["put back", "deleted"])
async def test_a_chain_with_rows_beyond_its_head_is_left_and_keeps_no_other_one_waiting(
    tenancy: Client, *, is_put_back: bool
) -> None:
    await happen(tenancy, removed("first"))
    await link(tenancy)
    heads = tenancy.mongo.collection("activity_heads")
    before = await heads.find_one({"_id": TENANT}) or {}
    await happen(tenancy, removed("second"))
    await link(tenancy)
    if is_put_back:
        await heads.replace({"_id": TENANT}, before)
    else:
        await heads.delete_many({"_id": TENANT})
    await happen(tenancy, removed("third"), actor_org=TENANT)
    await happen(tenancy, removed("elsewhere", org="123457.sms"), actor_org="123457.sms")

    async with asyncio.timeout(10):
        await link(tenancy)
        listed = await tenancy.get(PATH, as_=READER)

    waiting = await tenancy.mongo.collection("activity_waiting").find({})
    assert {row["chain"] for row in waiting} == {TENANT}
    assert await sequences(tenancy) == [1, 2]
    assert listed.status == 200
    assert TENANT in await flaws(tenancy)


async def test_a_chain_with_rows_beyond_its_head_is_not_cut(tenancy: Client) -> None:
    heads = tenancy.mongo.collection("activity_heads")
    for age in (500, 450):
        await happen(tenancy, removed(f"{age} days old"), after=-age * DAY)
        await link(tenancy)
    before = await heads.find_one({"_id": TENANT}) or {}
    await happen(tenancy, removed("new"))
    await link(tenancy)
    await heads.replace({"_id": TENANT}, before)

    await cut(tenancy)

    assert await sequences(tenancy) == [1, 2, 3]
    assert TENANT in await flaws(tenancy)


async def test_an_event_that_comes_again_after_it_was_linked_is_no_second_row(
    tenancy: Client,
) -> None:
    await happen(tenancy, removed(), event_id="e-1")
    await link(tenancy)

    await happen(tenancy, removed(), event_id="e-1")
    await link(tenancy)

    assert await sequences(tenancy) == [1]


async def test_what_is_no_longer_kept_is_cut_off_and_the_rest_is_still_whole(
    tenancy: Client,
) -> None:
    for age in (500, 450, 401, 399, 1):
        await happen(tenancy, removed(f"{age} days old"), after=-age * DAY)
        await link(tenancy)
    known = await heads(tenancy)

    await cut(tenancy)
    await cut(tenancy)

    listed = (await tenancy.get(PATH, as_=READER)).body["items"]
    assert [row["reason"] for row in listed if row["reason"] != "no longer kept"] == [
        "1 days old",
        "399 days old",
    ]
    (note,) = [row for row in listed if row["what"] == "activity.cut"]
    assert note["details"] == {"count": "3", "until": "3"}
    assert await flaws(tenancy) == {}
    assert await flaws(tenancy, known) == {}


async def test_rows_that_were_tampered_with_are_not_cut_off_to_hide_it(tenancy: Client) -> None:
    for age in (500, 450):
        await happen(tenancy, removed(f"{age} days old"), after=-age * DAY)
        await link(tenancy)
    rows = tenancy.mongo.collection("activity_entries")
    await rows.update({"_id": f"{TENANT}/1"}, {"$set": {"actor": "somebody-else"}})

    await cut(tenancy)

    assert await sequences(tenancy) == [1, 2]
    assert "row 1 is not what it was" in (await flaws(tenancy))[TENANT][0]


async def test_nobody_moves_the_old_end_but_by_a_signed_cut(tenancy: Client) -> None:
    for number in range(4):
        await happen(tenancy, removed(str(number)))
    await link(tenancy)

    await tenancy.mongo.collection("activity_entries").delete_many({"sequence": {"$lte": 2}})

    assert "row 3 follows row 0" in (await flaws(tenancy))[TENANT][0]


async def test_the_command_keeps_the_heads_and_finds_a_chain_that_was_put_back(
    tenancy: Client, tmp_path: Path
) -> None:
    file = tmp_path / "heads.json"
    await happen(tenancy, removed())
    await link(tenancy)
    before = await tenancy.mongo.collection("activity_heads").find_one({"_id": TENANT}) or {}
    await happen(tenancy, removed("to be hidden"))
    await link(tenancy)

    first = await asyncio.to_thread(verify_portal, settings_of(tenancy), file)
    await tenancy.mongo.collection("activity_entries").delete_many({"_id": f"{TENANT}/2"})
    await tenancy.mongo.collection("activity_heads").replace({"_id": TENANT}, before)
    second = await asyncio.to_thread(verify_portal, settings_of(tenancy), file)

    assert not [one for one in first if one.flaws]
    assert [one.chain for one in second if one.flaws] == [TENANT]
    assert json.loads(file.read_text())[TENANT]["sequence"] == 2


async def test_the_command_verifies_the_portal_that_its_settings_name(tenancy: Client) -> None:
    await happen(tenancy, removed())
    await link(tenancy)
    settings = settings_of(tenancy)
    environment = {
        "MONGO_URL": settings.mongo_url,
        "AMQP_URL": settings.amqp_url,
        "PORTAL_DATABASE_PREFIX": settings.database_prefix,
        "PORTAL_PASS_PUBLIC_KEYS": settings.pass_public_keys.get_secret_value(),
        "PORTAL_ACTIVITY_KEYS": settings.activity_keys.get_secret_value(),
        "PORTAL_WEBHOOK_KEYS": settings.webhook_keys.get_secret_value(),
    }

    def verify() -> tuple[int, str]:
        done = CliRunner().invoke(main, ["activity", "verify"], env=environment)
        return done.exit_code, done.output

    whole = await asyncio.to_thread(verify)
    await tenancy.mongo.collection("activity_entries").delete_many({"_id": f"{TENANT}/1"})
    broken = await asyncio.to_thread(verify)

    assert whole[0] == 0
    assert f"{TENANT}: rows 1 to 1, whole" in whole[1]
    assert broken[0] == 1
    assert f"{TENANT}: rows 1 to 1, BROKEN" in broken[1]


async def test_the_command_verifies_the_portal_that_runs_on_a_data_folder(
    tenancy: Client, tmp_path: Path
) -> None:
    await happen(tenancy, removed())
    await link(tenancy)
    settings, keys = settings_of(tenancy), tmp_path / "keys/tenancy"
    keys.mkdir(parents=True)
    for name in ("pass_public_keys", "activity_keys", "webhook_keys"):
        (keys / f"portal_{name}").write_text(getattr(settings, name).get_secret_value())
    (tmp_path / "mongodb").mkdir()
    (tmp_path / "mongodb/port").write_text(f"{urlsplit(settings.mongo_url).port}\n")
    environment = {"MONGO_URL": None, "PORTAL_DATABASE_PREFIX": settings.database_prefix}
    command = ["activity", "--data-dir", str(tmp_path), "verify"]

    done = await asyncio.to_thread(CliRunner().invoke, main, command, env=environment)

    assert done.exit_code == 0, done.output
    assert f"{TENANT}: rows 1 to 1, whole" in done.output
