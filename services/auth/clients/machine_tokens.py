"""Access tokens of machines (RFC 9068): who the client is, for which key, and how far it may go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.auth.domain.api_keys import ApiKey, Secret
from shared.ids import new_id
from shared.keys import Keys, sign
from shared.tokens import ACCESS_TYPE, AUDIENCE, KEY_DIGEST_CLAIM

SECONDS: Final = 300


class MachineTokens:
    def __init__(self, keys: Keys, issuer: str) -> None:
        self._keys = keys
        self.issuer = issuer

    def issue(
        self, client: ApiKey, secret: Secret, scope: Sequence[str], now: datetime
    ) -> tuple[str, int]:
        """The token and its life in seconds: five minutes, or less where the key ends before."""
        issued_at = int(now.timestamp())
        expires_at = min(issued_at + SECONDS, int(secret.expires_at.timestamp()))
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "client_id": client.id,
            "sub": client.id,
            "sid": client.id,
            "org": client.org,
            "scope": " ".join(scope),
            KEY_DIGEST_CLAIM: secret.digest,
            "iat": issued_at,
            "exp": expires_at,
            "jti": new_id(),
        }
        return sign(self._keys, ACCESS_TYPE, claims), expires_at - issued_at
