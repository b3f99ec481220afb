"""What this Reseller Portal knows: companies, customers, people, licences and orders.

Every change made here is kept together with the message that tells of it, until that was sent.
What the other side tells is merged: each side's fields are its own, whoever was last.
"""

import json
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from examples.reseller_portal.comparison import Comparison
from examples.reseller_portal.digests import checksum, digest, ranges, within
from examples.reseller_portal.messages import message

IDS = {
    "company": "reseller_id",
    "customer": "tenant_id",
    "person": "user_id",
    "licence": "licence_id",
    "licence_order": "order_id",
}
"""The kinds of records, and which of their fields names them."""
OWN = {
    "company": ("name",),
    "customer": ("name", "reseller_number"),
    "person": ("username", "email", "display_name", "locale", "status"),
}
"""The fields whose owner we are, in records that we have told of."""
NOUNS = {"company": "company", "customer": "customer", "person": "user"}
"""What a kind is called in our messages."""


@dataclass
class Record:
    """One record. `told` is how often we have told of it, `heard` the other side's version."""

    data: dict[str, Any]
    told: int = 0
    heard: int = 0

    @property
    def is_own(self) -> bool:
        return self.told > 0


@dataclass
class Book:
    records: dict[str, Record] = field(default_factory=dict)
    """By kind and id, as in `customer 1234567.sms`."""
    unsent: list[dict[str, Any]] = field(default_factory=list)
    """Messages that the broker has not confirmed yet, in their order."""
    removed: dict[str, int] = field(default_factory=dict)
    """How often we have told of what we have removed: its number must go on growing."""
    rejected: list[dict[str, Any]] = field(default_factory=list)
    """What the other side could not apply, each with its reason."""
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    """By the id of the message that began it."""

    # --- what happens here ----------------------------------------------------------------------

    def put_company(self, reseller_id: str, name: str, *, is_verified: bool = True) -> None:
        known = self._record("company", reseller_id)
        data = known.data or {"reseller_id": reseller_id, "locale": "de", "status": "prospect"}
        known.data = {**data, "name": name}
        if is_verified and known.data["status"] == "prospect":
            known.data["status"] = "authorised"
        self._tell("company", reseller_id, is_verified=is_verified)

    def put_customer(
        self, reseller_id: str, tenant_id: str, name: str, number: str | None = None
    ) -> None:
        known = self._record("customer", tenant_id)
        new = {"reseller_id": reseller_id, "tenant_id": tenant_id, "locale": "de"}
        data = known.data or {**new, "status": "not_configured"}
        known.data = _without_nulls({**data, "name": name, "reseller_number": number})
        self._tell("customer", tenant_id)

    def put_person(self, reseller_id: str, user_id: str, roles: list[str], **said: Any) -> None:
        """`said` is user name, e-mail address, name and language; `is_active` closes an account."""
        known = self._record("person", user_id)
        new = {"reseller_id": reseller_id, "user_id": user_id, "roles": roles, "label": "RSP"}
        is_active = said.pop("is_active", True)
        status = {"status": "active" if is_active else "disabled"}
        known.data = {"locale": "de", **(known.data or new), **said, **status}
        self._tell("person", user_id, initial_roles=roles)

    def remove(self, kind: str, name: str) -> None:
        """The other side closes a customer for a while and keeps a company as terminated."""
        known = self.records[f"{kind} {name}"]
        known.told += 1
        only = {key: known.data[key] for key in ("reseller_id", IDS[kind])}
        self._send(f"{NOUNS[kind]}.removed", name, known.told, only)
        if kind == "person":
            self.removed[f"{kind} {name}"] = known.told
            del self.records[f"{kind} {name}"]
        else:
            known.data["status"] = "terminated" if kind == "company" else "offboarding"

    def order(self, reseller_id: str, tenant_id: str, **wish: Any) -> str:
        """Order a licence; its record comes back with what became of it."""
        order_id = uuid.uuid4().hex
        ids = {"order_id": order_id, "reseller_id": reseller_id, "tenant_id": tenant_id}
        self._send("licence_order.ordered", order_id, 1, {**ids, **wish})
        return order_id

    def compare(self, reseller_id: str, *, is_fetch: bool = False) -> Comparison:
        """Say what all that we have of a company comes to; where it is a fetch, that it is nothing,
        to get all.
        """
        here = {kind: checksum({}) for kind in IDS} if is_fetch else self.checksums(reseller_id)
        said = {"reseller_id": reseller_id, "checksums": here}
        asked = self._send("checksums.compared", reseller_id, 1, said)
        others = {
            key: one for key, one in self.comparisons.items() if one.reseller_id != reseller_id
        }
        self.comparisons = {**others, asked: Comparison(reseller_id, here, is_fetch)}
        return self.comparisons[asked]

    def tell_all(self, reseller_id: str) -> None:
        """Tell anew of every record of a company whose owner we are."""
        for kind, name, record in self.of(reseller_id):
            if record.is_own and kind in NOUNS:
                self._tell(kind, name)

    # --- what the other side tells --------------------------------------------------------------

    def hear(self, event: dict[str, Any]) -> None:
        """Take in an event from `sync.reseller-portal` or `sync.rejected`; any may come twice."""
        _, _, noun, verb, _ = event["type"].split(".")
        if verb == "rejected":
            self.rejected.append(event["data"])
        elif noun == "checksums":
            self._narrow(event["data"])
        elif noun == "drift":
            self._mend(event["data"])
        elif noun in IDS:
            self._merge(noun, event["data"], event["sequence"])

    def _merge(self, kind: str, data: dict[str, Any], version: int) -> None:
        key = f"{kind} {data[IDS[kind]]}"
        known = self.records.get(key)
        if known is None and data.get("status") != "deleted":
            self.records[key] = Record(data, self.removed.get(key, 0), version)
        if known is None or version < known.heard:
            return
        if data.get("status") == "deleted":
            self._forget(kind, str(data[IDS[kind]]))
            return
        own = OWN.get(kind, ()) if known.is_own else ()
        kept = {name: known.data.get(name) for name in own}
        known.data, known.heard = _without_nulls({**data, **kept}), version

    def _forget(self, kind: str, name: str) -> None:
        gone = self.records.pop(f"{kind} {name}", None)
        if gone is not None and kind == "customer":
            for other, record in list(self.records.items()):
                if other.startswith("licence ") and record.data["tenant_id"] == name:
                    del self.records[other]

    def _narrow(self, report: dict[str, Any]) -> None:
        """Name the records of the ranges that differ."""
        begun, company = report["comparison_id"], report["reseller_id"]
        comparison = self.comparisons.get(begun)
        if comparison is None or report["checksums"].keys() <= comparison.there.keys():
            return
        comparison.there |= report["checksums"]
        ours = {} if comparison.is_fetch else self._digests(company)
        for one in report["ranges"]:
            kind, limits = one["kind"], (one.get("after"), one.get("until"))
            digests = within(ours.get(kind, {}), *limits)
            if checksum(digests) == one["checksum"]:
                continue
            for part, named in ranges(digests, *limits):
                said = {"reseller_id": company, "digests": {kind: named}, "ranges": {kind: part}}
                asked = self._send("records.compared", company, 1, {**said, "part_of": begun})
                comparison.waiting.append(asked)

    def _mend(self, report: dict[str, Any]) -> None:
        """What differs there has been sent again already; here we do the same for what is ours."""
        comparison = self.comparisons.get(report.get("part_of", ""))
        if comparison is None or report["comparison_id"] not in comparison.waiting:
            return
        comparison.waiting.remove(report["comparison_id"])
        comparison.differences += report["differences"]
        for one in report["differences"]:
            kind, name, how = one["kind"], one["id"], one["how"]
            record = self.records.get(f"{kind} {name}")
            if record is None or how == "missing_there":
                continue
            if record.is_own and kind in NOUNS:
                self._tell(kind, name)
            elif how == "missing_here":
                self._forget(kind, name)

    # --- both sides the same? ---------------------------------------------------------------------

    def of(self, reseller_id: str) -> list[tuple[str, str, Record]]:
        """All records of a company, with kind and id."""
        return [
            (*_parts(key), record)
            for key, record in sorted(self.records.items())
            if record.data["reseller_id"] == reseller_id
        ]

    def checksums(self, reseller_id: str) -> dict[str, str]:
        """Of each kind; the checksum of these is that of the company."""
        return {kind: checksum(found) for kind, found in self._digests(reseller_id).items()}

    def _digests(self, reseller_id: str) -> dict[str, dict[str, str]]:
        digests: dict[str, dict[str, str]] = {kind: {} for kind in IDS}
        for kind, name, record in self.of(reseller_id):
            digests[kind][name] = digest(record.data)
        return digests

    # --- keeping ----------------------------------------------------------------------------------

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Book":
        told = json.loads(text)
        records = {key: Record(**record) for key, record in told.pop("records").items()}
        begun = {key: Comparison(**one) for key, one in told.pop("comparisons").items()}
        return cls(records=records, comparisons=begun, **told)

    def _record(self, kind: str, name: str) -> Record:
        key = f"{kind} {name}"
        return self.records.setdefault(key, Record({}, self.removed.get(key, 0)))

    def _tell(self, kind: str, name: str, **more: Any) -> None:
        """Say all that we own of a record, under the next number."""
        record = self.records[f"{kind} {name}"]
        record.told += 1
        data = {key: record.data.get(key) for key in ("reseller_id", IDS[kind], *OWN[kind])}
        if kind == "company":
            data["is_verified"] = record.data["status"] != "prospect"
        if kind == "person":
            data["is_active"] = data.pop("status") == "active"
            data["initial_roles"] = record.data["roles"]
        said = _without_nulls({**data, **more})
        self._send(f"{NOUNS[kind]}.upserted", name, record.told, said)

    def _send(self, what: str, subject: str, sequence: int, data: dict[str, Any]) -> str:
        self.unsent.append(message(what, subject, sequence, data))
        return str(self.unsent[-1]["id"])


def _parts(key: str) -> tuple[str, str]:
    kind, _, name = key.partition(" ")
    return kind, name


def _without_nulls(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}
