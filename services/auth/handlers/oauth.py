"""OAuth 2.0 for machines: the token endpoint, and where everything is (RFC 6749, RFC 8414)."""

import re
from typing import Final, Literal, Self

from pydantic import Field
from typing_extensions import override

from services.auth.actions.grant_token import grant_token
from services.auth.deps import Deps
from services.auth.domain.oauth import (
    CLIENT_CREDENTIALS,
    InvalidRequestError,
    OAuthError,
    UnsupportedGrantError,
    credentials,
)
from shared.access import Permission
from shared.errors import DomainError, UnavailableError
from shared.models import Form, Model, Nothing
from shared.problems import refusal_headers
from shared.routing import Call, Refusal, Reply
from shared.tokens import CLIENT_HEADER

_UNFIT: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class TokenForm(Form):
    grant_type: str = Field(max_length=200, examples=[CLIENT_CREDENTIALS])
    scope: str | None = Field(
        None,
        max_length=1000,
        description="Permissions, separated by spaces; without it all that the client has.",
        examples=["tenant:read licence:read"],
    )
    client_id: str | None = Field(
        None, max_length=200, description="Unless the client authenticates by HTTP Basic."
    )
    client_secret: str | None = Field(None, max_length=200, description="The API key.")


class TokenView(Model):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 a kind of token
    expires_in: int = Field(description="Seconds until the access token expires.")
    scope: str


class TokenRefusal(Refusal):
    """A refusal as RFC 6749 §5.2 has it."""

    error: str = Field(examples=["invalid_client"])
    error_description: str

    @classmethod
    @override
    def of(cls, error: DomainError) -> Reply[Self]:
        if not isinstance(error, OAuthError | UnavailableError):
            error = InvalidRequestError(_said(error))
        code = error.code if isinstance(error, OAuthError) else "temporarily_unavailable"
        return Reply(
            cls(error=code, error_description=error.detail),
            status=error.status,
            headers={"Pragma": "no-cache", **refusal_headers(error)},
        )


def _said(error: DomainError) -> str:
    """What is wrong, in the characters of RFC 6749 §5.2; of several flaws the first."""
    if not error.fields:
        return error.detail
    flaw = error.fields[0]
    return _UNFIT.sub("?", f"{flaw.pointer.rpartition('/')[2]}: {flaw.detail}")


class MetadataView(Model):
    issuer: str
    token_endpoint: str
    jwks_uri: str
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]
    service_documentation: str


async def token(call: Call[Deps, TokenForm, Nothing]) -> Reply[TokenView]:
    """Get an access token for a machine (OAuth 2.0 client credentials, RFC 6749 §4.4).

    The client id is the API key's id, the client secret the key itself; both by HTTP Basic or in
    the body. `scope` narrows what the token may do. The token opens what the key opens, for five
    minutes.
    """
    given = call.body
    if given.grant_type != CLIENT_CREDENTIALS:
        raise UnsupportedGrantError
    shown = credentials(call.header(CLIENT_HEADER), given.client_id, given.client_secret)
    granted = await grant_token(call.deps, shown, given.scope)
    view = TokenView(
        access_token=granted.token,
        expires_in=granted.seconds,
        scope=" ".join(granted.scope),
    )
    return Reply(view, headers={"Pragma": "no-cache"})


async def metadata(call: Call[Deps, Nothing, Nothing]) -> Reply[MetadataView]:
    """Read where and how machines get tokens (RFC 8414)."""
    issuer = call.deps.machine_tokens.issuer
    view = MetadataView(
        issuer=issuer,
        token_endpoint=f"{issuer}/v1/oauth/token",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        response_types_supported=[],
        grant_types_supported=[CLIENT_CREDENTIALS],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
        scopes_supported=[str(permission) for permission in Permission],
        service_documentation=f"{issuer}/docs",
    )
    return Reply(view, headers={"Cache-Control": "public, max-age=300"})
