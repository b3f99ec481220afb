"""Forgotten, reset and changed passwords."""

from services.auth.actions.forgotten_password import report_forgotten_password
from services.auth.actions.set_password import change_password, set_password_by_link
from services.auth.deps import Deps
from services.auth.handlers.bodies import ChangePasswordBody, ForgottenBody, ResetBody
from services.auth.handlers.sessions import visitor_of
from shared.models import Nothing
from shared.routing import Call, Reply


async def forgot(call: Call[Deps, ForgottenBody, Nothing]) -> Reply[Nothing]:
    """Report a forgotten password.

    Always answered the same, whether there is such an account or not; if there is, it gets a mail.
    """
    source = visitor_of(call).source
    await report_forgotten_password(call.deps, call.body.username, call.body.tenant, source)
    return Reply(Nothing(), status=202)


async def reset(call: Call[Deps, ResetBody, Nothing]) -> Reply[Nothing]:
    """Set a password with the link of a reset or an invitation."""
    await set_password_by_link(call.deps, call.body.token, call.body.new_password)
    return Reply(status=204)


async def change(call: Call[Deps, ChangePasswordBody, Nothing]) -> Reply[Nothing]:
    """Change the own password; all other sessions end."""
    caller = call.caller
    await change_password(
        call.deps, caller.subject, caller.session, call.body.old_password, call.body.new_password
    )
    return Reply(status=204)
