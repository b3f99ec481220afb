"""Showing the second factor again, and what that opens."""

from typing import Self

from pydantic import Field, model_validator

from services.auth.actions import step_up as actions
from services.auth.deps import Deps
from services.auth.handlers.bodies import Code, RecoveryCodesView
from services.auth.handlers.passkey_bodies import (
    AssertedCredential,
    RequestOptionsView,
    as_browsers_write,
)
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class StepUpBody(Model):
    """One of the two."""

    code: Code | None = Field(
        None, examples=["123456"], description="Of the authenticator app, or a recovery code."
    )
    passkey: AssertedCredential | None = Field(
        None, description="The answer to what `POST /v1/session/step-up/options` asks for."
    )

    @model_validator(mode="after")
    def _must_be_one(self) -> Self:
        if (self.code is None) == (self.passkey is None):
            raise ValueError("Send either a code or the answer of a passkey.")
        return self


class SteppedUpView(Model):
    access_token: str = Field(description="In place of the one before; the session stays the same.")
    token_type: str = "Bearer"  # noqa: S105 a kind of token
    expires_in: int = Field(description="Seconds until the access token expires.")


async def step_up(call: Call[Deps, StepUpBody, Nothing]) -> Reply[SteppedUpView]:
    """Show the second factor again, for operations that need a fresh one (RFC 9470)."""
    session, body = call.caller.session, call.body
    if body.passkey is not None:
        answer = as_browsers_write(body.passkey)
        token = await actions.step_up_with_passkey(call.deps, session, answer)
    else:
        token = await actions.step_up_with_code(call.deps, session, body.code or "")
    view = SteppedUpView(access_token=token, expires_in=call.deps.signer.access_seconds)
    return Reply(view)


async def options(call: Call[Deps, Nothing, Nothing]) -> Reply[RequestOptionsView]:
    """Ask for a passkey to show again: what to hand to the authenticator."""
    found = await actions.step_up_options(call.deps, call.caller.session)
    return Reply(RequestOptionsView(public_key=found))


async def replace_recovery_codes(call: Call[Deps, Nothing, Nothing]) -> Reply[RecoveryCodesView]:
    """Make ten new recovery codes; the old ones are void at once."""
    codes = await actions.replace_recovery_codes(call.deps, call.caller.subject)
    return Reply(RecoveryCodesView(recovery_codes=codes))
