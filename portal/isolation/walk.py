"""The walk: every operation, as everybody, in every place, and what follows from the answers."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from portal.isolation.furnish import Cast
from portal.isolation.judge import Answer, Finding, different, strangers
from portal.isolation.operations import Operation, body_of
from portal.isolation.people import NOBODY, Door, Walker
from portal.isolation.world import (
    FOREIGN,
    LAPSED,
    MINE,
    OPEN,
    OTHER,
    RESELLERS,
    SHUT,
    SPARE,
    TENANTS,
    VENDOR,
    Marks,
    closed_to,
)
from shared.access import Role

Progress = Callable[[str, int, int], None]
_ABSENT: Final = {"tid": ("899999.sms", "810002.xyz"), "rid": ("799999.rsp",)}
_MALFORMED: Final = {"tid": ("12.sms", "810002"), "rid": ("12.rsp", "710002")}
_NOTHING: Final = "0" * 32
_WEIRD: Final = "not-an_id"
_NO_ID: Final = "no id/at all"
_NO_IDS: Final = ("search", "address")
"""Fields in which anything is asked for."""
_LIKE_OTHERS: Final = {(org, Role.ADMIN) for org in (LAPSED, SHUT, SPARE)}
"""Who may do what another walker may, and so learns nothing that the other doesn't."""
_OF_ORGS: Final = ("tenant_id", "customer", "place", "org", "actor_org")
_OF_PEOPLE: Final = ("account_id", "account", "actor", "address")
_ENTER: Final = "tenant:enter"
_MOVING: Final = ("activity", "api-keys", "/access", "sessions", "/me", "clock", "/file", "/usage")
"""What changes while one looks: it says who was there, or what time it is."""
_LATE: Final = ("suspend", "terminate", "offboard", "transfer", "revoke", "cancel")
_LAST: Final = ("logout", "/me/password", "DELETE /v1/me/sessions", "DELETE /v1/me/totp")


@dataclass
class Walk:
    door: Door
    marks: Marks
    cast: Cast
    operations: Sequence[Operation]
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """The marks that somebody was rightly shown."""

    async def go(self) -> None:
        before = await self._snapshot()
        walkers = self.cast.walkers
        different_ones = [one for one in walkers if (one.org, one.role) not in _LIKE_OTHERS]
        pairs = [(one, walker) for one in self.operations for walker in different_ones]
        await self._each("every place", pairs, self._every_place)
        await self._each("ids of others in paths", pairs, self._things_of_others)
        await self._each("ids of others in bodies and queries", pairs, self._ids_of_others)
        after = await self._snapshot()
        for (who, where), answer in before.items():
            self._count("strangers change nothing")
            if after[who, where] != answer:
                self._find("strangers change nothing", who, where, "it is another one now")
        writes = sorted((one for one in self.operations if one.method != "GET"), key=_when)
        for number, operation in enumerate(writes, 1):
            async with asyncio.TaskGroup() as group:
                for walker in walkers:
                    group.create_task(self._own(operation, walker))
            self.progress("what is allowed", number, len(writes))

    async def _each(
        self,
        phase: str,
        pairs: Sequence[tuple[Operation, Walker]],
        step: Callable[[Operation, Walker], Awaitable[None]],
    ) -> None:
        done = 0

        async def one(operation: Operation, walker: Walker) -> None:
            nonlocal done
            await step(operation, walker)
            done += 1
            self.progress(phase, done, len(pairs))

        for start in range(0, len(pairs), 64):
            async with asyncio.TaskGroup() as group:
                for pair in pairs[start : start + 64]:
                    group.create_task(one(*pair))

    async def _every_place(self, operation: Operation, walker: Walker) -> None:
        """Reading in all places, and writing where the walker has no business to."""
        name = operation.place
        if name is None:
            if operation.method == "GET":
                await self._ask(operation, walker, walker.org)
            return
        places, closed = TENANTS if name == "tid" else RESELLERS, closed_to(walker.org, walker.role)
        if walker.org == VENDOR and operation.access == _ENTER:
            closed = ()  # its support may learn that a place is there, and enter
        if operation.method != "GET":
            places = tuple(one for one in places if one in closed)
        malformed = (
            _MALFORMED[name] if walker.token else ()
        )  # a name that nothing has is not secret
        alike = {}
        for place in (*places, *_ABSENT[name], *malformed):
            answer = await self._ask(operation, walker, place)
            if place in closed or place not in places:
                alike[place] = answer.plain()
        self._compare("places that are closed are as absent ones", walker, operation, alike)

    async def _things_of_others(self, operation: Operation, walker: Walker) -> None:
        """What is in another place, named in one's own."""
        if not operation.things:
            return
        own, foreign = _sides(operation, walker)
        alike = {}
        things = self.cast.things.get((operation.collection, foreign), [])
        for thing in (*things[:1], _NOTHING, *([_WEIRD] if operation.method == "GET" else [])):
            answer = await self._ask(operation, walker, own, thing=thing)
            alike[thing] = answer.plain(thing)
        self._compare("what is elsewhere is as absent here", walker, operation, alike)

    async def _ids_of_others(self, operation: Operation, walker: Walker) -> None:
        """What is elsewhere, named in a body, a query, a search or a filter."""
        if walker.org == VENDOR:
            return  # to which nothing is foreign
        own, _ = _sides(operation, walker)
        for name in operation.ids():
            alike = {}
            for value in self._values(name, walker):
                given = {"tenant_id": value} if name == "customer" else value
                answer = await self._ask(operation, walker, own, given={name: given}, said=value)
                alike[value] = answer.plain(value)
            where = f"an id in {name} is as absent"
            self._compare(where, walker, operation, alike)

    def _values(self, name: str, walker: Walker) -> list[str]:
        """Something foreign, something as long that is nowhere, and what is no id at all."""
        is_theirs = walker.org in {FOREIGN, OTHER}
        tenant, reseller = (OPEN, MINE) if is_theirs else (FOREIGN, OTHER)
        things, mark = self.cast.things, self.marks.inner[tenant]
        users = things.get(("/v1/tenants/{tid}/users", tenant), [])
        devices = things.get(("/v1/tenants/{tid}/devices", tenant), [])
        number = tenant.partition(".")[0]
        known = {
            "reseller_id": [reseller, "799999.rsp"],
            "licence_id": [f"licence-{number}", "licence-899999"],
            "device_id": [*devices[:1], _NOTHING],
            "search": [f"admin-{mark}", f"admin-{secrets.token_hex(len(mark))[: len(mark)]}"],
            **{each: [tenant, "899999.sms"] for each in _OF_ORGS},
            **{each: [*users[:1], _NOTHING] for each in _OF_PEOPLE},
        }
        return known[name] if name in _NO_IDS else [*known[name], _NO_ID]

    async def _own(self, operation: Operation, walker: Walker) -> None:
        """What the walker may do, done: no answer to it shows a mark that is not for it."""
        own, _ = _sides(operation, walker)
        if walker.org in {VENDOR, MINE} and operation.place == "tid":
            own = SPARE
        if walker.org == VENDOR and operation.place == "rid":
            own = OTHER
        headers = {}
        if operation.is_versioned:
            headers["If-Match"] = await self._tag(operation, walker, own)
        await self._ask(operation, walker, own, headers=headers)

    async def _tag(self, operation: Operation, walker: Walker, place: str) -> str:
        path = self._path(operation, place, None)
        for one in (path, path.rpartition("/")[0]):
            answer = await self.door.ask(walker, "GET", one, operation="GET for its ETag")
            tag = answer.header(b"ETag")
            if tag:
                return tag
        return '"1"'

    async def _ask(  # noqa: PLR0913 all that a request may be made of
        self,
        operation: Operation,
        walker: Walker,
        place: str,
        *,
        thing: str | None = None,
        given: dict[str, Any] | None = None,
        said: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send it, and look whether the answer shows what is not for this walker."""
        if operation.is_stream:
            headers = {"Last-Event-ID": "1", **(headers or {})}  # all that ever was
        path, asked = self._path(operation, place, thing), {*operation.required, *(given or ())}
        given = {**self._usual(walker, place), **(given or {})}
        query = {name: given[name] for name in operation.queries if name in asked & given.keys()}
        target = f"{path}?{urlencode(query)}" if query else path
        answer = await self.door.ask(
            walker,
            operation.method,
            target,
            operation=operation.name,
            body=body_of(operation, given),
            headers={"If-Match": '"1"', **(headers or {})} if operation.is_versioned else headers,
            is_form=operation.is_form,
        )
        self._judge(operation, walker, f"{target} {said}", answer)
        return answer

    def _usual(self, walker: Walker, place: str) -> dict[str, Any]:
        """What makes a request one that could succeed in this place.

        Mails that the walker causes go to where its own organisation would read them.
        """
        name, org = f"walker-{secrets.token_hex(4)}", (walker.org or NOBODY).replace(".", "-")
        users = self.cast.things.get(("/v1/tenants/{tid}/users", place), [_NOTHING])
        return {
            "username": name,
            "email": f"{name}@{org}.example",
            "csv": f"username,email,roles\n{name},{name}@{org}.example,\n",
            "licence_id": f"licence-{place.partition('.')[0]}",
            "place": place,
            "account": users[0],
            "month": "2026-10",
        }

    def _path(self, operation: Operation, place: str, thing: str | None) -> str:
        known = thing or self.cast.thing(operation, place) or _NOTHING
        values = {"tid": place, "rid": place, "product": "mobile-security"}
        return operation.path({**values, **dict.fromkeys(operation.things, known)})

    def _judge(self, operation: Operation, walker: Walker, said: str, answer: Answer) -> None:
        self._count("answers show no foreign mark")
        if answer.status >= 500:  # noqa: PLR2004 an error of ours
            self._find("nothing breaks", walker.name, operation.name, f"{answer.status} at {said}")
        found = self.marks.found_in(answer.text)
        allowed = self.marks.seen_by(walker.org, walker.role)
        self.seen |= found & allowed
        for mark in strangers(found, allowed, self._with_ids(said)):
            what = f"a mark of {self.marks.owner(mark)} at {said.strip()}: {answer.status}"
            self._find("answers show no foreign mark", walker.name, operation.name, what)

    def _with_ids(self, said: str) -> str:
        """What the caller said, with the marks that its ids stand for."""
        return " ".join([said, *(mark for one, mark in self.marks.ids.items() if one in said)])

    async def _snapshot(self) -> dict[tuple[str, str], tuple[int, bytes]]:
        """What the foreign tenant and its reseller see of themselves."""
        found = {}
        for org, name in ((FOREIGN, "tid"), (OTHER, "rid")):
            head = self.cast.head_of(org)
            for operation in self.operations:
                path = operation.template
                is_still = not any(word in path for word in _MOVING)
                if operation.method == "GET" and operation.place == name and is_still:
                    found[org, path] = (await self._ask(operation, head, org)).plain()
        return found

    def _compare(
        self, rule: str, walker: Walker, operation: Operation, alike: dict[str, tuple[int, bytes]]
    ) -> None:
        self._count(rule, len(alike))
        told = different(alike)
        if told:
            self._find(rule, walker.name, operation.name, "; ".join(told))

    def _count(self, rule: str, number: int = 1) -> None:
        self.checks[rule] = self.checks.get(rule, 0) + number

    def _find(self, rule: str, who: str, where: str, what: str) -> None:
        self.findings.append(Finding(rule, who, where, what))


def _sides(operation: Operation, walker: Walker) -> tuple[str, str]:
    """A place of the walker's own for this operation, and one that is foreign to it."""
    theirs = walker.org in {FOREIGN, OTHER}
    if operation.place == "rid":
        return (OTHER, MINE) if theirs else (MINE, OTHER)
    if operation.place == "tid":
        own = walker.org if walker.org in TENANTS else (FOREIGN if theirs else OPEN)
        return own, OPEN if theirs else FOREIGN
    return walker.org, OPEN if theirs else FOREIGN


def _when(operation: Operation) -> tuple[bool, bool, bool, str]:
    """First what leaves all as it is, then what closes places, at last what ends sessions."""
    ends = any(word in operation.name for word in _LAST)
    closes = any(operation.template.endswith(word) for word in _LATE)
    return ends, closes, operation.method == "DELETE", operation.template
