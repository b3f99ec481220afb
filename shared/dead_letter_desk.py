"""What a person does with dead letters: look, edit, have them tried again, drop them.

Each act is one transaction with the event that tells the activity of it. A replayed event keeps its
id, so that the inbox makes a second replay harmless.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError

from shared.bodies import said
from shared.bus import queues_for
from shared.clock import Clock
from shared.contracts.events import CATALOGUE, CloudEvent, Service
from shared.contracts.operations import DeadLetterDropped, DeadLetterEdited, DeadLetterReplayed
from shared.dead_letters import CauseCount, DeadLetter, DeadLetters, Selection
from shared.errors import ConflictError, FieldError, InvalidError, NotFoundError, PreconditionError
from shared.mongo.collection import Session
from shared.mongo.database import Mongo
from shared.newest import Position
from shared.outbox import Transact, Transaction

AT_ONCE: Final = 200
"""How many letters one call acts on."""
_LOOKED_AT: Final = 2000
_ABOUT_WHOM: Final = ("tenant_id", "reseller_id", "org")


class NoEventError(ConflictError):
    code = "no_event"
    detail = "The message is no event, or none that this service reads: it can only be dropped."


class Outcome(StrEnum):
    """What became, or in a dry run would become, of one letter."""

    REPLAYED = "replayed"
    UNDER_WAY = "under_way"
    """It is being tried again already."""
    HANDLED = "handled"
    """It has had its effect."""
    UNFIT = "unfit"
    """It would be parked again at once: edit or drop it."""
    DROPPED = "dropped"
    GONE = "gone"
    """There is no such letter."""


@dataclass(frozen=True)
class Done:
    """What one call did: an outcome for each letter, and how many it left for the next call."""

    outcomes: Mapping[str, Outcome]
    left: int


class DeadLetterDesk:
    """The desk of one service, over its own letters."""

    def __init__(self, service: Service, mongo: Mongo, transact: Transact, now: Clock) -> None:
        self._service = service
        self._letters = DeadLetters(mongo)
        self._seen = mongo.collection("inbox")
        self._retries = mongo.collection("retries")
        self._transact = transact
        self._now = now

    async def causes(self, which: Selection) -> list[CauseCount]:
        return await self._letters.causes(which)

    async def newest(
        self, which: Selection, limit: int, after: Position | None = None
    ) -> list[DeadLetter]:
        return await self._letters.newest(which, limit, after)

    async def read(self, key: str) -> DeadLetter:
        """NotFoundError where there is no such letter."""
        letter = await self._letters.find(key)
        if letter is None:
            raise NotFoundError
        return letter

    def flaws(self, letter: DeadLetter) -> list[FieldError] | None:
        """What of it does not fit its contract; None where it is no event that is read here."""
        event = letter.event
        if event is None or self._service not in queues_for(event.type):
            return None
        return _flaws(event.type, event.data)

    async def edit(self, key: str, data: Mapping[str, Any], version: int) -> DeadLetter:
        """Give the event another body, one that fits its contract and is about the same thing."""

        async def act(transaction: Transaction) -> None:
            letter = await self._letters.find(key, transaction.session)
            if letter is None:
                raise NotFoundError
            if letter.version != version:
                raise PreconditionError
            event = letter.event
            if event is None or self.flaws(letter) is None:
                raise NoEventError
            edited = _edited(event, data)
            await self._letters.edit(key, edited, version, transaction.session)
            changed = [name for name in {**event.data, **data} if _differs(name, event.data, data)]
            told = DeadLetterEdited(**self._facts(letter), fields=sorted(changed))
            transaction.publish(told, sequence=version + 1)

        await self._transact(act)
        return await self.read(key)

    async def replay(self, which: Selection, *, dry_run: bool = False) -> Done:
        """Have letters tried again, the oldest first, from the first step of the ladder on."""

        async def replay(letter: DeadLetter, transaction: Transaction) -> Outcome:
            event = letter.event
            if event is None or self.flaws(letter) != []:
                return Outcome.UNFIT
            if not dry_run:
                await self._letters.drop(letter.id, transaction.session)
                await self._try_again(event, letter.reason, transaction.session)
                told = DeadLetterReplayed(**self._facts(letter))
                transaction.publish(told, sequence=letter.version)
            return Outcome.REPLAYED

        return await self._each(which, replay)

    async def _try_again(self, event: CloudEvent, reason: str, session: Session) -> None:
        row = {
            "event": event.to_json().decode(),
            "attempts": 0,
            "reason": reason,
            "due_at": self._now(),
        }
        await self._retries.update({"_id": event.id}, {"$set": row}, upsert=True, session=session)

    async def drop(self, which: Selection, *, dry_run: bool = False) -> Done:
        """Delete letters for good."""

        async def drop(letter: DeadLetter, transaction: Transaction) -> Outcome:
            if not dry_run:
                await self._letters.drop(letter.id, transaction.session)
                told = DeadLetterDropped(**self._facts(letter))
                transaction.publish(told, sequence=letter.version)
            return Outcome.DROPPED

        return await self._each(which, drop)

    async def _each(
        self,
        which: Selection,
        act_on: Callable[[DeadLetter, Transaction], Awaitable[Outcome]],
    ) -> Done:
        """A transaction per letter, so that what is done stays done whatever happens to others."""
        outcomes = dict[str, Outcome]()
        for key in await self._ids(which):
            if len(outcomes) - _stayed(outcomes) == AT_ONCE:
                break

            async def act(transaction: Transaction, key: str = key) -> Outcome:
                letter = await self._letters.find(key, transaction.session)
                if letter is None:
                    return await self._whereabouts(key, transaction.session)
                return await act_on(letter, transaction)

            outcomes[key] = await self._transact(act)
        total = 0 if which.ids is not None else await self._letters.count(which)
        return Done(outcomes, max(0, total - _stayed(outcomes)))

    async def _ids(self, which: Selection) -> Sequence[str]:
        if which.ids is not None:
            return list(dict.fromkeys(which.ids))
        return await self._letters.oldest_ids(which, _LOOKED_AT)

    async def _whereabouts(self, key: str, session: Session) -> Outcome:
        if await self._retries.find_one({"_id": key}, session):
            return Outcome.UNDER_WAY
        return Outcome.HANDLED if await self._seen.find_one({"_id": key}, session) else Outcome.GONE

    def _facts(self, letter: DeadLetter) -> dict[str, str]:
        return {"letter_id": letter.id, "service": self._service, "event_type": letter.type}


def _stayed(outcomes: Mapping[str, Outcome]) -> int:
    return sum(outcome is Outcome.UNFIT for outcome in outcomes.values())


def _differs(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (name in one) != (name in other) or one.get(name) != other.get(name)


def _flaws(event_type: str, data: Mapping[str, Any]) -> list[FieldError]:
    """What of a body does not fit the contract of its type."""
    try:
        CATALOGUE[event_type].model_validate(data)
    except ValidationError as error:
        return [
            FieldError("/".join(["#/data", *map(str, flaw["loc"])]), flaw["type"], said(flaw))
            for flaw in error.errors()
        ]
    return []


def _in_request(flaw: FieldError) -> FieldError:
    return replace(flaw, pointer=flaw.pointer.replace("#/", "#/body/", 1))


def _edited(event: CloudEvent, data: Mapping[str, Any]) -> CloudEvent:
    """The event with another body. InvalidError where that breaks the contract, has fields that the
    contract doesn't name, or is about another thing or organisation than before.
    """
    kind = CATALOGUE[event.type]
    flaws = _flaws(event.type, data)
    flaws += [
        FieldError(f"#/data/{name}", "unknown_field", "The contract names no such field.")
        for name in sorted(data.keys() - kind.model_fields.keys())
    ]
    flaws += [
        FieldError(f"#/data/{name}", "fixed", "The event must stay about whom it was about.")
        for name in _ABOUT_WHOM
        if name in event.data and data.get(name) != event.data[name]
    ]
    if not flaws and kind.model_validate(data).subject != event.subject:
        flaws.append(FieldError(f"#/data/{kind.about}", "fixed", "The subject must stay the same."))
    if flaws:
        raise InvalidError(fields=[_in_request(flaw) for flaw in flaws])
    return event.model_copy(update={"data": dict(data)})
