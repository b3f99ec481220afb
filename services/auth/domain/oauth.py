"""OAuth 2.0 for machines: client credentials, scopes and the refusals that RFC 6749 names."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from shared.errors import DomainError

CLIENT_CREDENTIALS: Final = "client_credentials"
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


class OAuthError(DomainError):
    """A refusal of RFC 6749 §5.2; `code` is its `error`."""


class InvalidRequestError(OAuthError):
    code = "invalid_request"
    detail = "A parameter is missing, comes twice, or is not well formed."


class InvalidClientError(OAuthError):
    """The one refusal: unknown client, wrong, expired or revoked secret, or none at all."""

    status = 401
    code = "invalid_client"
    detail = "Client id or secret is not right."
    challenge = 'Basic realm="portal", charset="UTF-8"'


class UnsupportedGrantError(OAuthError):
    code = "unsupported_grant_type"
    detail = "The grant type is client_credentials."


class InvalidScopeError(OAuthError):
    code = "invalid_scope"
    detail = "The scope is not well formed, or more than this client may have."


@dataclass(frozen=True)
class Credentials:
    client_id: str
    secret: str


def credentials(
    authorization: str | None, client_id: str | None, client_secret: str | None
) -> Credentials:
    """Who a client says it is: by HTTP Basic or in the body, not both (RFC 6749 §2.3)."""
    if authorization is not None:
        if client_secret is not None:
            raise InvalidRequestError("Authenticate in the header or in the body, not in both.")
        shown = _basic(authorization)
        if client_id not in {None, shown.client_id}:
            raise InvalidClientError
        return shown
    if client_id is None or client_secret is None:
        raise InvalidClientError
    return Credentials(client_id, client_secret)


def _basic(authorization: str) -> Credentials:
    """Id and secret of a Basic header, each encoded as in a form (RFC 6749 §2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClientError
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidClientError from error
    client_id, colon, secret = decoded.partition(":")
    if not colon:
        raise InvalidClientError
    return Credentials(unquote_plus(client_id), unquote_plus(secret))


def narrowed(scope: str | None, permissions: Iterable[str]) -> tuple[str, ...]:
    """The permissions that a token carries: all of the client's, or the part that it asked for.

    Raises InvalidScopeError for anything that the client may not have (RFC 6749 §3.3).
    """
    held = set(permissions)
    if scope is None:
        return tuple(sorted(held))
    if not _SCOPE.fullmatch(scope):
        raise InvalidScopeError
    wanted = set(scope.split(" "))
    if not wanted <= held:
        raise InvalidScopeError
    return tuple(sorted(wanted))
