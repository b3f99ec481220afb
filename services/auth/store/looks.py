"""What a step of signing in needs to know, each in one round trip.

The rows are read as if one after the other: what must not change meanwhile is written on condition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.auth.domain.accounts import Account, username_key
from services.auth.domain.throttle import Place
from services.auth.store.account_rows import account_of
from services.auth.store.attempts import Attempted, attempts_at
from services.auth.store.known_devices import KnownDevice, devices_of
from services.auth.store.org_settings import Decided, line_of, line_to
from services.auth.store.organisations import Organisation, organisation_of
from shared.mongo import Filter, Mongo, Part


@dataclass(frozen=True)
class Named:
    """What is known of a user name and an organisation before the password is looked at."""

    account: Account | None
    organisation: Organisation
    attempted: Attempted


@dataclass(frozen=True)
class Arrival:
    """What is known of whoever has just shown who they are, or failed to."""

    line: list[Decided]
    has_link: bool
    """Whether there is a link to a new password that is not dead."""
    devices: list[KnownDevice]
    attempted: Attempted


@dataclass(frozen=True)
class Standing:
    """Whether and by which limits an account's sessions may go on."""

    account: Account | None
    organisation: Organisation
    line: list[Decided]


class Looks:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def at_name(self, org: str, username: str, places: Sequence[Place]) -> Named:
        seen = await self._mongo.look(
            Part("accounts", {"org": org, "username_key": username_key(username)}),
            Part("organisations", _id(org)),
            attempts_at(places),
        )
        accounts = [account_of(row) for row in seen["accounts"]]
        return Named(
            accounts[0] if accounts else None,
            organisation_of(org, seen["organisations"]),
            Attempted.of(seen["attempts"]),
        )

    async def at_arrival(self, org: str, account_id: str, places: Sequence[Place] = ()) -> Arrival:
        seen = await self._mongo.look(
            *line_to(org),
            Part("links", {"account_id": account_id, "is_dead": False}, ({"$limit": 1},)),
            Part("known_devices", _id(account_id)),
            attempts_at(places),
        )
        return Arrival(
            line_of(org, seen),
            bool(seen["links"]),
            devices_of(seen["known_devices"]),
            Attempted.of(seen["attempts"]),
        )

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
