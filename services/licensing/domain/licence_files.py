"""Licence files: what is licensed, said so that it can be verified without asking anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.licensing.domain.devices import Device
from services.licensing.domain.licences import Licence, timeline_of
from services.licensing.domain.sandbox import really, really_timed
from services.licensing.domain.terms import end_of

FILE_TYPE: Final = "portal-licence+jwt"
LIST_TYPE: Final = "portal-licence-revocations+jwt"
"""Types of their own, so that none is taken for the other or for a token (RFC 8725 §3.11)."""
ISSUER: Final = "portal-licensing"


@dataclass(frozen=True)
class FileRules:
    """The rules of this installation."""

    life: timedelta
    """How long a file is good, at most; what was revoked longer ago need not be listed."""
    listed_every: timedelta
    """After how long a verifier needs a newer list."""


@dataclass(frozen=True)
class Revoked:
    """Whose files are good no more, though they have not expired."""

    licences: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    transferred: frozenset[tuple[str, str]] = frozenset()
    """Licences that are good for another customer now, each with the former one."""


def contents(
    licence: Licence, device: Device | None, now: datetime, rules: FileRules
) -> dict[str, Any]:
    """The claims of a licence's file, for one device where it is given.

    The file ends with the licence's validity, and earlier where that is further away than its life.
    """
    instants = really_timed(licence, timeline_of(licence))
    return {
        "iss": ISSUER,
        "sub": licence.id,
        "iat": _seconds(now),
        "nbf": _seconds(instants.starts_at),
        "exp": _seconds(min(instants.expired_at, now + rules.life)),
        "tenant": licence.tenant_id,
        "licence": {
            "id": licence.id,
            "product": licence.product,
            "model": licence.model.value,
            "seats": licence.seats,
            "starts_on": licence.starts_on.isoformat(),
            "ends_on": licence.ends_on.isoformat() if licence.ends_on else None,
        },
        "entitlements": [
            {
                "feature": each.feature,
                "until": _seconds(really(licence, end_of(each.ends_on))) if each.ends_on else None,
            }
            for each in licence.entitlements
        ],
        "seat": _seat(device) if device else None,
    }


def revocations(revoked: Revoked, now: datetime, rules: FileRules) -> Mapping[str, Any]:
    """The claims of the list of what is revoked. Its number grows with every list that is made."""
    return {
        "iss": ISSUER,
        "sub": "revocations",
        "iat": _seconds(now),
        "exp": _seconds(now + rules.listed_every),
        "number": (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1),
        "licences": sorted(revoked.licences),
        "devices": sorted(revoked.devices),
        "transferred": [
            {"licence": licence, "tenant": tenant}
            for licence, tenant in sorted(revoked.transferred)
        ],
    }


def _seat(device: Device) -> dict[str, str]:
    return {
        "device_id": device.id,
        "fingerprint": device.fingerprint,
        "platform": device.platform.value,
    }


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
