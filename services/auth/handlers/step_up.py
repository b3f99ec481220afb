"""Showing the second factor again, and what that opens."""

from pydantic import Field

from services.auth.actions import step_up as actions
from services.auth.deps import Deps
from services.auth.handlers.bodies import Code, RecoveryCodesView
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class StepUpBody(Model):
    code: Code = Field(
        examples=["123456"], description="Of the authenticator app, or a recovery code."
    )


class SteppedUpView(Model):
    access_token: str = Field(description="In place of the one before; the session stays the same.")
    token_type: str = "Bearer"  # noqa: S105 a kind of token
    expires_in: int = Field(description="Seconds until the access token expires.")


async def step_up(call: Call[Deps, StepUpBody, Nothing]) -> Reply[SteppedUpView]:
    """Show the second factor again, for operations that need a fresh one (RFC 9470)."""
    token = await actions.step_up(call.deps, call.caller.session, call.body.code)
    view = SteppedUpView(access_token=token, expires_in=call.deps.signer.access_seconds)
    return Reply(view)


async def replace_recovery_codes(call: Call[Deps, Nothing, Nothing]) -> Reply[RecoveryCodesView]:
    """Make ten new recovery codes; the old ones are void at once."""
    codes = await actions.replace_recovery_codes(call.deps, call.caller.subject)
    return Reply(RecoveryCodesView(recovery_codes=codes))
