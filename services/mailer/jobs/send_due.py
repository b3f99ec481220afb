"""The sending of mails that are due; it runs several times side by side in every replica."""

from services.mailer.actions.send_mails import send_mails
from services.mailer.deps import Deps


async def send_due(deps: Deps) -> None:
    await send_mails(deps)
