"""A machine shows its key and gets an access token (RFC 6749 §4.4)."""

from dataclasses import dataclass

from services.auth.actions.api_keys import live_key
from services.auth.deps import Deps
from services.auth.domain.oauth import Credentials, InvalidClientError, narrowed
from shared.api_keys import digest, is_well_formed
from shared.errors import NotFoundError


@dataclass(frozen=True)
class GrantedToken:
    token: str
    seconds: int
    scope: tuple[str, ...]


async def grant_token(deps: Deps, shown: Credentials, scope: str | None) -> GrantedToken:
    """Raises InvalidClientError, the same whatever is wrong, or InvalidScopeError."""
    if not is_well_formed(shown.secret):
        raise InvalidClientError
    try:
        client, secret = await live_key(deps, digest(shown.secret))
    except NotFoundError as error:
        raise InvalidClientError from error
    if client.id != shown.client_id:
        raise InvalidClientError
    granted = narrowed(scope, client.permissions)
    token, seconds = deps.machine_tokens.issue(client, secret, granted, deps.now())
    return GrantedToken(token, seconds, granted)
