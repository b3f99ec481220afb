"""Doing without optional mails, by the link or the button of one (RFC 8058)."""

from pydantic import Field

from services.mailer.actions.unsubscribe import unsubscribe
from services.mailer.deps import Deps
from shared.models import Form, Model, Nothing
from shared.routing import Call, Reply

_LONGEST = 1000


class UnsubscribeForm(Form):
    token: str | None = Field(
        None, max_length=_LONGEST, description="The link's token, unless the query has it."
    )


class UnsubscribeQuery(Model):
    token: str | None = Field(None, max_length=_LONGEST, description="The link's token.")


async def stop(call: Call[Deps, UnsubscribeForm, UnsubscribeQuery]) -> Reply[Nothing]:
    """Send this account no optional mails any more."""
    await unsubscribe(call.deps, call.query.token or call.body.token or "")
    return Reply(status=204)
