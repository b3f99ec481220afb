"""Who is at the door and may go on: tokens recognised, places asked about, passes remembered."""

import asyncio
from dataclasses import replace
from typing import Any, Final

from services.gateway.clients.passes import PassMaker
from services.gateway.clients.questions import Questions
from services.gateway.clients.tokens import Tokens
from services.gateway.clients.upstreams import Upstream, UpstreamError
from services.gateway.domain.changes import may_hear
from services.gateway.domain.operations import Operation, PeopleOnlyError
from services.gateway.domain.rights import allowed
from services.gateway.domain.trust import (
    Granted,
    InvalidTokenError,
    Known,
    News,
    Senses,
    is_served_out,
)
from shared.access import THRESHOLD, Relation
from shared.callers import Caller
from shared.clock import Clock, monotonic
from shared.errors import NotFoundError, UnauthenticatedError
from shared.ids import VENDOR
from shared.keys import Keys
from shared.passes import NOBODY, PUBLIC

_TRIES: Final = 5
"""How often a decision is made that news overtakes again and again."""
_FEEL_SECONDS: Final = 0.5


class Doorman:
    """Turns a client's token and the place it names into a pass for the service behind."""

    def __init__(
        self,
        *,
        auth: Upstream,
        tenancy: Upstream,
        pass_keys: Keys,
        issuer: str,
        now: Clock,
        senses: Senses,
    ) -> None:
        self.news = News()
        self._passes = PassMaker(pass_keys, now)
        self._questions = Questions(auth, tenancy, self._passes)
        self._tokens = Tokens(self._questions, issuer, now)
        self._now = now
        self._senses = senses

    async def recognise(self, operation: Operation, token: str | None) -> Known | None:
        """Who shows this token, or None where the operation asks nobody who they are.

        Raises UnauthenticatedError, PeopleOnlyError, or UnavailableError where auth's keys can't be
        had just now.
        """
        if operation.is_open and (token is None or operation.access != Caller.ANYBODY_OR_SIGNED_IN):
            return None
        if token is None:
            raise UnauthenticatedError
        known = await self._tokens.holder(token)
        if known.is_enrolment and operation.access != Caller.SIGNED_IN_OR_ENROLLING:
            raise InvalidTokenError
        if operation.is_of_people and known.is_machine:
            raise PeopleOnlyError
        return known

    async def admit(self, operation: Operation, place: str | None, known: Known | None) -> str:
        """The Authorization that the service behind will accept for this operation.

        Raises UnauthenticatedError, NotFoundError (no such place, or not for this caller: one
        answer) or UnavailableError where the question can't be answered just now.
        """
        if known is None:
            return self._passes.in_general(PUBLIC, NOBODY)
        if operation.is_open:
            return self._passes.make(known, PUBLIC, asked_at=monotonic()).authorization
        granted = await self._granted(known, place or known.org)
        if granted.is_outside and operation.access not in THRESHOLD:
            raise NotFoundError
        return granted.authorization

    async def hears(self, known: Known, place: str, change: str) -> bool:
        """Whether its holder may read, just now, what such a change in a place is about."""
        try:
            granted = await self._granted(known, place)
        except NotFoundError:
            return False
        return may_hear(granted.reads, change)

    def must_be_valid(self, known: Known) -> None:
        """InvalidTokenError where a token that was valid has expired meanwhile."""
        if known.expires_at <= self._now().timestamp():
            raise InvalidTokenError

    async def feel(self) -> None:
        """Feel whether the bus is silent, also while nobody asks anything; until cancelled."""
        while True:
            self._feel()
            await asyncio.sleep(_FEEL_SECONDS)

    def _feel(self) -> float:
        """What time it is."""
        at = monotonic()
        self.news.feel(at, self._senses.bus_silent_seconds())
        return at

    async def _granted(self, known: Known, where: str) -> Granted:
        """A decision that holds now. One that news overtakes while it is made is made anew: an
        answer may be slow, and nobody enters by what was true seconds ago.
        """
        granted = known.passes.get(where)
        if granted is not None and self._is_trusted(granted, known, where):
            return granted
        for _ in range(_TRIES):
            granted = await self._ask(known, where, self._feel())
            known.remember(where, granted)
            silent = self._senses.bus_silent_seconds()
            if self.news.holds(granted, known, where, monotonic(), silent):
                return granted
        raise UpstreamError

    def _is_trusted(self, granted: Granted, known: Known, place: str) -> bool:
        now = monotonic()
        if place != known.org and is_served_out(granted, self._senses.tenancy_lost_at(), now):
            return False
        return self.news.is_trusted(granted, known, place, now, self._senses.bus_silent_seconds())

    async def _ask(self, known: Known, place: str, asked_at: float) -> Granted:
        """Decide anew: is the session alive, and how does its organisation stand to the place?"""
        make = self._passes.make
        if known.is_enrolment:
            return make(known, place, asked_at=asked_at)
        is_own = place == known.org
        ask = self._questions
        try:
            async with asyncio.TaskGroup() as group:
                holder = group.create_task(self._held(known))
                standing = None if is_own else group.create_task(ask.standing(known, place))
        except* (UnauthenticatedError, NotFoundError, UpstreamError) as errors:
            raise _first(errors) from None
        held = holder.result()
        if standing is None:
            relation = Relation.VENDOR if place == VENDOR else Relation.OWN
            return make(known, place, allowed(known, held, relation), asked_at=asked_at)
        found = standing.result()
        granted = allowed(known, held, found.relation, cap=found.cap, outside=found.outside)
        if not granted:
            raise NotFoundError
        made = make(
            known,
            place,
            granted,
            asked_at=asked_at,
            reseller=found.reseller_id,
            valid_until=found.valid_until,
        )
        return replace(made, is_outside=granted <= THRESHOLD)

    async def _held(self, known: Known) -> list[str]:
        """The roles of a person, the permissions of a machine's key, as they are now."""
        if not known.is_machine:
            return await self._questions.roles(known)
        key = await self._questions.key(known.key_digest or "")
        if key.client_id != known.account or key.org != known.org:
            raise InvalidTokenError
        known.expires_at = min(known.expires_at, key.expires_at)
        self.must_be_valid(known)
        return list(key.permissions)


def _first(errors: BaseExceptionGroup[Any]) -> Exception:
    """The refusal to tell: that the session has ended comes before anything about the place."""
    leaves = [error for error in errors.exceptions if isinstance(error, Exception)]
    return next(one for kind in _PRECEDENCE for one in leaves if isinstance(one, kind))


_PRECEDENCE: Final = (UnauthenticatedError, UpstreamError, NotFoundError)
