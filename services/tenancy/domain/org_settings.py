"""What the vendor, resellers and tenants decide, and what follows for each of them.

Settings inherit from the vendor to a reseller to its tenants, and are resolved when they are read:
whatever is changed above acts below at once. Some may only be narrowed on the way down; where an
upper level has become narrower than a lower one, the narrower counts. The others are overridden:
the nearest word counts. Around all of them stand the environment's values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from shared.errors import FieldError, InvalidError

INSTALLATION: Final = "installation"
"""Where a value comes from that nobody has decided: the environment."""
NARROWED: Final = ("totp_required_from", "session_idle", "session_absolute")
"""Of these the smaller is the narrower: an earlier date, a shorter session."""
OVERRIDDEN: Final = ("locale", "notice_recipients")


@dataclass(frozen=True)
class Values:
    """A value for each setting; None leaves it as it is above."""

    locale: str | None = None
    totp_required_from: datetime | None = None
    """From when on everybody there needs a second factor."""
    session_idle: timedelta | None = None
    session_absolute: timedelta | None = None
    notice_recipients: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Setting:
    """What counts in an organisation, and who has decided it."""

    value: Any
    source: str


Resolved = Mapping[str, Setting]


class WiderError(InvalidError):
    """An organisation may be stricter than those above it, never laxer."""

    def __init__(self, wider: Mapping[str, Setting]) -> None:
        flaws = [_flaw(name, limit) for name, limit in wider.items()]
        super().__init__(fields=flaws)


@dataclass(frozen=True)
class OrgSettings:
    """What one organisation has decided itself."""

    org: str
    own: Values = Values()
    version: int = 0
    """0 where nothing was ever decided."""

    def changed(self, changes: Mapping[str, Any], above: Resolved) -> "OrgSettings":
        """With other values; the same settings where that changes nothing.

        WiderError where one of them is wider than what counts above.
        """
        wider = {
            name: above[name]
            for name, value in changes.items()
            if name in NARROWED and value is not None and value > above[name].value
        }
        if wider:
            raise WiderError(wider)
        own = replace(self.own, **changes)
        return self if own == self.own else replace(self, own=own, version=self.version + 1)


def resolve(outer: Values, chain: Sequence[OrgSettings]) -> Resolved:
    """What counts at the end of a chain that begins with the vendor."""
    found = {name: Setting(value, INSTALLATION) for name, value in asdict(outer).items()}
    for level in chain:
        for field in fields(Values):
            name, value = field.name, getattr(level.own, field.name)
            if value is None:
                continue
            if name in OVERRIDDEN or value < found[name].value:
                found[name] = Setting(value, level.org)
    return found


def _flaw(name: str, limit: Setting) -> FieldError:
    if isinstance(limit.value, datetime):
        code, at_most = "later_than_all", f"no later than {limit.value.isoformat()}"
    else:
        code, at_most = "longer_than_above", f"at most PT{int(limit.value.total_seconds())}S"
    return FieldError(f"#/body/{name}", code, f"Only {at_most}, as decided by {limit.source}.")
