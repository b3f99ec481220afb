"""Passwords are chosen well, kept as Argon2id, and taken over from elsewhere."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import bcrypt
import pytest
from argon2 import PasswordHasher, Type
from nacl import pwhash as libsodium

from services.auth.actions.import_account import import_account
from services.auth.app import build, open_auth
from services.auth.clients.common_passwords import LIST, common_passwords
from services.auth.clients.imported_hashes import ImportedHashError
from services.auth.settings import AuthSettings
from services.auth.store.organisations import Organisation
from shared.contracts.auth import PasswordChanged
from shared.contracts.events import Service
from tests.support.auth import (
    ADMIN,
    PASSWORD,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.guessing import Guesser, another_replica
from tests.support.service import Answer, Client, running

UMLAUT: Final = "Grüße an alle Zöllner"


def pbkdf2(digest: str, salt: bytes, password: str = PASSWORD) -> bytes:
    return hashlib.pbkdf2_hmac(digest, password.encode(), salt, 1000)


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def adapted(raw: bytes) -> str:
    """As passlib writes it."""
    return base64_of(raw).rstrip("=").replace("+", ".")


def bcrypt_of(password: bytes) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()


SALT: Final = b"\xfb\xef\xbe salt"
HASHES: Final = {
    "bcrypt": bcrypt_of(PASSWORD.encode()),
    "bcrypt of PHP": bcrypt_of(PASSWORD.encode()).replace("$2b$", "$2y$"),
    "bcrypt of Django": "bcrypt$" + bcrypt_of(PASSWORD.encode()),
    "bcrypt over SHA-256 of Django": "bcrypt_sha256$"
    + bcrypt_of(hashlib.sha256(PASSWORD.encode()).hexdigest().encode()),
    "Django": f"pbkdf2_sha256$1000$salt${base64_of(pbkdf2('sha256', b'salt'))}",
    "Django with SHA-1": f"pbkdf2_sha1$1000$salt${base64_of(pbkdf2('sha1', b'salt'))}",
    "passlib": f"$pbkdf2-sha256$1000${adapted(SALT)}${adapted(pbkdf2('sha256', SALT))}",
    "passlib with SHA-512": f"$pbkdf2-sha512$1000${adapted(SALT)}$"
    + adapted(pbkdf2("sha512", SALT)),
    "passlib with SHA-1": f"$pbkdf2$1000${adapted(SALT)}${adapted(pbkdf2('sha1', SALT))}",
    "Argon2id with four lanes": PasswordHasher(1, 1024, 4).hash(PASSWORD),
    "Argon2id with a long salt and sum": PasswordHasher(1, 1024, 1, 64, 64).hash(PASSWORD),
    "Argon2i": PasswordHasher(1, 1024, 1, type=Type.I).hash(PASSWORD),
}


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(mongo_url, slowest_hash=0)
    async with running(Service.AUTH, open_auth, settings) as client:
        yield client


async def hash_of(auth: Client, username: str = ADMIN.username) -> str:
    row = await auth.mongo.collection("accounts").find_one({"username_key": username})
    assert row is not None
    return str(row["password_hash"])


async def change(auth: Client, new_password: str, tokens: dict[str, str]) -> Answer:
    body = {"old_password": PASSWORD, "new_password": new_password}
    return await auth.post("/v1/me/password", as_=as_signed_in(tokens), json=body)


@pytest.mark.parametrize("kind", HASHES)
async def test_an_imported_hash_is_good_for_one_sign_in_and_becomes_argon2id(
    auth: Client, kind: str
) -> None:
    await add_account(auth, password=None, password_hash=HASHES[kind])

    wrong = await Guesser(auth).password()
    kept = await hash_of(auth)
    right = await Guesser(auth).gets_in()
    replaced = await hash_of(auth)
    again = await Guesser(auth).gets_in()

    assert (wrong.status, kept) == (401, HASHES[kind])
    assert (right, again) == (True, True)
    assert replaced.startswith("$argon2id$v=19$m=1024,t=1,p=1$")


async def test_an_imported_bcrypt_hash_knows_72_bytes_and_its_successor_all(auth: Client) -> None:
    long = "a sentence that goes on and on, " * 3 + "to its end"
    hashed = bcrypt_of(long.encode()[:72])
    await add_account(auth, password=None, password_hash=hashed)

    first = await Guesser(auth).password(long)
    shorter = await Guesser(auth).password(long[:80])

    assert (first.status, shorter.status) == (200, 401)


async def test_an_imported_password_may_have_been_hashed_as_it_was_typed(auth: Client) -> None:
    typed = "Gru\u0308\u00dfe an alle Zo\u0308llner"
    await add_account(auth, password=None, password_hash=bcrypt_of(typed.encode()))

    first = await Guesser(auth).password(typed)
    on_another_keyboard = await Guesser(auth).password(UMLAUT)

    assert (first.status, on_another_keyboard.status) == (200, 200)


@pytest.mark.parametrize(
    "password_hash",
    [
        None,
        "",
        "secret",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$2b$04$short",
        "$2b$19$" + 53 * "a",
        "pbkdf2_sha256$9000000$salt$" + base64_of(32 * b"x"),
        "pbkdf2_sha256$1000$salt$AAAA",
        "pbkdf2_md5$1000$salt$" + base64_of(16 * b"x"),
        "$pbkdf2-sha256$1000$!!$" + adapted(32 * b"x"),
        "$argon2id$",
        "$argon2id$v=19$m=262144,t=3,p=1$" + adapted(16 * b"s") + "$" + adapted(32 * b"x"),
        "$argon2id$v=19$m=1024,t=1,p=17$" + adapted(16 * b"s") + "$" + adapted(32 * b"x"),
        "$argon2id$v=19$m=1024,t=1,p=1$" + adapted(16 * b"s") + "$" + adapted(65 * b"x"),
        "$argon2id$v=19$m=1024,t=1,p=1$" + adapted(65 * b"s") + "$" + adapted(32 * b"x"),
        "$argon2d$v=19$m=1024,t=1,p=1$" + adapted(16 * b"s") + "$" + adapted(32 * b"x"),
    ],
)
async def test_any_other_hash_is_not_taken_over(auth: Client, password_hash: str | None) -> None:
    account = replace(ADMIN, password=None, password_hash=password_hash)

    async with auth.acting(build) as deps:
        with pytest.raises(ImportedHashError):
            await import_account(deps, account)
        deps.hasher.close()


async def test_another_implementation_knows_a_hash_of_ours(auth: Client) -> None:
    await add_account(auth)

    kept = await hash_of(auth)

    assert libsodium.verify(kept.encode(), PASSWORD.encode())


async def test_a_hash_of_another_implementation_is_good_here(auth: Client) -> None:
    made = libsodium.argon2id.str(PASSWORD.encode(), opslimit=2, memlimit=2**20)
    await add_account(auth, password=None, password_hash=made.decode())

    wrong = await Guesser(auth).password()
    right = await Guesser(auth).gets_in()

    assert (wrong.status, right) == (401, True)


async def test_a_hash_of_other_parameters_is_renewed_at_a_right_sign_in(auth: Client) -> None:
    await add_account(auth)
    assert isinstance(auth.settings, AuthSettings)
    stronger = auth.settings.model_copy(update={"argon2_memory_kib": 2048})

    async with another_replica(replace(auth, settings=stronger)) as other:
        await Guesser(other).passwords(1)
        before = await hash_of(auth)
        right = await Guesser(other).gets_in()

    assert before.startswith("$argon2id$v=19$m=1024,")
    assert right
    assert (await hash_of(auth)).startswith("$argon2id$v=19$m=2048,")


async def test_one_password_typed_on_two_keyboards_is_one_password(auth: Client) -> None:
    await add_account(auth, password=UMLAUT)

    decomposed = await Guesser(auth).password("Gru\u0308\u00dfe an alle Zo\u0308llner")

    assert decomposed.status == 200


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("seven !", "password_too_short"),
        ("sunshine1", "password_too_common"),
        ("Passw0rd2025!", "password_too_common"),
        ("123456.sms-anna", "password_too_obvious"),
        ("M0bile-Security!", "password_too_obvious"),
        ("Kontoso-2025", "password_too_obvious"),
    ],
)
async def test_a_bad_password_is_refused_with_its_reason_and_nothing_changes(
    auth: Client, password: str, code: str
) -> None:
    await add_account(auth)
    tokens = await sign_in(auth)
    async with auth.acting(build) as deps:
        kontoso = Organisation(ADMIN.org, "Kontoso GmbH", "de")
        await deps.transact(lambda tx: deps.organisations.note(kontoso, tx))
        deps.hasher.close()

    refused = await change(auth, password, tokens)

    assert (refused.status, refused.body["errors"][0]["code"]) == (422, code)
    assert await Guesser(auth).gets_in()
    assert await auth.heard(PasswordChanged) == []


async def test_eight_characters_do_with_a_second_factor_and_fifteen_without(auth: Client) -> None:
    await add_account(auth)
    tokens = await sign_in(auth)
    await auth.mongo.collection("accounts").update({}, {"$set": {"totp": None}})
    without = await change(auth, "mqvz kw8", tokens)
    await auth.mongo.collection("accounts").update(
        {}, {"$set": {"totp": {"last_step": 1, "locked_secret": "", "activated_at": auth.now()}}}
    )

    with_one = await change(auth, "mqvz kw8", tokens)

    assert (without.status, with_one.status) == (422, 204)


async def test_operators_add_passwords_of_their_own(auth: Client, tmp_path: Path) -> None:
    more = tmp_path / "refused.txt"
    more.write_text("Zugspitze2962\nWatzmann\n", encoding="utf-8")
    await add_account(auth)
    tokens = await sign_in(auth)
    assert isinstance(auth.settings, AuthSettings)
    stricter = auth.settings.model_copy(update={"refused_passwords_file": more})

    async with another_replica(replace(auth, settings=stricter)) as other:
        refused = await change(other, "watzmann!", tokens)

    assert refused.body["errors"][0]["code"] == "password_too_common"
    assert (await change(auth, "watzmann!", tokens)).status == 204


async def test_the_shipped_list_names_its_sources_and_is_large() -> None:
    introduction = await asyncio.to_thread(LIST.read_text, encoding="utf-8")

    passwords = await common_passwords()

    assert "Django" in introduction[:600]
    assert "zxcvbn" in introduction[:600]
    assert len(passwords) > 50_000
    assert {"123456", "password", "qwertzuiop", "schalke04"} <= passwords
    assert not any(one.startswith("# ") for one in passwords)
