"""Takes in returned mails from files: single messages, or mailboxes that a relay fills."""

import mailbox
from pathlib import Path

from services.mailer.actions.bounces import take_report
from services.mailer.app import build
from services.mailer.domain.bounces import NoBounceError
from services.mailer.settings import MailerSettings
from shared.bus import Hub
from shared.contracts.events import Service
from shared.service import foundation, in_process


def messages_in(path: Path) -> list[bytes]:
    """The messages of a mailbox in mbox format, or the one message that the file is."""
    with path.open("rb") as file:
        is_mailbox = file.read(5) == b"From "
    if not is_mailbox:
        return [path.read_bytes()]
    box = mailbox.mbox(path, create=False)
    try:
        return [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118 a mailbox is no dict
    finally:
        box.close()


async def take_in(settings: MailerSettings, messages: list[bytes]) -> tuple[int, int]:
    """How many of the messages were reports, and how many addresses are suppressed by them."""
    reports = taken = 0
    connect = in_process(Hub())  # nothing is published
    async with foundation(Service.MAILER, settings, connect) as base:
        deps = await build(base, settings)
        for message in messages:
            try:
                taken += sum(await take_report(deps, message))
            except NoBounceError:
                continue
            reports += 1
        await deps.relay.close()
    return reports, taken
