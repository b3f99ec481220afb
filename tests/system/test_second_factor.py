"""The second factor lost, kept, renewed and made compulsory, as people go through it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from portal.demo.world import DemoAccount
from shared.clock import monotonic
from tests.support.deployments import embedded
from tests.support.person import Answer, Portal, demo, link_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
WAIT_SECONDS: Final = 8
REASON: Final = "Phone lost; called back on the number we have."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    """A portal where a reset waits some seconds, and where no second factor is compulsory yet."""
    env = {
        "PORTAL_TOTP_RESET_WAIT": f"PT{WAIT_SECONDS}S",
        "PORTAL_TOTP_REQUIRED_FROM": "2099-01-01T00:00:00Z",
    }
    async with embedded(tmp_path_factory.mktemp("patient"), env) as (portal, _):
        yield portal


async def test_a_lost_factor_is_taken_off_after_its_wait_and_all_can_be_read_afterwards(
    patient: Portal,
) -> None:
    admin = await patient.token("123456.sms", "admin")
    auditor = demo("123456.sms", "auditor")
    theirs = (await patient.sign_in(auditor))["access_token"]
    uid = (await patient.call("GET", "/v1/me", token=theirs)).body["id"]

    asked = await ask_reset(patient, admin, auditor.org, uid)
    mail = await patient.next_mail(auditor.email, 0)
    before = (await patient.give_password(auditor)).body["next"]
    seconds = await seconds_until(patient, theirs, "/v1/me", 401)
    notice = await patient.next_mail(auditor.email, 1)
    after = (await patient.give_password(auditor)).body
    late = await stop_reset(patient, link_in(mail, "/stop-reset"))
    done = await activity(patient, admin, "totp_reset.done")

    assert (asked.status, before) == (202, "totp")
    assert REASON in " ".join(mail["Text"].split())
    assert seconds > WAIT_SECONDS - 4
    assert "entfernt" in notice["Subject"] or "removed" in notice["Subject"]
    assert (after["next"], after["notices"][0]["code"]) == ("done", "totp_due")
    assert (late.status, late.code) == (409, "totp_reset_done")
    assert [(row["subject"], row["reason"], row["actor_org"]) for row in done] == [
        (uid, REASON, "123456.sms")
    ]


async def test_the_owner_of_a_factor_stops_its_reset_by_the_mailed_link(patient: Portal) -> None:
    reseller = await patient.token("100002.rsp", "reseller-admin")
    auditor = demo("200001.sms", "auditor")
    theirs = (await patient.sign_in(auditor))["access_token"]
    uid = (await patient.call("GET", "/v1/me", token=theirs)).body["id"]

    asked = await ask_reset(patient, reseller, auditor.org, uid)
    twice = await ask_reset(patient, reseller, auditor.org, uid)
    token = link_in(await patient.next_mail(auditor.email, 0), "/stop-reset")
    page = await patient.call("GET", "/stop-reset")
    stopped = await stop_reset(patient, token)
    again = await stop_reset(patient, token)
    await asyncio.sleep(WAIT_SECONDS + 2)
    me = await patient.call("GET", "/v1/me", token=theirs)

    assert (asked.status, twice.status, twice.code) == (202, 409, "totp_reset_waiting")
    assert (page.status, stopped.status, again.status) == (200, 204, 400)
    assert me.body["totp"]["active"] is True
    assert (await patient.give_password(auditor)).body["next"] == "totp"
    by_reseller = await activity(patient, reseller, "totp_reset.", auditor.org)
    assert [(row["what"], row["actor_org"]) for row in by_reseller] == [
        ("totp_reset.stopped", "200001.sms"),
        ("totp_reset.asked", "100002.rsp"),
    ]


async def test_recovery_codes_are_renewed_and_when_few_are_left_the_mail_says_so(
    patient: Portal,
) -> None:
    admin = demo("200001.sms", "admin")
    token = (await patient.sign_in(admin))["access_token"]

    stepped = await patient.call(
        "POST",
        "/v1/session/step-up",
        token=token,
        json={"code": await patient.app_of(admin).code()},
    )
    fresh = stepped.body["access_token"]
    renewed = await patient.call("POST", "/v1/me/recovery-codes", token=fresh)
    told = await patient.next_mail(admin.email, 0)
    used = [await give_code(patient, admin, code) for code in renewed.body["recovery_codes"][:7]]
    mails = [await patient.next_mail(admin.email, number) for number in range(1, 9)]

    assert (stepped.status, renewed.status) == (200, 200)
    assert "recovery codes" in told["Subject"]
    assert {answer.status for answer in used} == {200}
    of_codes = [mail["Text"] for mail in mails if "recovery code" in mail["Subject"]]
    of_device = [mail["Text"] for mail in mails if "New sign-in" in mail["Subject"]]
    assert sorted("Make new ones" in text for text in of_codes) == [False] * 6 + [True]
    assert len(of_device) == 1  # all seven came from one browser, which has no cookie yet


async def test_a_tenant_makes_the_second_factor_compulsory_before_the_vendor_does(
    patient: Portal,
) -> None:
    admin = await patient.token("123457.sms", "admin")
    newcomer = demo("123457.sms", "newcomer")
    path = "/v1/tenants/123457.sms/settings"
    before = (await patient.give_password(newcomer)).body

    read = await patient.call("GET", path, token=admin)
    later = await change(patient, admin, path, read, "2099-01-01T00:00:01Z")
    earlier = await change(patient, admin, path, read, "2026-01-01T00:00:00Z")
    after = await next_after(patient, newcomer, "done")
    found = await patient.call("GET", "/v1/tenants/123457.sms/totp-report", token=admin)

    assert (before["next"], before["notices"][0]["code"]) == ("done", "totp_due")
    assert (later.status, earlier.status) == (422, 200)
    assert after == "enrol_totp"
    assert [line["username"] for line in found.body["items"]] == ["newcomer"]
    assert (found.body["without_factor"], found.body["locked_out"]) == (1, 1)


async def test_a_reseller_decides_for_its_tenants_and_the_vendor_for_all(patient: Portal) -> None:
    vendor = await stepped_up(patient, demo("vendor", "vendor-admin"))
    reseller = await patient.token("100001.rsp", "reseller-admin")
    admin = await patient.token("123456.sms", "admin")
    mine = "/v1/tenants/123456.sms/settings"

    by_vendor = await settle(patient, vendor, "/v1/vendor/settings", {"session_idle": "PT50M"})
    of_reseller = "/v1/resellers/100001.rsp/settings"
    wider = await settle(patient, reseller, of_reseller, {"session_idle": "PT51M"})
    by_reseller = await settle(patient, reseller, of_reseller, {"session_idle": "PT40M"})
    found = await patient.call("GET", mine, token=admin)
    foreign = await patient.call("GET", "/v1/vendor/settings", token=reseller)
    upwards = await patient.call("GET", of_reseller, token=admin)

    assert (by_vendor.status, wider.status, by_reseller.status) == (200, 422, 200)
    assert found.body["effective"]["session_idle"] == {
        "value": "PT40M",
        "at_most": "PT40M",
        "source": "100001.rsp",
    }
    assert (foreign.status, upwards.status) == (404, 404)


async def stepped_up(portal: Portal, account: DemoAccount) -> str:
    token = (await portal.sign_in(account))["access_token"]
    code = {"code": await portal.app_of(account).code()}
    done = await portal.call("POST", "/v1/session/step-up", token=token, json=code)
    return str(done.body["access_token"])


async def settle(portal: Portal, token: str, path: str, body: dict[str, Any]) -> Answer:
    read = await portal.call("GET", path, token=token)
    headers = {"If-Match": read.headers["ETag"]}
    return await portal.call("PATCH", path, token=token, json=body, headers=headers)


async def ask_reset(portal: Portal, token: str, org: str, uid: str) -> Answer:
    path = f"/v1/tenants/{org}/users/{uid}/reset-totp"
    return await portal.call("POST", path, token=token, json={"reason": REASON})


async def stop_reset(portal: Portal, token: str) -> Answer:
    return await portal.call("POST", "/v1/me/totp/reset/stop", json={"token": token})


async def change(portal: Portal, token: str, path: str, read: Answer, since: str) -> Answer:
    headers = {"If-Match": read.headers["ETag"]}
    body = {"totp_required_from": since}
    return await portal.call("PATCH", path, token=token, json=body, headers=headers)


async def give_code(portal: Portal, account: DemoAccount, code: str) -> Answer:
    challenge = (await portal.give_password(account)).body["challenge"]
    return await portal.call("POST", "/v1/login/totp", json={"challenge": challenge, "code": code})


async def activity(
    portal: Portal, token: str, what: str, org: str = "123456.sms"
) -> list[dict[str, Any]]:
    """The rows of this kind, once there are any."""
    async with asyncio.timeout(5):
        while True:
            listed = await portal.call("GET", f"/v1/tenants/{org}/activity", token=token)
            rows = [row for row in listed.body["items"] if row["what"].startswith(what)]
            if rows:
                return rows
            await asyncio.sleep(0.05)


async def next_after(portal: Portal, account: DemoAccount, former: str) -> str:
    """What the right password leads to, once that is something else than before."""
    async with asyncio.timeout(5):
        while (found := (await portal.give_password(account)).body["next"]) == former:
            await asyncio.sleep(0.1)
    return str(found)


async def seconds_until(portal: Portal, token: str, path: str, status: int) -> float:
    begun = monotonic()
    while (await portal.call("GET", path, token=token)).status != status:
        assert monotonic() - begun < WAIT_SECONDS + 10, f"{path} does not answer {status}"
        await asyncio.sleep(0.05)
    return monotonic() - begun
