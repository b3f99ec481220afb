"""Forgotten, reset and changed passwords."""

from services.auth.actions.forgotten_password import report_forgotten_password
from services.auth.actions.set_password import change_password, set_password_by_link
from services.auth.deps import Deps
from services.auth.handlers.bodies import ChangePasswordBody, ForgottenBody, ResetBody
from shared.web import Call, Nothing, Reply


async def forgot(call: Call[Deps, ForgottenBody, Nothing]) -> Reply[Nothing]:
    await report_forgotten_password(call.deps, call.body.username, call.body.tenant)
    return Reply(Nothing(), status=202)


async def reset(call: Call[Deps, ResetBody, Nothing]) -> Reply[Nothing]:
    await set_password_by_link(call.deps, call.body.token, call.body.new_password)
    return Reply(status=204)


async def change(call: Call[Deps, ChangePasswordBody, Nothing]) -> Reply[Nothing]:
    caller = call.caller
    await change_password(
        call.deps, caller.subject, caller.session, call.body.old_password, call.body.new_password
    )
    return Reply(status=204)
