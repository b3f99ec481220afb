"""Whose organisation is closed has no part in the portal, and hears no reason why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.auth.actions.organisations import purge_deleted
from services.auth.app import build
from shared.access import Permission
from shared.api_keys import digest
from shared.contracts.auth import (
    AccountInvited,
    ForgottenPasswordReported,
    OrganisationClosed,
    PasswordResetRequested,
)
from shared.contracts.tenancy import (
    FirstAdmin,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
    TenantDeleted,
    TenantEdited,
    TenantSuspended,
)
from shared.keys import unlock
from shared.passes import GATEWAY
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    MAILER_KEYS,
    PASSWORD,
    add_account,
    as_signed_in,
    code_now,
    sign_in,
)
from tests.support.plans import scanned
from tests.support.service import Answer, Client, a_pass

RITA: dict[str, Any] = {"org": "100001.rsp", "username": "rita", "roles": ("reseller-admin",)}
FACTS = {"reseller_id": "100001.rsp", "name": "Nordlicht", "locale": "en"}
SUSPENDED = ResellerSuspended(**FACTS, status="suspended", reason="Bills unpaid")
RESUMED = ResellerResumed(**FACTS, status="authorised", reason="Bills paid")


async def signed_in_rita(auth: Client) -> dict[str, Any]:
    await add_account(auth, **RITA)
    return await sign_in(auth, replace(ADMIN, **RITA))


async def ask(auth: Client, session: str) -> int:
    """The gateway's question."""
    return (await auth.get(f"/internal/sessions/{session}", as_=a_pass(GATEWAY))).status


async def log_in(auth: Client, password: str) -> Answer:
    body = {"username": "rita", "password": password, "tenant": "100001.rsp"}
    return await auth.post("/v1/login", as_=ANYBODY, json=body, headers={"X-Request-Id": "r-1"})


@pytest.mark.parametrize(
    "closing",
    [
        SUSPENDED,
        ResellerTerminated(**FACTS, status="terminated", reason="Contract ended"),
    ],
    ids=["suspended", "terminated"],
)
async def test_the_staff_of_a_closed_reseller_is_out_and_the_gateways_are_told(
    auth: Client, closing: ResellerSuspended | ResellerTerminated
) -> None:
    session = as_signed_in(await signed_in_rita(auth), "100001.rsp").session
    before = await ask(auth, session)

    await auth.deliver(closing, sequence=2, times=2)

    assert (before, await ask(auth, session)) == (200, 404)
    assert [one.org for one in await auth.heard(OrganisationClosed)] == ["100001.rsp"]


async def test_signing_in_is_refused_as_with_a_wrong_password(auth: Client) -> None:
    await add_account(auth, **RITA)
    wrong = await log_in(auth, "not her password")

    await auth.deliver(SUSPENDED, sequence=2)
    refused = await log_in(auth, PASSWORD)

    assert (refused.status, refused.body) == (wrong.status, wrong.body)


async def test_a_password_given_before_leads_nowhere_after(auth: Client) -> None:
    await add_account(auth, **RITA)
    challenge = (await log_in(auth, PASSWORD)).body["challenge"]

    await auth.deliver(SUSPENDED, sequence=2)
    step = {"challenge": challenge, "code": code_now(auth)}
    answer = await auth.post("/v1/login/totp", as_=ANYBODY, json=step)

    assert (answer.status, answer.body["code"]) == (401, "code_refused")


async def test_a_password_given_before_leads_nowhere_after_the_reopening_either(
    auth: Client,
) -> None:
    await add_account(auth, **RITA)
    challenge = (await log_in(auth, PASSWORD)).body["challenge"]

    await auth.deliver(SUSPENDED, sequence=2)
    auth.now.advance(timedelta(seconds=30))
    await auth.deliver(RESUMED, sequence=3)
    old = {"challenge": challenge, "code": code_now(auth)}
    refused = await auth.post("/v1/login/totp", as_=ANYBODY, json=old)
    new = {**old, "challenge": (await log_in(auth, PASSWORD)).body["challenge"]}
    done = await auth.post("/v1/login/totp", as_=ANYBODY, json=new)

    assert (refused.status, refused.body["code"]) == (401, "code_refused")
    assert done.status == 200


async def test_a_session_is_not_carried_on_and_does_not_come_back(auth: Client) -> None:
    tokens = await signed_in_rita(auth)
    session = as_signed_in(tokens, "100001.rsp").session
    await auth.deliver(SUSPENDED, sequence=2)

    await auth.deliver(RESUMED, sequence=3)
    auth.now.advance(timedelta(minutes=1))
    body = {"refresh_token": tokens["refresh_token"]}
    carried = await auth.post("/v1/session/refresh", as_=ANYBODY, json=body)
    anew = await sign_in(auth, replace(ADMIN, **RITA))

    assert (carried.status, await ask(auth, session)) == (401, 404)
    assert await ask(auth, as_signed_in(anew, "100001.rsp").session) == 200


async def test_an_api_key_opens_nothing_while_its_reseller_is_closed(auth: Client) -> None:
    manager = a_pass("100001.rsp", *Permission, factor_at=int(auth.now().timestamp()))
    body = {"name": "Sync", "permissions": ["tenant:read"]}
    made = await auth.post("/v1/resellers/100001.rsp/api-keys", as_=manager, json=body)
    path = f"/internal/api-keys/{digest(made.body['key'])}"
    before = await auth.get(path, as_=a_pass(GATEWAY))

    await auth.deliver(SUSPENDED, sequence=2)
    closed = await auth.get(path, as_=a_pass(GATEWAY))
    await auth.deliver(RESUMED, sequence=3)
    opened = await auth.get(path, as_=a_pass(GATEWAY))

    assert (before.status, closed.status, opened.status) == (200, 404, 200)


async def test_links_lead_nowhere_and_none_is_mailed(auth: Client) -> None:
    first = FirstAdmin(username="rita", email="r@n.example", display_name="Rita", locale="en")
    created = ResellerCreated(
        reseller_id="100007.rsp", name="N", locale="en", status="prospect", primary_user=first
    )
    await auth.deliver(created)
    (invited,) = await auth.heard(AccountInvited)
    token = unlock(MAILER_KEYS, f"link:{invited.account_id}", invited.sealed_token)
    closing = ResellerTerminated(
        reseller_id="100007.rsp", name="N", locale="en", status="terminated", reason="No"
    )

    await auth.deliver(closing, sequence=2)
    body = {"token": token, "new_password": "only whoever was invited knows this"}
    used = await auth.post("/v1/password/reset", as_=ANYBODY, json=body)
    await add_account(auth, **RITA)
    await auth.deliver(SUSPENDED, sequence=2)
    report = ForgottenPasswordReported(report_id="f-1", username="rita", org="100001.rsp")
    await auth.deliver(report)

    assert (used.status, invited.org) == (400, "100007.rsp")
    assert await auth.heard(PasswordResetRequested) == []


async def test_a_suspended_tenant_is_closed_like_a_reseller(auth: Client) -> None:
    await add_account(auth)
    session = as_signed_in(await sign_in(auth)).session
    facts = {"tenant_id": "123456.sms", "name": "B", "locale": "de"}

    await auth.deliver(
        TenantSuspended(**facts, reseller_id="100001.rsp", status="suspended", reason="Leaving"),
        sequence=2,
    )
    closed = await ask(auth, session)
    await auth.deliver(TenantEdited(**facts, status="active"), sequence=3)
    auth.now.advance(timedelta(minutes=1))
    opened = await sign_in(auth)

    assert (closed, opened["next"]) == (404, "done")


async def test_of_a_deleted_tenant_nothing_is_kept_and_of_others_everything(auth: Client) -> None:
    await add_account(auth)
    await add_account(auth, org="200001.sms")
    tokens = await sign_in(auth)
    manager = a_pass("123456.sms", *Permission, factor_at=int(auth.now().timestamp()))
    body = {"name": "Sync", "permissions": ["tenant:read"]}
    await auth.post("/v1/tenants/123456.sms/api-keys", as_=manager, json=body)
    for number in range(3):
        user = {"username": f"u-{number}", "email": f"u{number}@example.org"}
        await auth.post("/v1/tenants/123456.sms/users", as_=manager, json=user)
    resets = auth.mongo.collection("factor_resets")
    await resets.insert({"_id": "r-1", "account_id": "deleted before", "org": "123456.sms"})
    gone = TenantDeleted(tenant_id="123456.sms", name="Bäckerei", reseller_id="100001.rsp")

    await auth.deliver(gone, sequence=9, times=2)
    at_once = await ask(auth, as_signed_in(tokens).session)
    async with scanned(auth) as read_as_a_whole, auth.acting(build) as deps:
        await purge_deleted(deps)
        deps.hasher.close()

    assert at_once == 404
    assert read_as_a_whole.isdisjoint({"accounts", "sessions", "links", "factor_resets"})
    for name in ("accounts", "sessions", "api_keys", "factor_resets"):
        assert await auth.mongo.collection(name).count({"org": "123456.sms"}) == 0
    for name in ("settings", "assignments"):
        assert await auth.mongo.collection(name).count({"_id": "123456.sms"}) == 0
    assert await auth.mongo.collection("links").count({}) == 0
    assert await auth.mongo.collection("accounts").count({"org": "200001.sms"}) == 1
    row = await auth.mongo.collection("organisations").find_one({"_id": "123456.sms"})
    assert row is not None
    assert (row["name"], row["is_open"]) == ("123456.sms", False)


async def test_what_was_said_before_of_a_reseller_is_ignored(auth: Client) -> None:
    await auth.deliver(SUSPENDED, sequence=3)

    await auth.deliver(ResellerChanged(**{**FACTS, "name": "Old"}, status="authorised"), sequence=2)

    row = await auth.mongo.collection("organisations").find_one({"_id": "100001.rsp"})
    assert row is not None
    assert (row["name"], row["is_open"]) == ("Nordlicht", False)


async def test_invitations_name_the_organisation_as_it_is_called_now(auth: Client) -> None:
    first = FirstAdmin(username="rita", email="r@n.example", display_name="Rita", locale="en")
    renamed = ResellerChanged(
        reseller_id="100007.rsp", name="New name", locale="en", status="prospect"
    )
    created = ResellerCreated(
        reseller_id="100007.rsp", name="Old name", locale="en", primary_user=first
    )

    await auth.deliver(renamed, sequence=2)
    await auth.deliver(created, sequence=1)

    (invited,) = await auth.heard(AccountInvited)
    assert invited.org_name == "New name"
