"""Who is at the door: tokens verified, sessions and places asked about, passes remembered."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import orjson

from services.gateway.clients.upstreams import Answer, Upstream, UpstreamError
from services.gateway.domain.changes import may_hear
from services.gateway.domain.operations import (
    Operation,
    PeopleOnlyError,
)
from services.gateway.domain.rights import allowed, reads_of
from services.gateway.domain.trust import (
    TRUSTED_SECONDS,
    Granted,
    Known,
    News,
    Senses,
    is_served_out,
)
from shared.access import THRESHOLD, Permission, Relation
from shared.api_keys import PREFIX, is_well_formed
from shared.callers import Caller
from shared.clock import Clock, monotonic
from shared.errors import NotFoundError, UnauthenticatedError
from shared.ids import VENDOR
from shared.keys import Keys, TokenError, verify
from shared.passes import (
    ENROLMENT,
    GATEWAY,
    LIFETIME_SECONDS,
    NOBODY,
    PUBLIC,
    Pass,
    issue,
)
from shared.step_up import ACR
from shared.tokens import ACCESS_TYPE, AUDIENCE, ENROLMENT_TYPE, KEY_DIGEST_CLAIM

_TOKENS: Final = 50_000
_KEYS_AGAIN_SECONDS: Final = 5.0
_KEYS_OLD_SECONDS: Final = 60.0
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
        self._auth = auth
        self._tenancy = tenancy
        self._pass_keys = pass_keys
        self._issuer = issuer
        self._now = now
        self._senses = senses
        self._tokens: OrderedDict[bytes, Known] = OrderedDict()
        self._keys: Keys | None = None
        self._keys_asked_at = float("-inf")
        self._general: dict[str, Granted] = {}

    async def recognise(self, operation: Operation, token: str | None) -> Known | None:
        """Who shows this token, or None where the operation asks nobody who they are.

        Raises UnauthenticatedError, PeopleOnlyError, or UnavailableError where auth's keys can't be
        had just now.
        """
        if operation.is_open and (token is None or operation.access != Caller.ANYBODY_OR_SIGNED_IN):
            return None
        known = await self._known(
            token, or_enrolling=operation.access == Caller.SIGNED_IN_OR_ENROLLING
        )
        if operation.is_of_people and known.is_machine:
            raise PeopleOnlyError
        return known

    async def admit(self, operation: Operation, place: str | None, known: Known | None) -> str:
        """The Authorization that the service behind will accept for this operation.

        Raises UnauthenticatedError, NotFoundError (no such place, or not for this caller: one
        answer) or UnavailableError where the question can't be answered just now.
        """
        if known is None:
            return self._in_general(PUBLIC, NOBODY)
        if operation.is_open:
            return self._make(known, PUBLIC, frozenset(), None, monotonic(), None).authorization
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
        """UnauthenticatedError where a token that was valid has expired meanwhile."""
        if known.expires_at <= self._now().timestamp():
            raise UnauthenticatedError

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

    async def _known(self, token: str | None, *, or_enrolling: bool) -> Known:
        if token is None:
            raise UnauthenticatedError
        digest = hashlib.sha256(token.encode()).digest()
        known = self._tokens.get(digest)
        if known is None:
            is_key = token.startswith(PREFIX)
            known = await (self._shown(token, digest) if is_key else self._verified(token))
            self._tokens[digest] = known
            if len(self._tokens) > _TOKENS:
                self._tokens.popitem(last=False)
        if known.expires_at <= self._now().timestamp():
            del self._tokens[digest]
            raise UnauthenticatedError
        if known.is_enrolment and not or_enrolling:
            raise UnauthenticatedError
        return known

    async def _shown(self, key: str, digest: bytes) -> Known:
        """The client behind an API key; auth is asked by the key's digest alone."""
        if not is_well_formed(key):
            raise UnauthenticatedError
        found = await self._key(digest.hex())
        client, until = found["client_id"], _seconds(found["expires_at"])
        return Known(client, client, found["org"], until, key_digest=digest.hex())

    async def _verified(self, token: str) -> Known:
        keys = await self._public_keys(again=False)
        try:
            return self._read(keys, token)
        except TokenError:
            keys = await self._public_keys(again=True)
        try:
            return self._read(keys, token)
        except TokenError as error:
            raise UnauthenticatedError from error

    def _read(self, keys: Keys, token: str) -> Known:
        try:
            claims = self._claims(keys, token, ACCESS_TYPE)
        except TokenError:
            claims = self._claims(keys, token, ENROLMENT_TYPE)
            return Known(claims["sub"], ENROLMENT, claims["org"], claims["exp"])
        known = Known(claims["sub"], claims["sid"], claims["org"], claims["exp"])
        if KEY_DIGEST_CLAIM in claims:
            known.key_digest = claims[KEY_DIGEST_CLAIM]
            known.scope = frozenset(claims["scope"].split())
        elif claims.get("acr") == ACR:
            known.factor_at = claims["auth_time"]
        return known

    def _claims(self, keys: Keys, token: str, typ: str) -> dict[str, Any]:
        return verify(keys, token, typ=typ, issuer=self._issuer, audience=AUDIENCE, now=self._now())

    async def _public_keys(self, *, again: bool) -> Keys:
        """Auth's published keys; asked for anew at an unknown token, but at most every 5 s.

        They are asked for each minute besides, so that a new key is known before it signs.
        """
        age = monotonic() - self._keys_asked_at
        if self._keys is None or age > (_KEYS_AGAIN_SECONDS if again else _KEYS_OLD_SECONDS):
            self._keys_asked_at = monotonic()
            try:
                answer = await self._get(self._auth, "/.well-known/jwks.json", PUBLIC)
                self._keys = _keys(answer)
            except UpstreamError:
                if again or self._keys is None:
                    raise
        return self._keys

    async def _ask(self, known: Known, place: str, asked_at: float) -> Granted:
        """Decide anew: is the session alive, and how does its organisation stand to the place?"""
        if known.is_enrolment:
            return self._make(known, place, frozenset(), None, asked_at, None)
        is_own = place == known.org
        try:
            async with asyncio.TaskGroup() as group:
                asked = self._machine(known) if known.is_machine else self._session(known)
                holder = group.create_task(asked)
                relation = None if is_own else group.create_task(self._relation(known, place))
        except* (UnauthenticatedError, NotFoundError, UpstreamError) as errors:
            raise _first(errors) from None
        held = holder.result()
        if relation is None:
            stands = Relation.VENDOR if place == VENDOR else Relation.OWN
            return self._make(known, place, allowed(known, held, stands), None, asked_at, None)
        found = relation.result()
        granted = allowed(
            known,
            held,
            Relation(found["relation"]),
            cap=found.get("permissions"),
            outside=found.get("outside", ()),
        )
        if not granted:
            raise NotFoundError
        made = self._make(
            known, place, granted, found["reseller_id"], asked_at, found["valid_until"]
        )
        return replace(made, is_outside=granted <= THRESHOLD)

    async def _session(self, known: Known) -> list[str]:
        """The roles that the session's account has now; UnauthenticatedError where it has ended."""
        answer = await self._get(self._auth, f"/internal/sessions/{known.session}", GATEWAY)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise UnauthenticatedError
        found = _json(answer)
        if found["account_id"] != known.account or found["org"] != known.org:
            raise UnauthenticatedError
        return list(found["roles"])

    async def _machine(self, known: Known) -> list[str]:
        """The permissions that a machine's key has now; UnauthenticatedError where it has ended."""
        found = await self._key(known.key_digest or "")
        if found["client_id"] != known.account or found["org"] != known.org:
            raise UnauthenticatedError
        known.expires_at = min(known.expires_at, _seconds(found["expires_at"]))
        if known.expires_at <= self._now().timestamp():
            raise UnauthenticatedError
        return list(found["permissions"])

    async def _key(self, digest: str) -> dict[str, Any]:
        answer = await self._get(self._auth, f"/internal/api-keys/{digest}", GATEWAY)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise UnauthenticatedError
        return _json(answer)

    async def _relation(self, known: Known, place: str) -> dict[str, Any]:
        who = f"org={known.org}&account={known.account}&session={known.session}"
        target = f"/internal/places/{place}?{who}"
        answer = await self._get(self._tenancy, target, GATEWAY)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotFoundError
        return _json(answer)

    async def _get(self, upstream: Upstream, target: str, place: str) -> Answer:
        headers = [("Authorization", self._in_general(place, GATEWAY))]
        return await upstream.send("GET", target, headers, None)

    def _in_general(self, place: str, who: str) -> str:
        """A pass that is about no session: for what anybody may ask, or only the gateway itself."""
        granted = self._general.get(place + who)
        if granted is None or monotonic() >= granted.until:
            nobody = Known(who, "", "", self._now().timestamp() + LIFETIME_SECONDS)
            granted = self._make(nobody, place, frozenset(), None, monotonic(), None)
            self._general[place + who] = granted
        return granted.authorization

    def _make(
        self,
        known: Known,
        place: str,
        granted: frozenset[Permission],
        reseller: str | None,
        asked_at: float,
        valid_until: str | None,
    ) -> Granted:
        now = self._now().timestamp()
        until = int(min(now + LIFETIME_SECONDS, known.expires_at))
        if until <= now:
            raise UnauthenticatedError
        if valid_until is not None:
            until = min(until, int(_seconds(valid_until)))
            if until <= now:  # a pass tells whole seconds, so the last part of one is not for it
                raise NotFoundError
        token = issue(
            self._pass_keys,
            Pass(
                subject=known.account,
                session=known.session,
                org=known.org,
                place=place,
                permissions=frozenset(map(str, granted)),
                reseller=reseller,
                expires_at=until,
                factor_at=known.factor_at,
            ),
        )
        # A pass is sent for a little less long than it is valid, so that none expires on its way.
        seconds = min(until - now - 2, TRUSTED_SECONDS)
        return Granted(f"Bearer {token}", asked_at, asked_at + seconds, reads=reads_of(granted))


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def _keys(answer: Answer) -> Keys:
    if answer.status != HTTPStatus.OK:
        raise UpstreamError
    try:
        return Keys.parse(answer.body.decode())
    except ValueError as error:
        raise UpstreamError from error


def _json(answer: Answer) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise UpstreamError
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


def _first(errors: BaseExceptionGroup[Any]) -> Exception:
    """The refusal to tell: that the session has ended comes before anything about the place."""
    leaves = [error for error in errors.exceptions if isinstance(error, Exception)]
    return next(one for kind in _PRECEDENCE for one in leaves if isinstance(one, kind))


_PRECEDENCE: Final = (UnauthenticatedError, UpstreamError, NotFoundError)
