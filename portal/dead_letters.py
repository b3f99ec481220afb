"""What `portal dead-letters` does: the desk of each service, straight on its database.

Nothing of a service need be up for it, nor the bus: a replayed event waits among the reader's
retries, and what tells the activity waits in its outbox.
"""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import shared.contracts
from portal.where import Where
from shared.bus import Hub, InProcessBus
from shared.clock import utc_now
from shared.context import Cause, begin
from shared.contracts.events import Service
from shared.dead_letter_desk import DeadLetterDesk, Done, Outcome
from shared.dead_letters import CauseCount, DeadLetter, Selection
from shared.ids import VENDOR, new_id
from shared.mongo.database import open_mongo
from shared.outbox import Outbox

_SHOWN: Final = 5


@asynccontextmanager
async def desk_of(
    service: str, where: Where, actor: str | None = None
) -> AsyncIterator[DeadLetterDesk]:
    """Whoever changes something there is named; an operator acts for the vendor."""
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    name = f"{where.database_prefix}{service}"
    begin(Cause(new_id(), actor=actor, actor_org=VENDOR if actor else None))
    async with open_mongo(where.mongo_url or "", name) as mongo:
        outbox = Outbox(mongo, InProcessBus(Hub()), Service(service), utc_now)
        yield DeadLetterDesk(Service(service), mongo, outbox.transact, utc_now)


async def listing(service: str, where: Where, which: Selection) -> list[str]:
    """The letters of a service as lines: by cause, with the newest few of each."""
    async with desk_of(service, where) as desk:
        causes = await desk.causes(which)
        count = sum(cause.count for cause in causes)
        lines = [f"{service}: {count} dead {'letter' if count == 1 else 'letters'}"]
        for cause in causes:
            alike = Selection(which.ids, which.tenant_id, cause.type, cause.cause)
            letters = await desk.newest(alike, _SHOWN)
            lines += [*_told(cause), *map(_line, letters)]
            if cause.count > len(letters):
                lines.append(f"      … and {cause.count - len(letters)} more")
    return lines


def _told(cause: CauseCount) -> list[str]:
    return [f"  {cause.count} of cause {cause.cause}: {cause.type}", f"    {cause.reason}"]


def _line(letter: DeadLetter) -> str:
    at = f"{letter.parked_at:%Y-%m-%d %H:%M:%S}"
    return f"      {letter.id}  {at}  {letter.tenant_id or '-'}  attempts: {letter.attempts}"


async def show(service: str, where: Where, key: str) -> tuple[DeadLetter, list[str]]:
    """The letter, and what of its event does not fit."""
    async with desk_of(service, where) as desk:
        letter = await desk.read(key)
        flaws = desk.flaws(letter)
    if flaws is None:
        return letter, [f"{service} reads no such event"]
    return letter, [f"{flaw.pointer}: {flaw.detail}" for flaw in flaws]


async def edit(
    service: str, where: Where, key: str, data: object, version: int, *, actor: str
) -> None:
    if not isinstance(data, dict):
        raise TypeError("The body of an event is a JSON object.")
    async with desk_of(service, where, actor) as desk:
        await desk.edit(key, data, version)


async def replay(
    service: str, where: Where, which: Selection, *, actor: str, dry_run: bool
) -> Done:
    """Replay all of them, portion by portion."""
    async with desk_of(service, where, actor) as desk:
        done = await desk.replay(which, dry_run=dry_run)
        while not dry_run and done.left and Outcome.REPLAYED in done.outcomes.values():
            more = await desk.replay(which)
            done = Done({**done.outcomes, **more.outcomes}, more.left)
            if Outcome.REPLAYED not in more.outcomes.values():
                break
    return done


async def drop(service: str, where: Where, which: Selection, *, actor: str, dry_run: bool) -> Done:
    """Drop all of them, portion by portion."""
    async with desk_of(service, where, actor) as desk:
        done = await desk.drop(which, dry_run=dry_run)
        while not dry_run and done.left:
            more = await desk.drop(which)
            done = Done({**done.outcomes, **more.outcomes}, more.left)
    return done
