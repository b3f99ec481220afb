"""An authenticator in software and the browser around it, for tests of passkeys."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any, Final

from webauthn.helpers import encode_cbor

from shared.passes import Pass
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    add_account,
    as_enrolling,
    as_signed_in,
    sign_in,
)
from tests.support.service import Answer, Client
from tests.support.soft_keys import ES256, PrivateKey, cose_of, new_key, signature, written

ORIGIN: Final = "https://portal.example"
RP_ID: Final = "portal.example"
USER_PRESENT: Final = 0x01
USER_VERIFIED: Final = 0x04
MAY_BE_SYNCED: Final = 0x08
KEY_INCLUDED: Final = 0x40
"""Flags of authenticator data (WebAuthn Level 2, §6.1)."""


@dataclass
class Device:
    """Hardware with one key, which it makes when it is asked to."""

    algorithm: int = ES256
    rp_id: str = RP_ID
    user_handle: bytes | None = None
    sign_count: int = 0
    credential_id: bytes = b""
    key: PrivateKey | None = None

    def make_key(self, rp_id: str, user_handle: bytes) -> None:
        self.rp_id, self.user_handle = rp_id, user_handle
        self.credential_id, self.key = secrets.token_bytes(32), new_key(self.algorithm)

    def data(self, flags: int) -> bytes:
        """Authenticator data: for whom, what was seen of the user, and how often it has signed."""
        rp_id = hashlib.sha256(self.rp_id.encode()).digest()
        return rp_id + bytes([flags]) + self.sign_count.to_bytes(4)

    @property
    def public_key(self) -> bytes:
        assert self.key is not None
        return written(cose_of(self.key))

    def described(self, public_key: bytes) -> bytes:
        """A key as it stands behind that data when it is new."""
        size = len(self.credential_id).to_bytes(2)
        return bytes(16) + size + self.credential_id + public_key

    def sign(self, data: bytes, client_data: bytes) -> bytes:
        assert self.key is not None
        return signature(self.key, data + hashlib.sha256(client_data).digest())


@dataclass
class Authenticator:
    """A device with one passkey, in a browser that is at some origin."""

    verifies_user: bool = True
    is_synced: bool = False
    origin: str = ORIGIN
    device: Device = field(default_factory=Device)

    def create(self, options: dict[str, Any], **client_data: Any) -> dict[str, Any]:
        """What `navigator.credentials.create` answers, in JSON."""
        asked = options["public_key"]
        assert self.device.algorithm in [one["alg"] for one in asked["pubKeyCredParams"]]
        self.device.make_key(asked["rp"]["id"], as_bytes(asked["user"]["id"]))
        told = self._told("webauthn.create", asked, client_data)
        data = self.device.data(self._flags | KEY_INCLUDED)
        data += self.device.described(self.device.public_key)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": text(told),
            "attestationObject": text(encode_cbor(attestation)),
            "transports": ["internal", "hybrid"],
        }
        return {**self._id(), "clientExtensionResults": {}, "response": response}

    def get(self, options: dict[str, Any], **client_data: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` answers, in JSON; the counter grows."""
        self.device.sign_count += 1
        told = self._told("webauthn.get", options["public_key"], client_data)
        data, handle = self.device.data(self._flags), self.device.user_handle
        response = {
            "clientDataJSON": text(told),
            "authenticatorData": text(data),
            "signature": text(self.device.sign(data, told)),
            "userHandle": text(handle) if handle is not None else None,
        }
        return {**self._id(), "clientExtensionResults": {}, "response": response}

    def _told(self, kind: str, asked: dict[str, Any], changes: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, **changes}
        return json.dumps(told).encode()

    def _id(self) -> dict[str, Any]:
        credential_id = text(self.device.credential_id)
        return {"id": credential_id, "rawId": credential_id, "type": "public-key"}

    @property
    def _flags(self) -> int:
        seen = USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return seen | (MAY_BE_SYNCED if self.is_synced else 0)


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def as_bytes(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass(frozen=True)
class Owner:
    """Somebody who has passkeys, signed in or enrolling (with the token that stands for it)."""

    auth: Client
    caller: Pass
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def enrolling(cls, auth: Client, account_id: str, challenge: str) -> "Owner":
        return cls(auth, as_enrolling(account_id), {"X-Portal-Enrolment": challenge})

    async def options(self) -> Answer:
        return await self.auth.post(
            "/v1/me/passkeys/options", as_=self.caller, headers=self.headers
        )

    async def register(
        self, authenticator: Authenticator, options: Any = None, name: str = "Laptop"
    ) -> Answer:
        if options is None:
            asked = await self.options()
            assert asked.status == 200, asked.body
            options = asked.body
        return await self.send(authenticator.create(options), name)

    async def send(self, credential: dict[str, Any], name: str = "Laptop") -> Answer:
        body = {"name": name, "credential": credential}
        return await self.auth.post(
            "/v1/me/passkeys", as_=self.caller, headers=self.headers, json=body
        )

    async def listed(self) -> list[dict[str, Any]]:
        answer = await self.auth.get("/v1/me/passkeys", as_=self.caller)
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.body["items"]
        return found

    async def remove(self, passkey_id: str) -> Answer:
        return await self.auth.delete(f"/v1/me/passkeys/{passkey_id}", as_=self.caller)


async def login_options(auth: Client, challenge: str | None = None) -> dict[str, Any]:
    answer = await auth.post(
        "/v1/login/passkey/options", as_=ANYBODY, json={"challenge": challenge}
    )
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


async def log_in(
    auth: Client,
    credential: dict[str, Any],
    challenge: str | None = None,
    source: str = "192.0.2.1",
) -> Answer:
    """Give a passkey's answer, after a password (with its challenge) or as the only step."""
    body = {"credential": credential, "challenge": challenge, "transport": "body"}
    headers = {"X-Forwarded-For": source}
    return await auth.post("/v1/login/passkey", as_=ANYBODY, json=body, headers=headers)


@dataclass
class Anna:
    """Somebody with a password and one passkey, and the codes that came with it."""

    auth: Client
    authenticator: Authenticator
    owner: Owner
    codes: list[str]
    username: str = "anna"
    org: str = ADMIN.org

    @property
    def id(self) -> str:
        return self.owner.caller.subject

    async def challenge(self) -> str:
        body = {"username": self.username, "password": PASSWORD, "tenant": self.org}
        first = await self.auth.post("/v1/login", as_=ANYBODY, json={**body, "transport": "body"})
        assert first.body["next"] == "totp", first.body
        return str(first.body["challenge"])

    async def alone(self, source: str = "192.0.2.1", **client_data: Any) -> Answer:
        """Sign in with nothing but the passkey."""
        asked = await login_options(self.auth)
        return await log_in(self.auth, self.authenticator.get(asked, **client_data), source=source)

    async def row(self) -> dict[str, Any]:
        row = await self.auth.mongo.collection("accounts").find_one({"_id": self.id})
        assert row is not None
        return row

    async def set(self, **fields: Any) -> None:
        await self.auth.mongo.collection("accounts").update({"_id": self.id}, {"$set": fields})


async def with_passkey(
    auth: Client,
    authenticator: Authenticator | None = None,
    username: str = "anna",
    org: str = ADMIN.org,
) -> Anna:
    await add_account(auth, username=username, org=org, totp_secret=None)
    account = replace(ADMIN, username=username, org=org)
    owner = Owner(auth, as_signed_in(await sign_in(auth, account), org))
    device = authenticator or Authenticator()
    answer = await owner.register(device)
    assert answer.status == 201, answer.body
    return Anna(auth, device, owner, answer.body["recovery_codes"], username, org)
