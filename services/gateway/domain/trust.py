"""How long a decision once made is trusted, and what makes it void before.

Every decision remembers when it was asked for. News about a session, an account, its organisation
or a place leaves a stamp; a decision asked for before the stamp is void, also one that was under
way just then. While the bus is silent nobody would hear of news, so no decision older than five
seconds is trusted; nor, when it is back, one that was asked for before: news may come late then.
Where tenancy is lost, what it has decided serves out five seconds more.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from shared.access import Permission
from shared.errors import UnauthenticatedError
from shared.passes import ENROLMENT

TRUSTED_SECONDS: Final = 60.0
TRUSTED_WITHOUT_BUS_SECONDS: Final = 5.0
TRUSTED_WITHOUT_TENANCY_SECONDS: Final = 5.0
BUS_SILENT_SECONDS: Final = 3.0
_STAMPS: Final = 100_000
_PLACES: Final = 500


@dataclass(frozen=True)
class Granted:
    """A pass, ready to send, and until when (monotonic seconds) it may be sent."""

    authorization: str
    asked_at: float
    until: float
    is_outside: bool = False
    """Whether it allows nothing but to enter: until then the place is as absent as any other."""
    reads: frozenset[Permission] = frozenset()
    """What it allows to read there, and so to hear of in a stream."""


class InvalidTokenError(UnauthenticatedError):
    """A token was shown, and is of no use: expired, revoked or none of ours (RFC 6750 §3.1)."""

    challenge = 'Bearer realm="portal", error="invalid_token"'


@dataclass
class Known:
    """A verified token: who holds it, and the passes made for it."""

    account: str
    session: str
    org: str
    expires_at: float
    """POSIX seconds."""
    factor_at: int | None = None
    """When the session last showed a second factor, as the token says (POSIX seconds)."""
    key_digest: str | None = None
    """A machine's: the API key that it showed, or that its token was made with."""
    scope: frozenset[str] | None = None
    """The permissions that a machine's token was narrowed to; None for all that its key has."""
    passes: OrderedDict[str, Granted] = field(default_factory=OrderedDict)

    @property
    def is_enrolment(self) -> bool:
        """Whether its holder may activate a second factor and nothing else."""
        return self.session == ENROLMENT

    @property
    def is_machine(self) -> bool:
        """Whether its holder is a client of an organisation; account and session are its id."""
        return self.key_digest is not None

    def remember(self, place: str, granted: Granted) -> None:
        self.passes[place] = granted
        if len(self.passes) > _PLACES:
            self.passes.popitem(last=False)


@dataclass(frozen=True)
class Senses:
    """What is felt of the world that decisions are made in."""

    bus_silent_seconds: Callable[[], float]
    tenancy_lost_at: Callable[[], float | None]
    """When tenancy was there last (monotonic seconds), None while it is."""


def is_served_out(granted: Granted, lost_at: float | None, now: float) -> bool:
    """Whether it is too old to be trusted without tenancy, which was lost then or is there."""
    if lost_at is None:
        return False
    return now > max(granted.asked_at, lost_at) + TRUSTED_WITHOUT_TENANCY_SECONDS


class News:
    """What has changed lately."""

    def __init__(self) -> None:
        self._stamps: OrderedDict[str, float] = OrderedDict()
        self._forgotten_at = 0.0
        self._deaf_at = float("-inf")

    def feel(self, at: float, bus_silent: float) -> None:
        """Remember when the bus was silent last; it has to be felt whenever something is asked."""
        if bus_silent > BUS_SILENT_SECONDS:
            self._deaf_at = at

    def note(self, about: str, at: float) -> None:
        """Everything decided until now about this account, session or organisation is void."""
        self._stamps[about] = at
        self._stamps.move_to_end(about)
        if len(self._stamps) > _STAMPS:
            # What a forgotten stamp was about is not known any more: all as old as it is void.
            _, self._forgotten_at = self._stamps.popitem(last=False)

    def is_trusted(
        self, granted: Granted, known: Known, place: str, now: float, bus_silent: float
    ) -> bool:
        return now < granted.until and self.holds(granted, known, place, now, bus_silent)

    def holds(
        self, granted: Granted, known: Known, place: str, now: float, bus_silent: float
    ) -> bool:
        """Whether no news has overtaken it, and none can have without being heard."""
        is_deaf = bus_silent > BUS_SILENT_SECONDS or granted.asked_at <= self._deaf_at
        if is_deaf and now > granted.asked_at + TRUSTED_WITHOUT_BUS_SECONDS:
            return False
        stamps = self._stamps
        if not stamps:
            return True
        latest = max(
            stamps.get(known.account, 0.0),
            stamps.get(known.session, 0.0),
            stamps.get(known.org, 0.0),
            stamps.get(place, 0.0),
            self._forgotten_at,
        )
        return granted.asked_at > latest
