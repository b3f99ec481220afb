"""A reseller's administrators manage its webhooks; nobody else does, and nobody points inside."""

from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.tenancy import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookSecretRotated,
)
from shared.passes import Pass
from tests.support.service import NOON, Client, a_pass
from tests.support.webhooks import MANAGER, PATH, RESELLER, Receiver, add_webhook

URL = "https://hooks.reseller.example/portal"


def with_factor(place: str, *permissions: Permission) -> Pass:
    return a_pass(place, *permissions, factor_at=int(NOON.timestamp()))


async def test_a_webhook_shows_its_secret_once(tenancy: Client) -> None:
    made = await add_webhook(tenancy, URL)

    read = await tenancy.get(f"{PATH}/{made['id']}", as_=MANAGER)
    listed = await tenancy.get(PATH, as_=MANAGER)

    assert made["secret"].startswith("whsec_")
    assert read.status == 200
    assert read.body == {name: value for name, value in made.items() if name != "secret"}
    assert listed.body == {"items": [read.body]}
    assert (read.body["state"], read.body["types"], read.body["url"]) == ("active", None, URL)


async def test_a_secret_is_kept_encrypted(tenancy: Client) -> None:
    made = await add_webhook(tenancy, URL)

    row = await tenancy.mongo.collection("webhooks").find_one({"_id": made["id"]})

    assert made["secret"].removeprefix("whsec_") not in str(row)


async def test_a_request_that_is_sent_again_shows_no_secret(tenancy: Client) -> None:
    body, key = {"name": "Inventory", "url": URL}, {"Idempotency-Key": "once"}
    first = await tenancy.post(PATH, as_=MANAGER, json=body, headers=key)

    second = await tenancy.post(PATH, as_=MANAGER, json=body, headers=key)
    listed = await tenancy.get(PATH, as_=MANAGER)

    assert first.status == 201
    assert (second.status, second.body["code"]) == (409, "answer_shown_before")
    assert len(listed.body["items"]) == 1


@pytest.mark.parametrize(
    ("holder", "status"),
    [
        pytest.param(None, 401, id="nobody"),
        pytest.param(with_factor(RESELLER, Permission.RESELLER_READ), 403, id="sales"),
        pytest.param(with_factor("100002.rsp", Permission.USER_MANAGE), 401, id="another place"),
        pytest.param(a_pass(RESELLER, Permission.USER_MANAGE), 401, id="without a factor"),
    ],
)
async def test_whoever_may_not_makes_no_webhook(
    tenancy: Client, holder: Pass | None, status: int
) -> None:
    answer = await tenancy.post(PATH, as_=holder, json={"name": "Inventory", "url": URL})

    listed = await tenancy.get(PATH, as_=MANAGER)

    assert answer.status == status, answer.body
    assert listed.body == {"items": []}


async def test_another_resellers_webhook_is_as_absent_as_one_that_there_is_not(
    tenancy: Client,
) -> None:
    made = await add_webhook(tenancy, URL)
    other = with_factor("100002.rsp", Permission.USER_MANAGE)
    theirs = f"/v1/resellers/100002.rsp/webhooks/{made['id']}"
    span = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-11T00:00:00Z"}

    answers = [
        await tenancy.get(theirs, as_=other),
        await tenancy.delete(theirs, as_=other),
        await tenancy.patch(theirs, as_=other, json={"name": "x"}, headers={"If-Match": '"1"'}),
        await tenancy.get(f"{theirs}/deliveries", as_=other),
        await tenancy.post(f"{theirs}/deliveries/d/retry", as_=other),
        await tenancy.post(f"{theirs}/replay", as_=other, json=span),
        await tenancy.post(f"{theirs}/rotate", as_=other, json={}),
        await tenancy.post(f"{theirs}/test", as_=other),
    ]
    read = await tenancy.get(f"{PATH}/{made['id']}", as_=MANAGER)

    assert [answer.status for answer in answers] == [404] * 8
    assert read.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.reseller.example/",
        "https://hooks.reseller.example:8443/",
        "https://user:password@hooks.reseller.example/",
        "https://hooks.reseller.example/#fragment",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://localhost/",
        "https://tenancy:443/",
        "https:///nowhere",
        "ftp://hooks.reseller.example/",
        "https://hooks.reseller.example/\r\nX: y",
        "https://hööks.example/",
        "https://hooks.reseller.example:99999/",
        "file:///etc/passwd",
    ],
)
async def test_a_url_that_leads_inside_or_nowhere_is_refused(tenancy: Client, url: str) -> None:
    answer = await tenancy.post(PATH, as_=MANAGER, json={"name": "Inventory", "url": url})

    assert answer.status == 422, answer.body


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Inventory"},
        {"name": "", "url": URL},
        {"name": "Inventory", "url": URL, "types": []},
        {"name": "Inventory", "url": URL, "types": ["portal.auth.session.started.v1"]},
        {"name": "Inventory", "url": URL, "secret": "whsec_mine"},
        {"name": "Inventory", "url": {"$gt": ""}},
    ],
)
async def test_bad_input_makes_no_webhook(tenancy: Client, body: dict[str, Any]) -> None:
    answer = await tenancy.post(PATH, as_=MANAGER, json=body)

    assert answer.status == 422, answer.body


async def test_a_webhook_is_edited_by_whoever_has_read_it(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, URL)
    path = f"{PATH}/{made['id']}"
    types = ["portal.tenancy.tenant.created.v1"]

    blind = await tenancy.patch(path, as_=MANAGER, json={"name": "x"})
    edited = await tenancy.patch(
        path,
        as_=MANAGER,
        json={"name": "ERP", "types": types, "state": "paused", "url": receiver.url},
        headers={"If-Match": '"1"'},
    )
    late = await tenancy.patch(
        path, as_=MANAGER, json={"name": "late"}, headers={"If-Match": '"1"'}
    )
    inside = await tenancy.patch(
        path, as_=MANAGER, json={"url": "https://10.0.0.1/"}, headers={"If-Match": '"2"'}
    )

    assert (blind.status, late.status, inside.status) == (428, 412, 422)
    assert edited.headers["ETag"] == '"2"'
    assert (edited.body["name"], edited.body["state"]) == ("ERP", "paused")
    assert (edited.body["types"], edited.body["url"]) == (types, receiver.url)


async def test_sending_events_elsewhere_needs_a_fresh_factor(tenancy: Client) -> None:
    made = await add_webhook(tenancy, URL)
    stale = a_pass(RESELLER, Permission.USER_MANAGE)
    path, tag = f"{PATH}/{made['id']}", {"If-Match": '"1"'}

    moved = await tenancy.patch(
        path, as_=stale, json={"url": "https://thief.example/"}, headers=tag
    )
    rotated = await tenancy.post(f"{path}/rotate", as_=stale, json={})
    named = await tenancy.patch(path, as_=stale, json={"name": "ERP"}, headers=tag)

    assert (moved.status, rotated.status, named.status) == (401, 401, 200)


async def test_a_reseller_has_ten_webhooks_at_most(tenancy: Client) -> None:
    for _ in range(10):
        await add_webhook(tenancy, URL)

    answer = await tenancy.post(PATH, as_=MANAGER, json={"name": "Eleventh", "url": URL})

    assert (answer.status, answer.body["code"]) == (409, "too_many_webhooks")


async def test_a_secret_that_is_rotated_under_a_key_is_shown_like_any(tenancy: Client) -> None:
    made = await add_webhook(tenancy, URL)
    path = f"{PATH}/{made['id']}"

    rotated = await tenancy.post(
        f"{path}/rotate", as_=MANAGER, json={}, headers={"Idempotency-Key": "once"}
    )

    read = await tenancy.get(path, as_=MANAGER)
    assert rotated.headers["ETag"] == read.headers["ETag"] == '"2"'
    assert rotated.body == {**read.body, "secret": rotated.body["secret"]}
    assert len(rotated.body["secrets"]) == 2


async def test_all_that_is_done_to_a_webhook_is_told_without_url_and_secret(
    tenancy: Client,
) -> None:
    made = await add_webhook(tenancy, URL)
    path = f"{PATH}/{made['id']}"

    await tenancy.patch(path, as_=MANAGER, json={"name": "ERP"}, headers={"If-Match": '"1"'})
    rotated = await tenancy.post(f"{path}/rotate", as_=MANAGER, json={})
    deleted = await tenancy.delete(path, as_=MANAGER)
    gone = await tenancy.get(path, as_=MANAGER)
    kinds = (WebhookCreated, WebhookChanged, WebhookSecretRotated, WebhookDeleted)
    told = [event for kind in kinds for event in await tenancy.envelopes(kind)]
    reader = a_pass(RESELLER, Permission.ACTIVITY_READ)
    activity = await tenancy.get(f"/v1/resellers/{RESELLER}/activity", as_=reader)

    assert (rotated.status, deleted.status, gone.status) == (200, 204, 404)
    assert rotated.body["secret"] != made["secret"]
    assert [event.sequence for event in told] == [1, 2, 3, 3]
    assert {"webhook.created", "webhook.changed", "webhook_secret.rotated", "webhook.deleted"} <= {
        row["what"] for row in activity.body["items"]
    }
    for text in ("whsec_", made["secret"].removeprefix("whsec_"), "hooks.reseller.example"):
        assert text not in "".join(event.to_json().decode() for event in told)
        assert text not in str(activity.body)
