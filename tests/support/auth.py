"""Builders for tests of auth: its settings, an account, and the passes of whoever calls it."""

from dataclasses import replace
from typing import Any, Final

import pyotp
from joserfc import jwt

from services.auth.actions.import_account import ImportedAccount, import_account
from services.auth.app import build
from services.auth.settings import AuthSettings
from shared.keys import sealing_keys, signing_keys, vault_keys
from shared.passes import ENROLMENT, NOBODY, PUBLIC, Pass
from shared.step_up import ACR
from tests.support.service import Client, a_pass, settings_of

TOKEN_KEYS: Final = signing_keys()
MAILER_KEYS: Final = sealing_keys()
PASSWORD: Final = "a password that only Anna knows"
TOTP_SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ANYBODY: Final = a_pass(PUBLIC, subject=NOBODY, session="", org="")
ADMIN: Final = ImportedAccount(
    org="123456.sms",
    username="anna",
    password=PASSWORD,
    totp_secret=TOTP_SECRET,
    roles=("admin",),
    email="anna@example.org",
    display_name="Anna",
    locale="en",
)


def auth_settings(mongo_url: str, **more: Any) -> AuthSettings:
    """Settings of auth whose hashes are cheap, so that tests are quick."""
    given = {
        "token_keys": TOKEN_KEYS.private(),
        "vault_keys": vault_keys().private(),
        "mailer_public_keys": MAILER_KEYS.public(),
        "argon2_memory_kib": 1024,
        "argon2_passes": 1,
        **more,
    }
    return settings_of(AuthSettings, mongo_url, **given)


async def add_account(client: Client, account: ImportedAccount = ADMIN, **more: Any) -> str:
    """Put an account into the service; returns its id."""
    account = replace(account, **more)
    async with client.acting(build) as deps:
        assert await import_account(deps, account)
        found = await deps.accounts.find(account.org, account.username)
        assert found is not None
        deps.hasher.close()
        return found.id


async def sign_in(
    client: Client, account: ImportedAccount = ADMIN, password: str = PASSWORD
) -> dict[str, Any]:
    """Password and, where there is a second factor, a code; the tokens, all in the body."""
    body = {"username": account.username, "password": password, "tenant": account.org}
    first = await client.post("/v1/login", as_=ANYBODY, json={**body, "transport": "body"})
    assert first.status == 200, first.body
    done: dict[str, Any] = first.body
    if done["next"] == "totp":
        step = {"challenge": done["challenge"], "code": code_now(client)}
        second = await client.post("/v1/login/totp", as_=ANYBODY, json=step)
        assert second.status == 200, second.body
        done = second.body
    return done


def code_now(client: Client, secret: str = TOTP_SECRET) -> str:
    return pyotp.TOTP(secret).at(client.now())


def as_signed_in(tokens: dict[str, Any], org: str = ADMIN.org) -> Pass:
    """The pass that the gateway makes of an access token in the own organisation."""
    found = jwt.decode(tokens["access_token"], TOKEN_KEYS.jwks, algorithms=["EdDSA"]).claims
    factor_at = found["auth_time"] if found.get("acr") == ACR else None
    return a_pass(org, subject=found["sub"], session=found["sid"], factor_at=factor_at)


def as_enrolling(account_id: str, org: str = ADMIN.org) -> Pass:
    return a_pass(org, subject=account_id, session=ENROLMENT)
