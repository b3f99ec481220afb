"""OAuth 2.0 client credentials: the token endpoint by RFC 6749, its description by RFC 8414."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from structlog.testing import capture_logs

from services.auth.app import open_auth
from shared.access import Permission
from shared.api_keys import digest, new_key
from shared.contracts.events import Service
from shared.ids import new_id
from shared.tokens import CLIENT_HEADER
from tests.support.auth import ANYBODY, TOKEN_KEYS, auth_settings
from tests.support.service import NOON, Answer, Client, a_pass, running

TENANT = "123456.sms"
KEYS = f"/v1/tenants/{TENANT}/api-keys"
MANAGER = a_pass(TENANT, *Permission, factor_at=int(NOON.timestamp()))
TOKEN = "/v1/oauth/token"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        yield client


async def create(auth: Client, **more: Any) -> dict[str, Any]:
    body = {"name": "Report", "permissions": ["tenant:read", "user:read"], **more}
    made = await auth.post(KEYS, as_=MANAGER, json=body)
    assert made.status == 201, made.body
    return dict(made.body)


def basic(client_id: str, secret: str) -> dict[str, str]:
    shown = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {CLIENT_HEADER: f"Basic {shown}"}


async def token(auth: Client, made: dict[str, Any], **form: str) -> Answer:
    headers = basic(made["id"], made["key"])
    return await auth.post(TOKEN, as_=ANYBODY, headers=headers, data={**GRANT, **form})


def refusal(answer: Answer) -> tuple[int, str]:
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body.keys() == {"error", "error_description"}
    return answer.status, answer.body["error"]


async def test_a_client_gets_a_token_of_rfc_9068_for_five_minutes(auth: Client) -> None:
    made = await create(auth)

    answer = await token(auth, made)

    assert answer.status == 200
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.body.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["expires_in"] == 300
    assert answer.body["scope"] == "tenant:read user:read"
    read = jwt.decode(answer.body["access_token"], TOKEN_KEYS.jwks, algorithms=["EdDSA"])
    assert read.header["typ"] == "at+jwt"
    assert {"iss", "aud", "exp", "iat", "jti"} <= read.claims.keys()
    assert read.claims["client_id"] == read.claims["sub"] == read.claims["sid"] == made["id"]
    assert read.claims["org"] == TENANT
    assert read.claims["scope"] == "tenant:read user:read"
    assert not {"roles", "amr", "acr", "auth_time"} & read.claims.keys()
    assert made["key"] not in answer.body["access_token"]


async def test_credentials_may_be_in_the_body(auth: Client) -> None:
    made = await create(auth)

    form = {**GRANT, "client_id": made["id"], "client_secret": made["key"]}
    answer = await auth.post(TOKEN, as_=ANYBODY, data=form)

    assert answer.status == 200


async def test_a_scope_narrows_the_token(auth: Client) -> None:
    made = await create(auth)

    narrowed = await token(auth, made, scope="tenant:read")
    wide = await token(auth, made, scope="tenant:read tenant:edit")
    unknown = await token(auth, made, scope="everything")

    assert narrowed.body["scope"] == "tenant:read"
    assert refusal(wide) == refusal(unknown) == (400, "invalid_scope")


async def test_every_wrong_client_hears_the_same(auth: Client) -> None:
    made, other = await create(auth), await create(auth)
    revoked = await create(auth)
    await auth.delete(f"{KEYS}/{revoked['id']}", as_=MANAGER)
    expired = await create(auth, expires_at="2026-03-10T12:05:00Z")
    auth.now.advance(timedelta(minutes=5))
    wrong = [
        (made["id"], other["key"]),
        (made["id"], new_key(made["id"])),
        (made["id"], made["key"][:-1]),
        (made["id"], "x"),
        (new_id(), new_key(new_id())),
        (other["id"], made["key"]),
        (made["id"].upper(), made["key"]),
        (revoked["id"], revoked["key"]),
        (expired["id"], expired["key"]),
        (made["id"], digest(made["key"])),
    ]

    answers = [
        await auth.post(TOKEN, as_=ANYBODY, headers=basic(*shown), data=GRANT) for shown in wrong
    ]
    answers.append(await auth.post(TOKEN, as_=ANYBODY, data=GRANT))

    assert {refusal(answer) for answer in answers} == {(401, "invalid_client")}
    assert len({str(answer.body) for answer in answers}) == 1
    assert all(one.headers["WWW-Authenticate"].startswith("Basic realm=") for one in answers)
    assert (await token(auth, made)).status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (b"grant_type=client_credentials&scope=a&scope=b", "invalid_request"),
        (b"grant_type=%ff", "invalid_request"),
        ({**GRANT, "client_secret": "also in the body"}, "invalid_request"),
        ({**GRANT, "scope": "x" * 1001}, "invalid_request"),
    ],
)
async def test_a_request_that_is_not_well_formed_is_told_in_the_words_of_rfc_6749(
    auth: Client, form: Any, error: str
) -> None:
    made = await create(auth)
    headers = {
        **basic(made["id"], made["key"]),
        "Content-Type": "application/x-www-form-urlencoded",
    }

    answer = await auth.post(TOKEN, as_=ANYBODY, headers=headers, data=form)

    assert refusal(answer) == (400, error)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"scope": "tenant:read"}, "grant_type: Field required"),
        ({**GRANT, "scope": "x" * 1001}, "scope: String should have at most 1000 characters"),
    ],
)
async def test_a_flaw_is_told_with_its_parameter(auth: Client, form: Any, said: str) -> None:
    made = await create(auth)

    answer = await auth.post(TOKEN, as_=ANYBODY, headers=basic(made["id"], made["key"]), data=form)

    assert refusal(answer) == (400, "invalid_request")
    assert answer.body["error_description"] == said


async def test_a_body_that_is_no_form_is_refused_and_unknown_names_are_ignored(
    auth: Client,
) -> None:
    made = await create(auth)
    headers = basic(made["id"], made["key"])

    as_json = await auth.post(TOKEN, as_=ANYBODY, headers=headers, json=GRANT)
    more = await token(auth, made, resource="https://example.org", scope="")

    assert refusal(as_json) == (400, "invalid_request")
    assert more.status == 200
    assert more.body["scope"] == "tenant:read user:read"


async def test_a_token_never_outlives_its_key(auth: Client) -> None:
    made = await create(auth, expires_at="2026-03-10T12:01:30Z")

    answer = await token(auth, made)

    assert answer.body["expires_in"] == 90


async def test_after_a_rotation_both_secrets_get_tokens(auth: Client) -> None:
    old = await create(auth)
    assert (await token(auth, old)).status == 200
    new = (await auth.post(f"{KEYS}/{old['id']}/rotate", as_=MANAGER, json={})).body

    statuses = [(await token(auth, made)).status for made in (old, new)]

    assert statuses == [200, 200]


async def test_no_credential_is_in_any_log_line(auth: Client) -> None:
    made = await create(auth)

    with capture_logs() as lines:
        granted = (await token(auth, made)).body["access_token"]
        await auth.post(TOKEN, as_=ANYBODY, headers=basic(made["id"], "canary"), data=GRANT)

    secrets = (made["key"][38:], granted, "canary", digest(made["key"]))
    assert [line["status_code"] for line in lines] == [200, 401]
    assert not any(secret in str(lines) for secret in secrets)


async def test_the_endpoint_is_described_for_programs(auth: Client) -> None:
    answer = await auth.get("/.well-known/oauth-authorization-server", as_=ANYBODY)

    issuer = "http://127.0.0.1:8080"
    assert answer.body["issuer"] == issuer
    assert answer.body["token_endpoint"] == f"{issuer}/v1/oauth/token"
    assert answer.body["jwks_uri"] == f"{issuer}/.well-known/jwks.json"
    assert answer.body["response_types_supported"] == []
    assert answer.body["grant_types_supported"] == ["client_credentials"]
    assert answer.body["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
    ]
    assert set(answer.body["scopes_supported"]) == set(map(str, Permission))


async def test_without_the_gateways_pass_nobody_gets_a_token(auth: Client) -> None:
    made = await create(auth)

    answer = await auth.post(TOKEN, as_=None, headers=basic(made["id"], made["key"]), data=GRANT)

    assert (answer.status, answer.body["code"]) == (401, "pass_required")
