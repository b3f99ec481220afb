"""What people do with the portal, through the gateway, in one process and in many."""

import asyncio
from typing import Any

import pytest

from shared.clock import monotonic
from tests.support.person import Authenticator, Portal, demo, link_in, without_request_id

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]


async def test_an_admin_signs_in_with_password_and_code_carries_on_and_signs_out(
    portal: Portal,
) -> None:
    admin = demo("123456.sms", "admin")

    tokens = await portal.sign_in(admin)
    me = await portal.call("GET", "/v1/me", token=tokens["access_token"])
    tenant = await portal.call("GET", "/v1/tenants/123456.sms", token=tokens["access_token"])
    renewed = await portal.call(
        "POST", "/v1/session/refresh", json={"refresh_token": tokens["refresh_token"]}
    )
    gone = await portal.call(
        "POST", "/v1/session/logout", json={"refresh_token": renewed.body["refresh_token"]}
    )

    assert tokens["next"] == "done"
    assert me.status == 200
    assert (me.body["org"], me.body["username"], me.body["roles"]) == (
        "123456.sms",
        "admin",
        ["admin"],
    )
    assert tenant.status == 200
    assert tenant.body["id"] == "123456.sms"
    assert renewed.status == 200
    assert renewed.body["refresh_token"] != tokens["refresh_token"]
    assert gone.status == 204
    await _soon_refused(portal, renewed.body["access_token"])
    again = await portal.call(
        "POST", "/v1/session/refresh", json={"refresh_token": renewed.body["refresh_token"]}
    )
    assert again.status == 401


async def test_a_browser_gets_its_refresh_token_in_a_cookie_that_scripts_cannot_read(
    portal: Portal,
) -> None:
    auditor = demo("123456.sms", "auditor")
    first = await portal.give_password(auditor)
    step = {"challenge": first.body["challenge"], "code": await portal.app_of(auditor).code()}

    done = await portal.call("POST", "/v1/login/totp", json=step)
    cookie = done.cookies["portal_refresh"]
    sent = {"Cookie": f"portal_refresh={cookie.value}"}
    renewed = await portal.call("POST", "/v1/session/refresh", headers=sent)
    foreign = await portal.call(
        "POST", "/v1/session/refresh", headers={**sent, "Origin": "https://evil.example"}
    )

    assert "refresh_token" not in done.body
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (
        True,
        True,
        "Strict",
        "/v1/session",
    )
    assert renewed.status == 200
    assert foreign.status == 403


async def test_a_newcomer_activates_a_second_factor_at_sign_in_and_a_code_is_good_once(
    portal: Portal,
) -> None:
    newcomer = demo("123456.sms", "newcomer")
    first = await portal.give_password(newcomer, transport="body")
    challenge = first.body["challenge"]

    elsewhere = await portal.call("GET", "/v1/me", token=challenge)
    offer = await portal.call("POST", "/v1/me/totp", token=challenge)
    app = Authenticator(offer.body["secret"])
    wrong = await portal.call(
        "POST", "/v1/me/totp/confirm", token=challenge, json={"code": "000000"}
    )
    code = await app.code()
    done = await portal.call("POST", "/v1/me/totp/confirm", token=challenge, json={"code": code})
    me = await portal.call("GET", "/v1/me", token=done.body["access_token"])

    assert (first.status, first.body["next"]) == (200, "enrol_totp")
    assert first.body["deadline"]
    assert elsewhere.status == 401
    assert offer.body["otpauth_uri"].startswith("otpauth://totp/")
    assert "123456.sms" in offer.body["otpauth_uri"]
    assert offer.body["qr_svg"].startswith("<svg")
    assert wrong.status == 401
    assert done.status == 200
    assert len(set(done.body["recovery_codes"])) == 10
    assert me.body["totp"]["active"] is True


async def test_a_used_code_and_a_used_recovery_code_open_nothing(portal: Portal) -> None:
    newcomer = demo("200001.sms", "newcomer")
    challenge = (await portal.give_password(newcomer)).body["challenge"]
    offer = await portal.call("POST", "/v1/me/totp", token=challenge)
    code = await Authenticator(offer.body["secret"]).code()
    done = await portal.call("POST", "/v1/me/totp/confirm", token=challenge, json={"code": code})

    second = await portal.give_password(newcomer, transport="body")
    replayed = await portal.call(
        "POST", "/v1/login/totp", json={"challenge": second.body["challenge"], "code": code}
    )
    recovered = await portal.call(
        "POST",
        "/v1/login/totp",
        json={"challenge": second.body["challenge"], "code": done.body["recovery_codes"][0]},
    )
    twice = await portal.call(
        "POST",
        "/v1/login/totp",
        json={"challenge": second.body["challenge"], "code": done.body["recovery_codes"][0]},
    )

    assert second.body["next"] == "totp"
    assert replayed.status == 401
    assert recovered.status == 200
    assert twice.status == 401


async def test_fifty_equal_codes_at_once_open_one_session(portal: Portal) -> None:
    admin = demo("200001.sms", "admin")
    first = await portal.give_password(admin)
    step = {"challenge": first.body["challenge"], "code": await portal.app_of(admin).code()}

    async with asyncio.TaskGroup() as group:
        tries = [
            group.create_task(portal.call("POST", "/v1/login/totp", json=step)) for _ in range(50)
        ]

    statuses = [one.result().status for one in tries]
    assert statuses.count(200) == 1
    assert statuses.count(401) == 49


@pytest.mark.parametrize(
    ("username", "subject"), [("auditor", "Passwort"), ("newcomer", "password")]
)
async def test_a_forgotten_password_is_replaced_through_the_mailed_link(  # noqa: PLR0915 one journey
    portal: Portal, username: str, subject: str
) -> None:
    account = demo("123457.sms", username)
    tokens = await portal.sign_in(account) if account.totp_secret else None
    new_password = "long enough and never seen before"
    seen = len(await portal.mails_to(account.email))
    ask = {"username": account.username, "tenant": account.org}

    asked = await portal.call("POST", "/v1/password/forgot", json=ask)
    old_link = link_in(await portal.next_mail(account.email, seen), "/reset-password")
    asked_again = await portal.call("POST", "/v1/password/forgot", json=ask)
    mail = await portal.next_mail(account.email, seen + 1)
    token = link_in(mail, "/reset-password")
    by_old_link = await _reset(portal, old_link, new_password)
    too_short = await _reset(portal, token, "short")
    reset = await _reset(portal, token, new_password)
    twice = await _reset(portal, token, new_password)
    notice = await portal.next_mail(account.email, seen + 2)

    assert (asked.status, asked_again.status) == (202, 202)
    assert subject in mail["Subject"]
    headers = await portal.headers_of(mail)
    assert headers["X-Request-Id"] == [asked_again.headers["X-Request-Id"]]
    assert (by_old_link.status, by_old_link.code) == (400, "link_invalid")
    assert too_short.status == 422
    assert reset.status == 204
    assert (twice.status, twice.code) == (400, "link_invalid")
    assert notice["Subject"] != mail["Subject"]
    assert (await portal.give_password(account)).status == 401
    with_new = await portal.give_password(account, new_password)
    if tokens is None:
        assert with_new.body["next"] == "enrol_totp"
    else:
        assert with_new.body["next"] == "totp"
        await _soon_refused(portal, tokens["access_token"])
        dead = await portal.call(
            "POST", "/v1/session/refresh", json={"refresh_token": tokens["refresh_token"]}
        )
        assert dead.status == 401


async def test_a_forgotten_password_of_nobody_is_answered_the_same_and_mails_nothing(
    portal: Portal,
) -> None:
    known = await portal.call(
        "POST", "/v1/password/forgot", json={"username": "auditor", "tenant": "200001.sms"}
    )
    unknown = await portal.call(
        "POST", "/v1/password/forgot", json={"username": "nobody", "tenant": "200001.sms"}
    )

    assert without_request_id(known) == without_request_id(unknown)
    assert known.status == 202


async def test_nobody_sees_a_foreign_tenant_and_every_refusal_is_the_same(portal: Portal) -> None:
    admin = await portal.token("123456.sms", "admin")
    reseller = await portal.token("100001.rsp", "reseller-admin")
    vendor = await portal.token("vendor", "vendor-admin")

    own = await portal.call("GET", "/v1/tenants/123456.sms", token=admin)
    by_reseller = await portal.call("GET", "/v1/tenants/123456.sms", token=reseller)
    by_vendor = await portal.call("GET", "/v1/tenants/200001.sms", token=vendor)
    refusals = [
        await portal.call("GET", f"/v1/tenants/{tenant}", token=token)
        for token, tenant in [
            (admin, "200001.sms"),
            (admin, "123457.sms"),
            (admin, "999999.sms"),
            (admin, "nonsense"),
            (reseller, "123457.sms"),
            (reseller, "200001.sms"),
            (reseller, "999999.sms"),
            (vendor, "999999.sms"),
        ]
    ]
    refusals.append(await portal.call("GET", "/v1/resellers/100002.rsp/customers", token=reseller))
    refusals.append(await portal.call("GET", "/v1/resellers/100001.rsp/customers", token=admin))
    refusals.append(await portal.call("GET", "/v1/there/is/no/such/path", token=admin))

    assert (own.status, by_reseller.status, by_vendor.status) == (200, 200, 200)
    assert {answer.status for answer in refusals} == {404}
    assert len({repr(without_request_id(answer)) for answer in refusals}) == 1


async def test_a_reseller_lists_exactly_the_own_customers_with_their_licence_state(
    portal: Portal,
) -> None:
    reseller = await portal.token("100002.rsp", "reseller-admin")

    listed = await portal.call("GET", "/v1/resellers/100002.rsp/customers", token=reseller)

    assert listed.status == 200
    assert [(one["id"], one["licence_state"]) for one in listed.body["items"]] == [
        ("200001.sms", "active")
    ]


async def test_a_licence_for_a_customer_without_one_opens_its_tenant_within_a_second(
    portal: Portal,
) -> None:
    reseller = await portal.token("100001.rsp", "reseller-admin")
    customers = "/v1/resellers/100001.rsp/customers"
    before = await portal.call("GET", customers, token=reseller)
    closed = await portal.call("GET", "/v1/tenants/123457.sms", token=reseller)
    order = _an_order(tenant_id="123457.sms")

    ordered = await portal.call(
        "POST", "/v1/resellers/100001.rsp/licence-orders", token=reseller, json=order
    )
    opened_after = await _seconds_until(portal, reseller, "/v1/tenants/123457.sms", 200)
    after = await portal.call("GET", customers, token=reseller)

    assert [(one["id"], one["licence_state"]) for one in before.body["items"]] == [
        ("123456.sms", "active"),
        ("123457.sms", "expired"),
    ]
    assert closed.status == 404
    assert ordered.status == 202
    assert ordered.body["order_id"]
    assert opened_after < 1.0
    assert {one["id"]: one["licence_state"] for one in after.body["items"]}[
        "123457.sms"
    ] == "active"


async def test_a_licence_for_a_new_customer_makes_a_tenant_whose_first_admin_is_invited(
    portal: Portal,
) -> None:
    reseller = await portal.token("100001.rsp", "reseller-admin")
    address = "chef@neukunde.example"
    admin = {"username": "chef", "email": address, "display_name": "Chris Chef"}
    order = _an_order(new={"name": "Neukunde AG", "locale": "de", "admin": admin})
    orders = "/v1/resellers/100001.rsp/licence-orders"

    ordered = await portal.call("POST", orders, token=reseller, json=order)
    done = await _fulfilled(portal, reseller, f"{orders}/{ordered.body['order_id']}")
    invitation = await portal.next_mail(address, 0)
    token = link_in(invitation, "/accept-invitation")
    accepted = await _reset(portal, token, "a password that only Chris knows")
    login = {
        "username": "chef",
        "password": "a password that only Chris knows",
        "tenant": done["tenant_id"],
    }
    first = await portal.call("POST", "/v1/login", json=login)

    assert ordered.status == 202
    assert done["status"] == "fulfilled"
    assert done["tenant_id"] in invitation["Text"]
    assert await _seconds_until(portal, reseller, f"/v1/tenants/{done['tenant_id']}", 200) < 1.0
    assert accepted.status == 204
    assert first.body["next"] == "enrol_totp"
    listed = await portal.call("GET", f"/v1/tenants/{done['tenant_id']}/licences", token=reseller)
    assert [one["product"] for one in listed.body["items"]] == ["mobile-security"]


async def test_an_order_for_anybody_elses_customer_is_refused_like_one_for_nobody(
    portal: Portal,
) -> None:
    reseller = await portal.token("100002.rsp", "reseller-admin")
    orders = "/v1/resellers/100002.rsp/licence-orders"

    foreign = await portal.call(
        "POST", orders, token=reseller, json=_an_order(tenant_id="123456.sms")
    )
    absent = await portal.call(
        "POST", orders, token=reseller, json=_an_order(tenant_id="999999.sms")
    )

    assert foreign.status == 422
    assert without_request_id(foreign) == without_request_id(absent)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("{", {"Content-Type": "application/json"}, 400, "malformed_body"),
        ("[]", {"Content-Type": "application/json"}, 400, "malformed_body"),
        (
            "a=b",
            {"Content-Type": "application/x-www-form-urlencoded"},
            415,
            "unsupported_media_type",
        ),
        ("{}", {"Content-Type": "application/json"}, 422, "invalid"),
        (
            '{"username": {"$ne": ""}, "password": "x", "tenant": "123456.sms"}',
            {"Content-Type": "application/json"},
            422,
            "invalid",
        ),
        (
            '{"username": "a", "password": "x", "tenant": "123456.sms", "roles": ["admin"]}',
            {"Content-Type": "application/json"},
            422,
            "invalid",
        ),
        ('"' + "x" * 70_000 + '"', {"Content-Type": "application/json"}, 413, "body_too_large"),
    ],
    ids=["broken", "no-object", "form", "empty", "operator", "extra-field", "huge"],
)
async def test_bad_input_of_every_kind_is_a_problem_with_a_code(
    portal: Portal, body: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await portal.call("POST", "/v1/login", data=body, headers=headers)

    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert {"type", "title", "status", "detail", "instance"} <= answer.body.keys()


async def _reset(portal: Portal, token: str, new_password: str) -> Any:
    body = {"token": token, "new_password": new_password}
    return await portal.call("POST", "/v1/password/reset", json=body)


def _an_order(**customer: Any) -> dict[str, Any]:
    return {"product": "mobile-security", "seats": 10, "term_months": 12, "customer": customer}


async def _soon_refused(portal: Portal, token: str) -> None:
    assert await _seconds_until(portal, token, "/v1/me", 401) < 1.0


async def _seconds_until(portal: Portal, token: str, path: str, status: int) -> float:
    begun = monotonic()
    while (await portal.call("GET", path, token=token)).status != status:
        assert monotonic() - begun < 5, f"{path} does not answer {status}"
        await asyncio.sleep(0.01)
    return monotonic() - begun


async def _fulfilled(portal: Portal, token: str, path: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            order = await portal.call("GET", path, token=token)
            if order.body["status"] != "placed":
                assert isinstance(order.body, dict)
                return order.body
            await asyncio.sleep(0.02)
