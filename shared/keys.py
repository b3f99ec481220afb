"""Keys: the pairs that sign tokens and passes, that seal secrets, and that encrypt at rest.

Each key is a JWK (RFC 7517, OKP keys per RFC 8037) whose `kid` is its thumbprint (RFC 7638). A
private setting may hold several, newest first, as a JWK Set: the first signs, all verify or open.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

from joserfc import jwe, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, KeySetSerialization, OctKey, OKPKey

# RFC 9864 renames EdDSA to Ed25519; readers of RFC 8037 and 9068 in the field still expect the
# older name, and both mean the same signature, so the warning about the name is not for us.
warnings.filterwarnings("ignore", category=SecurityWarning, message="EdDSA is deprecated")

Claims: TypeAlias = dict[str, Any]
ALGORITHM: Final = "EdDSA"
LEEWAY_SECONDS: Final = 5


class TokenError(Exception):
    """A token, pass or sealed value that is not what it claims to be, or is past its time."""


@dataclass(frozen=True)
class Keys:
    """A set of keys of one purpose."""

    jwks: KeySet

    @classmethod
    def parse(cls, text: str) -> "Keys":
        """Read a JWK or a JWK Set in JSON; ValueError where it is neither."""
        try:
            loaded = json.loads(text)
            document = loaded if "keys" in loaded else {"keys": [loaded]}
            return cls(KeySet.import_key_set(cast(KeySetSerialization, document)))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError("neither a JWK nor a JWK Set") from error

    @property
    def first(self) -> OKPKey | OctKey:
        return cast("OKPKey | OctKey", self.jwks.keys[0])

    def octets(self) -> list[OctKey]:
        """The symmetric keys of the set."""
        return [key for key in self.jwks.keys if isinstance(key, OctKey)]

    def public(self) -> str:
        """The set without its private parts, as JSON that may be published."""
        return json.dumps(self.jwks.as_dict(private=False))

    def private(self) -> str:
        return json.dumps(self.jwks.as_dict(private=True))


def signing_keys() -> Keys:
    """A fresh Ed25519 pair."""
    return _fresh(OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True))


def document_keys() -> Keys:
    """Fresh Ed25519 and P-256 pairs, for documents that also readers without EdDSA verify."""
    p256 = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    return Keys(KeySet([*signing_keys().jwks.keys, p256]))


def sealing_keys() -> Keys:
    """A fresh X25519 pair: with the public half one writes what only the private half reads."""
    return _fresh(OKPKey.generate_key("X25519", {"use": "enc"}, auto_kid=True))


def vault_keys() -> Keys:
    """A fresh 256-bit key for what is kept encrypted in a database."""
    return _fresh(OctKey.generate_key(256, {"use": "enc"}, auto_kid=True))


def _fresh(key: OKPKey | OctKey) -> Keys:
    return Keys(KeySet([key]))


def sign(keys: Keys, typ: str, claims: Mapping[str, Any]) -> str:
    """A JWT (RFC 7519) of this `typ`, so that none is taken for another (RFC 8725 §3.11)."""
    header = {"alg": ALGORITHM, "typ": typ, "kid": keys.first.kid}
    return jwt.encode(header, dict(claims), keys.first, algorithms=[ALGORITHM])


def verify(
    keys: Keys, token: str, *, typ: str, issuer: str, audience: str, now: datetime
) -> Claims:
    """The claims of a JWT that one of these keys signed, of this type, issuer and audience.

    Raises TokenError for anything else; `exp` is required and judged by `now`.
    """
    claims = read_signed(keys, token, typ=typ)
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TokenError(f"not accepted: {type(error).__name__}") from error
    return claims


def read_signed(keys: Keys, token: str, *, typ: str) -> Claims:
    """What one of these keys signed as this type, whatever it says; TokenError for anything else.

    For statements that stay true. Whatever opens a door is read with `verify`.
    """
    try:
        decoded = jwt.decode(token, keys.jwks, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise TokenError(f"not accepted: {type(error).__name__}") from error
    if decoded.header.get("typ") != typ:
        raise TokenError("a token of another type")
    return decoded.claims


def seal(reader: Keys, purpose: str, secret: str) -> str:
    """Encrypt a secret for whoever holds the private half (JWE, ECDH-ES with X25519, A256GCM)."""
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": reader.first.kid}
    return _encrypt(header, purpose, secret, reader)


def lock(vault: Keys, purpose: str, secret: str) -> str:
    """Encrypt a secret for our own later use (JWE, direct, A256GCM) under the first key."""
    header = {"alg": "dir", "enc": "A256GCM", "kid": vault.first.kid}
    return _encrypt(header, purpose, secret, vault)


def unlock(keys: Keys, purpose: str, sealed: str) -> str:
    """Open what `seal` or `lock` made for this very purpose; TokenError where it was not."""
    try:
        opened = json.loads(jwe.decrypt_compact(sealed, keys.jwks).plaintext or b"null")
    except (JoseError, ValueError) as error:
        raise TokenError(f"can't be opened: {type(error).__name__}") from error
    if not isinstance(opened, dict) or opened.get("purpose") != purpose:
        raise TokenError("sealed for another purpose")
    return str(opened["secret"])


def _encrypt(header: dict[str, Any], purpose: str, secret: str, keys: Keys) -> str:
    plaintext = json.dumps({"purpose": purpose, "secret": secret}).encode()
    return jwe.encrypt_compact(header, plaintext, keys.first)
