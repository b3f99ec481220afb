"""The marked world: who is in it, what marks them, and who may ever come to see which mark.

Every organisation has two marks, random words that are nowhere else. The outer one is in what its
reseller and the vendor see of it, its name above all; the inner one is in what only those see who
may look inside: people, devices, keys, comments. What may be seen is said here anew, in a few lines
that share nothing with the portal's own tables.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from portal.demo.world import DemoAccount, DemoReseller, DemoTenant, World
from shared.access import Role

MARK: Final = re.compile(r"zq[0-9a-f]{12}[io]", re.IGNORECASE)
VENDOR: Final = "vendor"
MINE, OTHER = "710001.rsp", "710002.rsp"
OPEN, FOREIGN, LAPSED, SHUT, SPARE = (
    "810001.sms",
    "810002.sms",
    "810003.sms",
    "810004.sms",
    "810005.sms",
)
"""Tenants: one that its reseller looks after, one of another reseller, one without a valid licence,
one that has shut its reseller out, and one on which everything may be done."""
RESELLER_OF: Final = {OPEN: MINE, FOREIGN: OTHER, LAPSED: MINE, SHUT: MINE, SPARE: MINE}
RESELLERS: Final = (MINE, OTHER)
TENANTS: Final = tuple(RESELLER_OF)
ORGS: Final = (VENDOR, *RESELLERS, *TENANTS)
_VISIBLE: Final = {MINE: (OPEN, SPARE), OTHER: (FOREIGN,)}
_STAFF: Final = {
    VENDOR: (Role.VENDOR_ADMIN, Role.SALES, Role.SUPPORT),
    MINE: (Role.RESELLER_ADMIN, Role.RESELLER_SALES, Role.RESELLER_SUPPORT),
    OTHER: (Role.RESELLER_ADMIN,),
    OPEN: (Role.ADMIN, Role.AUDITOR),
    FOREIGN: (Role.ADMIN, Role.AUDITOR),
    LAPSED: (Role.ADMIN,),
    SHUT: (Role.ADMIN,),
    SPARE: (Role.ADMIN,),
}


def _word(kind: str) -> str:
    return f"zq{secrets.token_hex(6)}{kind}"


@dataclass(frozen=True)
class Marks:
    """Which words and ids belong to which organisation, and which to nobody's eyes at all."""

    outer: dict[str, str] = field(default_factory=lambda: {org: _word("o") for org in ORGS})
    inner: dict[str, str] = field(default_factory=lambda: {org: _word("i") for org in ORGS})
    ids: dict[str, str] = field(default_factory=dict)
    """The ids of what is inside a tenant, by the mark that stands for them."""
    secrets: set[str] = field(default_factory=set)
    """Passwords, keys and tokens: no log, metric, event or mail may have them."""

    def found_in(self, text: str) -> frozenset[str]:
        """The marks in a text; an id counts as the mark of what it is inside of."""
        found = {word.lower() for word in MARK.findall(text)}
        return frozenset(found | {mark for one, mark in self.ids.items() if one in text})

    def of(self, orgs: Iterable[str]) -> frozenset[str]:
        return frozenset(kind[org] for org in orgs for kind in (self.outer, self.inner))

    def owner(self, mark: str) -> str:
        for kind in (self.outer, self.inner):
            for org, word in kind.items():
                if word == mark:
                    return org
        return "nobody"

    def seen_by(self, org: str, role: str) -> frozenset[str]:
        """All marks that somebody of this organisation and role may ever be shown."""
        if org == VENDOR:
            inside = set(ORGS) if role == Role.VENDOR_ADMIN else {VENDOR, *RESELLERS}
            inside |= {SPARE} if role == Role.SUPPORT else set()  # which it enters in the end
            return frozenset([*self.outer.values(), *(self.inner[each] for each in inside)])
        own = self.of([org] if org in ORGS else ())
        if org in RESELLERS:
            customers = [tenant for tenant, reseller in RESELLER_OF.items() if reseller == org]
            outer = {self.outer[VENDOR], *(self.outer[tenant] for tenant in customers)}
            inside = set(_VISIBLE[org]) if role != Role.RESELLER_SALES else set()
            return own | outer | {self.inner[tenant] for tenant in inside}
        if org in RESELLER_OF:
            return own | {self.outer[VENDOR], self.outer[RESELLER_OF[org]]}
        return own


def closed_to(org: str, role: str) -> tuple[str, ...]:
    """The places that are for this caller as if they did not exist."""
    if org == VENDOR:
        return TENANTS if role == Role.SUPPORT else ()
    if org in RESELLERS:
        seen = {org, *_VISIBLE[org]}
        return tuple(place for place in ORGS[1:] if place not in seen)
    return tuple(place for place in ORGS[1:] if place != org)


def marked_world(marks: Marks) -> World:
    resellers = tuple(DemoReseller(org, f"House {marks.outer[org]}", "en") for org in RESELLERS)
    tenants = tuple(
        DemoTenant(
            org,
            f"Customer {marks.outer[org]}",
            RESELLER_OF[org],
            f"N-{marks.outer[org]}",
            "en",
            f"licence-{org.partition('.')[0]}",
            timedelta(days=90) if org == LAPSED else None,
        )
        for org in TENANTS
    )
    people = tuple(
        DemoAccount(
            org,
            f"{role}-{marks.inner[org]}",
            (role,),
            has_totp=True,
            locale="en",
            display_name=f"Somebody {marks.inner[org]}",
        )
        for org, roles in _STAFF.items()
        for role in roles
    )
    marks.secrets.update(one.password for one in people)
    marks.secrets.update(one.totp_secret for one in people if one.totp_secret)
    return World(resellers, tenants, people)
