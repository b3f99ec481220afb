"""What a step of signing in needs to know, each in one round trip.

The rows are read as if one after the other: what must not change meanwhile is written on condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.auth.domain.accounts import Account, username_key
from services.auth.domain.throttle import Place
from services.auth.store.account_rows import account_of
from services.auth.store.attempts import Attempted, attempts_at
from services.auth.store.known_devices import KnownDevice, devices_of
from services.auth.store.org_settings import Decided, line_of, line_to
from services.auth.store.organisations import Organisation, organisation_of
from shared.mongo.collection import Filter
from shared.mongo.database import Mongo, Part


@dataclass(frozen=True)
class Arrival:
    """What the sign-in of whoever shows who they are will need."""

    line: list[Decided]
    has_link: bool
    """Whether there is a link to a new password that is not dead."""
    devices: list[KnownDevice]


@dataclass(frozen=True)
class Named:
    """What is known of a user name and an organisation before the password is looked at."""

    account: Account | None
    organisation: Organisation
    attempted: Attempted
    arrival: Arrival


@dataclass(frozen=True)
class Standing:
    """Whether and by which limits an account's sessions may go on."""

    account: Account | None
    organisation: Organisation
    line: list[Decided]


_IS_LIVE: Final = {"is_dead": False}
_ONE: Final = {"$limit": 1}
_LIVE_LINKS: Final = {
    "$lookup": {
        "from": "links",
        "localField": "_id",
        "foreignField": "account_id",
        "pipeline": [{"$match": _IS_LIVE}, _ONE],
        "as": "links",
    }
}
_KNOWN_DEVICES: Final = {
    "$lookup": {
        "from": "known_devices",
        "localField": "_id",
        "foreignField": "_id",
        "as": "known_devices",
    }
}


class Looks:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def at_name(self, org: str, username: str, places: Sequence[Place]) -> Named:
        """Also what is needed once the password is found to be right: most are."""
        wanted = {"org": org, "username_key": username_key(username)}
        seen = await self._mongo.look(
            Part("accounts", wanted, (_LIVE_LINKS, _KNOWN_DEVICES)),
            Part("organisations", _id(org)),
            attempts_at(places),
            *line_to(org),
        )
        row = seen["accounts"][0] if seen["accounts"] else {"links": [], "known_devices": []}
        return Named(
            account_of(row) if seen["accounts"] else None,
            organisation_of(org, seen["organisations"]),
            Attempted.of(seen["attempts"]),
            Arrival(line_of(org, seen), bool(row["links"]), devices_of(row["known_devices"])),
        )

    async def at_arrival(self, org: str, account_id: str) -> Arrival:
        seen = await self._mongo.look(
            *line_to(org),
            Part("links", {"account_id": account_id, **_IS_LIVE}, (_ONE,)),
            Part("known_devices", _id(account_id)),
        )
        devices = devices_of(seen["known_devices"])
        return Arrival(line_of(org, seen), bool(seen["links"]), devices)

    async def at_session(self, org: str, account_id: str) -> Standing:
        seen = await self._mongo.look(
            Part("accounts", _id(account_id)), Part("organisations", _id(org)), *line_to(org)
        )
        accounts = [account_of(row) for row in seen["accounts"]]
        return Standing(
            accounts[0] if accounts else None,
            organisation_of(org, seen["organisations"]),
            line_of(org, seen),
        )


def _id(wanted: str) -> Filter:
    return {"_id": wanted}
