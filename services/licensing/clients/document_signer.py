"""Signs licence files, lists and statements: with EdDSA, or with EdDSA and ES256 side by side.

The second signature is for readers that know no EdDSA yet, such as Debian's `jose`.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OKPKey

from shared.keys import ALGORITHM, Keys, sign

ES256: Final = "ES256"


class DocumentSigner:
    def __init__(self, keys: Keys) -> None:
        self._edwards = Keys(KeySet([_first(keys, OKPKey)]))
        self._both = KeySet([_first(keys, OKPKey), _first(keys, ECKey)])
        self.public = keys.public()

    def compact(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS (RFC 7515 §7.1)."""
        return sign(self._edwards, typ, claims)

    def general(self, typ: str, claims: Mapping[str, Any]) -> str:
        """The same in general JSON form (RFC 7515 §7.2.1), signed with both keys."""
        members = [
            {"protected": {"alg": algorithm, "typ": typ, "kid": key.kid}}
            for algorithm, key in zip((ALGORITHM, ES256), self._both.keys, strict=True)
        ]
        payload = json.dumps(claims, separators=(",", ":"))
        signed = jws.serialize_json(members, payload, self._both, algorithms=[ALGORITHM, ES256])  # type: ignore[arg-type]  # members are headers
        return json.dumps(signed)

    def detached(self, typ: str, body: bytes) -> str:
        """A compact JWS over these bytes, without them (RFC 7515, appendix F)."""
        key = self._edwards.first
        header = {"alg": ALGORITHM, "typ": typ, "kid": key.kid}
        whole = jws.serialize_compact(header, body, key, algorithms=[ALGORITHM])
        protected, _, signature = whole.split(".")
        return f"{protected}..{signature}"


def _first(keys: Keys, kind: type[OKPKey] | type[ECKey]) -> OKPKey | ECKey:
    found = next((key for key in keys.jwks.keys if isinstance(key, kind)), None)
    if found is None:
        raise ValueError("licence keys need an Ed25519 and a P-256 key")
    return found
