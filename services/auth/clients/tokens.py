"""What auth signs: access tokens, the challenges between two steps of a sign-in, refresh tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.auth.domain.accounts import Account
from services.auth.domain.sessions import Session, SessionEndedError
from services.auth.domain.signing_in import CodeRefusedError
from shared.ids import new_id
from shared.keys import Keys, TokenError, sign, verify
from shared.macs import Macs
from shared.step_up import ACR
from shared.tokens import ACCESS_TYPE, AUDIENCE, ENROLMENT_TYPE

CHALLENGE_TYPE: Final = "portal-challenge+jwt"
CHALLENGE_LIFE: Final = timedelta(minutes=10)
_OWN_AUDIENCE: Final = "portal-auth"
_PREFIX: Final = "prt_"


@dataclass(frozen=True)
class Challenge:
    """The right password was given; what is still missing is a code."""

    account_id: str
    wants_body: bool
    issued_at: int
    password_made_at: str
    """Which password was given: `password_mark` of the account as it was then."""

    def was_given_password_of(self, account: Account) -> bool:
        return self.password_made_at == password_mark(account)


class Signer:
    def __init__(self, keys: Keys, issuer: str, access_seconds: int) -> None:
        self._keys = keys
        self._issuer = issuer
        self.access_seconds = access_seconds

    def access_token(self, account: Account, session: Session, now: datetime) -> str:
        """A JWT access token (RFC 9068) that says who, not what one may do.

        Where a second factor was shown, `auth_time` is when it was last, and `acr` says so.
        """
        shown_at = session.factor_at or session.started_at
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "client_id": "portal",
            "sub": account.id,
            "sid": session.id,
            "org": account.org,
            "roles": list(account.roles),
            "amr": list(session.amr),
            "auth_time": int(shown_at.timestamp()),
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + self.access_seconds,
            "jti": new_id(),
        }
        if session.factor_at is not None:
            claims["acr"] = ACR
        return sign(self._keys, ACCESS_TYPE, claims)

    def challenge(self, account: Account, now: datetime, *, wants_body: bool) -> str:
        return self._step(CHALLENGE_TYPE, _OWN_AUDIENCE, account, now, wants_body=wants_body)

    def enrolment(self, account: Account, now: datetime, *, wants_body: bool) -> str:
        """The half-open token: the gateway lets it activate a second factor and nothing else."""
        return self._step(ENROLMENT_TYPE, AUDIENCE, account, now, wants_body=wants_body)

    def read_challenge(self, token: str, now: datetime) -> Challenge:
        return self._read(CHALLENGE_TYPE, _OWN_AUDIENCE, token, now)

    def read_enrolment(self, token: str, now: datetime) -> Challenge:
        return self._read(ENROLMENT_TYPE, AUDIENCE, token, now)

    def _step(
        self, typ: str, audience: str, account: Account, now: datetime, *, wants_body: bool
    ) -> str:
        claims = {
            "iss": self._issuer,
            "aud": audience,
            "sub": account.id,
            "org": account.org,
            "body": wants_body,
            "pwd": password_mark(account),
            "iat": int(now.timestamp()),
            "exp": int((now + CHALLENGE_LIFE).timestamp()),
            "jti": new_id(),
        }
        return sign(self._keys, typ, claims)

    def _read(self, typ: str, audience: str, token: str, now: datetime) -> Challenge:
        try:
            claims = verify(
                self._keys, token, typ=typ, issuer=self._issuer, audience=audience, now=now
            )
        except TokenError as error:
            raise CodeRefusedError from error
        wants_body, issued_at = bool(claims.get("body")), int(claims["iat"])
        return Challenge(claims["sub"], wants_body, issued_at, str(claims.get("pwd")))


def password_mark(account: Account) -> str:
    """Which of its passwords an account has, to the millisecond in which it was set: `iat` counts
    whole seconds, and so can't tell a challenge from a password of the same second.
    """
    return account.password_changed_at.isoformat(timespec="milliseconds")


class RefreshTokens:
    """A refresh token names its session and generation and proves that we made it (HMAC-SHA-256).

    Nothing of it is kept: whoever reads the database can't make one, and the successor of a token
    whose answer got lost can be made again.
    """

    def __init__(self, vault: Keys) -> None:
        self._macs = Macs(vault, "refresh tokens")

    def make(self, session: Session) -> str:
        body = f"{session.id}.{session.generation}"
        return f"{_PREFIX}{body}.{self._macs.make_text(body)}"

    def read(self, token: str) -> tuple[str, int]:
        """The session and generation that a token names; SessionEndedError if it isn't ours."""
        body, _, mac = token.removeprefix(_PREFIX).rpartition(".")
        if not self._macs.prove_text(mac, body):
            raise SessionEndedError
        session_id, _, generation = body.partition(".")
        return session_id, int(generation)
