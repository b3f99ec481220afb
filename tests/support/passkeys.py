"""An authenticator in software and the browser around it, for tests of passkeys."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from soft_webauthn import SoftWebauthnDevice  # type: ignore[import-untyped]  # it has no types
from webauthn.helpers import encode_cbor, parse_cbor

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

ORIGIN: Final = "https://portal.example"
RP_ID: Final = "portal.example"
_FLAGS: Final = 32
"""Where the flags stand in authenticator data, behind the hash of the relying party's id."""
_USER_VERIFIED: Final = 0x04
_MAY_BE_SYNCED: Final = 0x08


@dataclass
class Authenticator:
    """A device with one passkey, in a browser that is at some origin."""

    verifies_user: bool = True
    is_synced: bool = False
    origin: str = ORIGIN
    device: Any = field(default_factory=SoftWebauthnDevice)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` answers, in JSON."""
        asked = options["public_key"]
        user = {**asked["user"], "id": as_bytes(asked["user"]["id"])}
        given = {**asked, "challenge": as_bytes(asked["challenge"]), "user": user}
        made = self.device.create({"publicKey": given}, self.origin)
        attestation = parse_cbor(made["response"]["attestationObject"])
        attestation["authData"] = self._flagged(attestation["authData"])
        response = {
            "clientDataJSON": text(made["response"]["clientDataJSON"]),
            "attestationObject": text(encode_cbor(attestation)),
            "transports": ["internal", "hybrid"],
        }
        return {**self._id(), "clientExtensionResults": {}, "response": response}

    def get(self, options: dict[str, Any], **client_data: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` answers, in JSON; the counter grows."""
        asked = options["public_key"]
        given = {"challenge": as_bytes(asked["challenge"]), "rpId": self.device.rp_id}
        made = self.device.get({"publicKey": given}, self.origin)["response"]
        told = json.dumps({**json.loads(made["clientDataJSON"]), **client_data}).encode()
        data, handle = self._flagged(made["authenticatorData"]), self.device.user_handle
        response = {
            "clientDataJSON": text(told),
            "authenticatorData": text(data),
            "signature": text(self._signed(data, told)),
            "userHandle": text(handle) if handle is not None else None,
        }
        return {**self._id(), "clientExtensionResults": {}, "response": response}

    def _id(self) -> dict[str, Any]:
        credential_id = text(self.device.credential_id)
        return {"id": credential_id, "rawId": credential_id, "type": "public-key"}

    def _flagged(self, data: bytes) -> bytes:
        flags = data[_FLAGS]
        flags |= _USER_VERIFIED if self.verifies_user else 0
        flags |= _MAY_BE_SYNCED if self.is_synced else 0
        return data[:_FLAGS] + bytes([flags]) + data[_FLAGS + 1 :]

    def _signed(self, data: bytes, client_data: bytes) -> bytes:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(client_data)
        signed: bytes = self.device.private_key.sign(
            data + digest.finalize(), ec.ECDSA(hashes.SHA256())
        )
        return signed


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
