"""Passes as the gateway signs them: what was decided, ready to be sent, and for how long."""

from typing import Final

from services.gateway.domain.rights import reads_of
from services.gateway.domain.trust import TRUSTED_SECONDS, Granted, InvalidTokenError, Known
from shared.access import Permission
from shared.clock import Clock, monotonic
from shared.errors import NotFoundError
from shared.keys import Keys
from shared.passes import LIFETIME_SECONDS, Pass, issue

_ON_ITS_WAY_SECONDS: Final = 2
"""A pass is sent for so much less long than it is valid, so that none expires on its way."""


class PassMaker:
    def __init__(self, keys: Keys, now: Clock) -> None:
        self._keys = keys
        self._now = now
        self._general: dict[str, Granted] = {}

    def make(
        self,
        known: Known,
        place: str,
        granted: frozenset[Permission] = frozenset(),
        *,
        asked_at: float,
        reseller: str | None = None,
        valid_until: float | None = None,
    ) -> Granted:
        """A pass for this place until it, the token or the decision ends (POSIX seconds).

        InvalidTokenError where the token has less than a whole second left, NotFoundError where
        the decision has: a pass tells whole seconds.
        """
        now = self._now().timestamp()
        until = int(min(now + LIFETIME_SECONDS, known.expires_at))
        if until <= now:
            raise InvalidTokenError
        if valid_until is not None:
            until = min(until, int(valid_until))
            if until <= now:
                raise NotFoundError
        made = Pass(
            subject=known.account,
            session=known.session,
            org=known.org,
            place=place,
            permissions=frozenset(map(str, granted)),
            reseller=reseller,
            expires_at=until,
            factor_at=known.factor_at,
        )
        seconds = min(until - now - _ON_ITS_WAY_SECONDS, TRUSTED_SECONDS)
        authorization = f"Bearer {issue(self._keys, made)}"
        return Granted(authorization, asked_at, asked_at + seconds, reads=reads_of(granted))

    def in_general(self, place: str, who: str) -> str:
        """The Authorization of a pass that is about no session: for what anybody may ask, or only
        the gateway itself.
        """
        granted = self._general.get(place + who)
        if granted is None or monotonic() >= granted.until:
            nobody = Known(who, "", "", self._now().timestamp() + LIFETIME_SECONDS)
            granted = self.make(nobody, place, asked_at=monotonic())
            self._general[place + who] = granted
        return granted.authorization
