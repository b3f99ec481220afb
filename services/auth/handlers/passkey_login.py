"""Signing in with a passkey: after the password, or with nothing else."""

from services.auth.actions import passkey_sign_in
from services.auth.deps import Deps
from services.auth.handlers.bodies import SignedInAnswer
from services.auth.handlers.passkey_bodies import (
    LoginOptionsBody,
    PasskeyLoginBody,
    RequestOptionsView,
    as_browsers_write,
)
from services.auth.handlers.sessions import cookies_of, signed_in_view, visitor_of
from shared.models import Nothing
from shared.routing import Call, Reply


async def options(call: Call[Deps, LoginOptionsBody, Nothing]) -> Reply[RequestOptionsView]:
    """Ask for a passkey: what to hand to the authenticator.

    With the challenge of a right password it names the account's passkeys; without one the
    authenticator offers those that it has for the portal, and verifies its user.
    """
    found = await passkey_sign_in.passkey_options(call.deps, call.body.challenge)
    return Reply(RequestOptionsView(public_key=found))


async def log_in(call: Call[Deps, PasskeyLoginBody, Nothing]) -> Reply[SignedInAnswer]:
    """Sign in with a passkey: as the second step, or as the only one. Every refusal is the same."""
    body, visitor = call.body, visitor_of(call, call.body.device_token)
    credential = as_browsers_write(body.credential)
    if body.challenge is None:
        done = await passkey_sign_in.only_step(
            call.deps, credential, visitor, wants_body=body.transport == "body"
        )
    else:
        done = await passkey_sign_in.second_step(call.deps, body.challenge, credential, visitor)
    return Reply(SignedInAnswer(signed_in_view(done)), cookies=cookies_of(done))
