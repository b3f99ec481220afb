"""What is asked of the accounts about the roll-out of second factors."""

from datetime import datetime

from services.auth.domain.accounts import Account, Status, username_key
from services.auth.domain.deadlines import Compulsion
from services.auth.store.account_rows import account_of
from services.auth.store.users import WITHOUT_FACTOR
from shared.mongo.collection import Document
from shared.mongo.database import Mongo


class RollOutQueries:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accounts")

    async def count(self, org: str) -> int:
        return await self._rows.count(_users(org))

    async def count_without(self, org: str) -> int:
        return await self._rows.count(_without(org))

    async def count_locked_out(self, org: str, compulsion: Compulsion, until: datetime) -> int:
        """`deadline_of` as a query: whose deadline comes until then."""
        reached: list[Document] = [{"totp_deadline": {"$lte": until, "$ne": None}}]
        if compulsion.required_from + compulsion.grace <= until:
            reached.append({"created_at": {"$lte": until - compulsion.grace}})
        return await self._rows.count({**_without(org), "$or": reached})

    async def without(self, org: str, after: str | None, limit: int) -> list[Account]:
        """Who has no factor, by user name, after this one."""
        where = _without(org)
        if after is not None:
            where["username_key"] = {"$gt": username_key(after)}
        sort = [("org", 1), ("username_key", 1)]
        return [account_of(row) for row in await self._rows.find(where, sort=sort, limit=limit)]


def _users(org: str) -> Document:
    """Who could sign in if asked to: with a role, and not disabled."""
    return {"org": org, "roles": {"$ne": []}, "status": {"$ne": Status.DISABLED.value}}


def _without(org: str) -> Document:
    """Who has neither a TOTP nor a passkey."""
    return {**_users(org), **WITHOUT_FACTOR}
