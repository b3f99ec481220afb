"""Licence files: signed, verified without us, and good no longer than they should be."""

import asyncio
import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.tenancy import TenantCreated, TenantTransferred
from shared.keys import Keys, document_keys, sign
from shared.passes import PUBLIC
from tests.support.licensing import LICENCE_KEYS, a_licence
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.verifiers import the_example, verified_by_jose

FILE = "/v1/tenants/123456.sms/licences/l-1/file"
DEVICES = "/v1/tenants/123456.sms/devices"
READER = a_pass("123456.sms", Permission.LICENCE_READ)
ADMIN = a_pass("123456.sms", Permission.DEVICE_MANAGE)
ANYBODY = a_pass(PUBLIC)
EXAMPLE = the_example()


async def add(licensing: Client, fingerprint: str = "fingerprint-1") -> dict[str, str]:
    body = {"licence_id": "l-1", "fingerprint": fingerprint, "name": "Tablet", "platform": "ios"}
    answer = await licensing.post(DEVICES, as_=ADMIN, json=body)
    assert isinstance(answer.body, dict)
    return answer.body


async def keys(licensing: Client) -> dict[str, Any]:
    answer = await licensing.get("/.well-known/licence-keys.json", as_=ANYBODY)
    assert isinstance(answer.body, dict)
    return answer.body


async def verdict(licensing: Client, file: str, fingerprint: str | None = None) -> str:
    """What whoever has the file, the keys and a fresh list finds at this instant."""
    revocations = await licensing.get("/.well-known/licence-revocations", as_=ANYBODY)
    now = int(licensing.now().timestamp())
    try:
        EXAMPLE.verify(file, await keys(licensing), revocations.body, now, fingerprint)
    except EXAMPLE.RefusedError as refused:
        return str(refused)
    return "valid"


async def test_a_file_says_what_is_licensed_and_until_when(licensing: Client) -> None:
    await a_licence(licensing)

    answer = await licensing.get(FILE, as_=READER)

    assert (answer.status, answer.headers["Content-Type"]) == (
        200,
        "application/jose; charset=utf-8",
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert _claims(answer.body) == {
        "iss": "portal-licensing",
        "sub": "l-1",
        "iat": int(NOON.timestamp()),
        "nbf": int(NOON.timestamp()) - 13 * 3600,
        "exp": int((NOON + timedelta(days=30)).timestamp()),
        "tenant": "123456.sms",
        "licence": {
            "id": "l-1",
            "product": "mobile-security",
            "model": "term",
            "seats": 10,
            "starts_on": "2026-03-10",
            "ends_on": "2027-03-09",
        },
        "entitlements": [
            {"feature": "device-management", "until": None},
            {"feature": "vpn", "until": None},
            {"feature": "cyber-defense-cloud", "until": None},
        ],
        "seat": None,
    }
    assert await verdict(licensing, answer.body) == "valid"


async def test_a_device_gets_its_own_file_and_the_admin_gets_the_same(licensing: Client) -> None:
    await a_licence(licensing)
    device = await add(licensing)
    query = {"device_id": device["device_id"]}

    by_admin = await licensing.get(FILE, as_=READER, params=query)
    by_device = await own_file(licensing, device["token"])

    assert by_device.status == 200
    assert by_admin.body == by_device.body
    assert _claims(by_device.body)["seat"] == {
        "device_id": device["device_id"],
        "fingerprint": "fingerprint-1",
        "platform": "ios",
    }
    assert await verdict(licensing, by_device.body, "fingerprint-1") == "valid"
    assert await verdict(licensing, by_device.body, "fingerprint-2") == "other_device"


async def own_file(licensing: Client, token: str) -> Answer:
    return await licensing.post("/v1/devices/licence-file", as_=ANYBODY, json={"token": token})


async def test_no_file_outlives_its_licence(licensing: Client) -> None:
    await a_licence(licensing, ends_on="2026-03-11")
    file = (await licensing.get(FILE, as_=READER)).body

    licensing.now.advance(timedelta(days=30))
    last_days = (await licensing.get(FILE, as_=READER)).body
    old = await verdict(licensing, file)
    new = await verdict(licensing, last_days)
    licensing.now.advance(timedelta(days=2))
    after = await verdict(licensing, last_days)
    none = await licensing.get(FILE, as_=READER)

    assert (old, new, after) == ("expired", "valid", "expired")
    assert (none.status, none.body["code"], none.body["reason"]) == (
        409,
        "licence_not_valid",
        "expired",
    )


async def test_a_removed_devices_file_is_revoked_and_no_new_one_made(licensing: Client) -> None:
    await a_licence(licensing)
    gone, kept = await add(licensing, "fingerprint-1"), await add(licensing, "fingerprint-2")
    files = [(await own_file(licensing, each["token"])).body for each in (gone, kept)]
    path = f"{DEVICES}/{gone['device_id']}"

    await licensing.delete(path, as_=ADMIN)

    assert [await verdict(licensing, file) for file in files] == ["revoked", "valid"]
    assert (await own_file(licensing, gone["token"])).status == 401
    query = {"device_id": gone["device_id"]}
    assert (await licensing.get(FILE, as_=READER, params=query)).status == 404


@pytest.mark.parametrize(
    ("stop", "after"),
    [
        ("revoked_at", timedelta(0)),
        ("suspended_at", timedelta(0)),
        ("cancelled_at", timedelta(minutes=5)),
    ],
)
async def test_a_stopped_licences_file_is_revoked_from_that_instant(
    licensing: Client, stop: str, after: timedelta
) -> None:
    await a_licence(licensing)
    file = (await licensing.get(FILE, as_=READER)).body
    licences = licensing.mongo.collection("licences")
    before = await verdict(licensing, file)

    await licences.update({"_id": "l-1"}, {"$set": {stop: NOON + after}})
    if after:
        before = await verdict(licensing, file)
    licensing.now.advance(after)
    since = await verdict(licensing, file)

    assert (before, since) == ("valid", "revoked")


async def test_the_former_customers_files_are_revoked_and_the_new_ones_good(
    licensing: Client,
) -> None:
    await a_licence(licensing)
    await licensing.deliver(
        TenantCreated(tenant_id="123457.sms", name="B", reseller_id="100001.rsp", locale="de")
    )
    files = {"123456.sms": "", "123457.sms": ""}
    verdicts = []

    for owner, other in (
        ("123456.sms", "123457.sms"),
        ("123457.sms", "123456.sms"),
        ("123456.sms", "123457.sms"),
    ):
        path = f"/v1/tenants/{owner}/licences/l-1/file"
        reader = a_pass(owner, Permission.LICENCE_READ)
        files[owner] = (await licensing.get(path, as_=reader)).body
        assert await verdict(licensing, files[owner]) == "valid"
        await transfer(licensing, other)
        verdicts.append(await verdict(licensing, files[owner]))
    other_now = await verdict(licensing, files["123457.sms"])

    assert verdicts == ["revoked"] * 3
    assert other_now == "valid"


async def test_former_customers_are_listed_while_their_files_may_be_about(
    licensing: Client,
) -> None:
    await a_licence(licensing)
    await licensing.deliver(
        TenantCreated(tenant_id="123457.sms", name="B", reseller_id="100001.rsp", locale="de")
    )
    await transfer(licensing, "123457.sms")
    listed = []

    for step in (timedelta(days=30) - timedelta(seconds=1), timedelta(seconds=1)):
        licensing.now.advance(step)
        answer = await licensing.get("/.well-known/licence-revocations", as_=ANYBODY)
        listed.append(_claims(answer.body)["transferred"])

    assert listed == [[{"licence": "l-1", "tenant": "123456.sms"}], []]


async def transfer(licensing: Client, tenant_id: str) -> None:
    manager = a_pass("100001.rsp", *Permission, factor_at=int(licensing.now().timestamp()))
    path = "/v1/resellers/100001.rsp/licences/l-1/transfer"
    answer = await licensing.post(path, as_=manager, json={"tenant_id": tenant_id})
    assert answer.status == 200


async def test_a_customers_files_outlive_its_move_to_another_reseller(licensing: Client) -> None:
    await a_licence(licensing)
    device = await add(licensing)
    file = (await own_file(licensing, device["token"])).body
    moved = TenantTransferred(
        tenant_id="123456.sms",
        name="Acme",
        reseller_id="100002.rsp",
        locale="de",
        status="active",
        former_reseller_id="100001.rsp",
        reason="As agreed",
    )

    await licensing.deliver(moved, sequence=5)

    assert await verdict(licensing, file, "fingerprint-1") == "valid"


async def test_the_list_is_numbered_and_says_when_a_newer_one_is_needed(licensing: Client) -> None:
    path = "/.well-known/licence-revocations"

    first = await licensing.get(path, as_=ANYBODY)
    licensing.now.advance(timedelta(milliseconds=1))
    second = await licensing.get(path, as_=ANYBODY)

    lists = [_claims(first.body), _claims(second.body)]
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert lists[0]["number"] < lists[1]["number"]
    assert lists[0]["exp"] - lists[0]["iat"] == 3600


async def test_what_was_revoked_before_any_good_file_was_made_is_listed_no_more(
    licensing: Client,
) -> None:
    await a_licence(licensing)
    device_id = (await add(licensing))["device_id"]
    await licensing.delete(f"{DEVICES}/{device_id}", as_=ADMIN)
    listed = []

    for step in (timedelta(days=30) - timedelta(seconds=1), timedelta(seconds=1)):
        licensing.now.advance(step)
        answer = await licensing.get("/.well-known/licence-revocations", as_=ANYBODY)
        listed.append(_claims(answer.body)["devices"])

    assert listed == [[device_id], []]


async def test_nobody_reads_the_files_of_others(licensing: Client) -> None:
    await a_licence(licensing, "l-1", of="200001.sms")
    await a_licence(licensing, "l-2")
    theirs = "/v1/tenants/200001.sms"
    owner = a_pass("200001.sms", Permission.DEVICE_MANAGE)
    body = {
        "licence_id": "l-1",
        "fingerprint": "fingerprint-1",
        "name": "Tablet",
        "platform": "ios",
    }
    device_id = (await licensing.post(f"{theirs}/devices", as_=owner, json=body)).body["device_id"]

    foreign = await licensing.get(FILE, as_=READER)
    other_place = await licensing.get(f"{theirs}/licences/l-1/file", as_=READER)
    with_foreign_device = await licensing.get(
        "/v1/tenants/123456.sms/licences/l-2/file.json",
        as_=READER,
        params={"device_id": device_id},
    )
    without_permission = await licensing.get(FILE, as_=a_pass("123456.sms"))

    assert (foreign.status, other_place.status, with_foreign_device.status) == (404, 401, 404)
    assert without_permission.status == 403


async def test_the_published_keys_are_public_and_not_those_of_tokens(licensing: Client) -> None:
    published = await keys(licensing)

    assert [key["kty"] for key in published["keys"]] == ["OKP", "EC"]
    assert not any({"d", "k"} & set(key) for key in published["keys"])
    assert {key["use"] for key in published["keys"]} == {"sig"}


async def test_a_file_signed_by_a_portal_with_other_keys_is_refused(licensing: Client) -> None:
    await a_licence(licensing)
    file = (await licensing.get(FILE, as_=READER)).body
    theirs = document_keys()
    same_kid = json.loads(theirs.private())["keys"][0]
    same_kid["kid"] = json.loads(LICENCE_KEYS.public())["keys"][0]["kid"]
    forged = sign(Keys.parse(json.dumps(same_kid)), "portal-licence+jwt", _claims(file))
    unknown = sign(Keys.parse(json.dumps(_edwards(theirs))), "portal-licence+jwt", _claims(file))

    assert await verdict(licensing, forged) == "bad_signature"
    assert await verdict(licensing, unknown) == "unknown_key"


@pytest.mark.foreign
@pytest.mark.parametrize("path", [f"{FILE}.json", "/.well-known/licence-revocations.json"])
async def test_debians_jose_verifies_the_json_form_and_no_other_key(
    licensing: Client, path: str, tmp_path: Path
) -> None:
    await a_licence(licensing)
    reader = ANYBODY if "well-known" in path else READER
    answer = await licensing.get(path, as_=reader)
    signed, known = json.dumps(answer.body), await keys(licensing)
    changed = {**answer.body, "payload": _base64url({**_payload(answer.body), "seats": 9999})}
    strangers = json.loads(document_keys().public())

    def judged(text: str, by: dict[str, Any]) -> str | None:
        return verified_by_jose(tmp_path, signed=text, keys=by)

    good = await asyncio.to_thread(judged, signed, known)
    forged = await asyncio.to_thread(judged, json.dumps(changed), known)
    foreign = await asyncio.to_thread(judged, signed, strangers)

    assert answer.headers["Content-Type"] == "application/jose+json; charset=utf-8"
    assert good is not None
    assert json.loads(good) == _payload(answer.body)
    assert (forged, foreign) == (None, None)


def _edwards(those: Keys) -> dict[str, Any]:
    first: dict[str, Any] = json.loads(those.private())["keys"][0]
    return first


def _claims(compact: str) -> dict[str, Any]:
    return _decoded(compact.split(".")[1])


def _payload(general: dict[str, Any]) -> dict[str, Any]:
    return _decoded(general["payload"])


def _decoded(part: str) -> dict[str, Any]:
    decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(decoded, dict)
    return decoded


def _base64url(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
