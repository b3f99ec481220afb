"""What the portal leaves behind: mails, events, logs and metrics, searched for marks."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from portal.isolation.judge import Finding
from portal.isolation.world import MARK, ORGS, RESELLER_OF, VENDOR, Marks
from shared.contracts.events import CloudEvent
from shared.http_client import HttpClient

_LINE: Final = 300


def in_mails(marks: Marks, mails: Iterable[tuple[str, str]]) -> list[Finding]:
    """A mail shows its reader nothing that the reader's organisation may not see."""
    orgs = {org.replace(".", "-"): org for org in ORGS}
    found = []
    for address, text in mails:
        org = orgs.get(address.rpartition("@")[2].removesuffix(".example"), "")
        allowed = marks.seen_by(org, "vendor-admin")
        for mark in marks.found_in(text) - allowed:
            what = f"a mark of {marks.owner(mark)}"
            found.append(Finding("mails show no foreign mark", org or address, "a mail", what))
        found += _secrets(marks, "mails", text)
    return found


def in_events(marks: Marks, events: Iterable[CloudEvent]) -> list[Finding]:
    """An event carries the marks of the organisations that it is about, and of no other."""
    found = []
    for event in events:
        text = event.to_json().decode()
        about = {org for org in ORGS if f'"{org}"' in text}
        about |= {RESELLER_OF[org] for org in about if org in RESELLER_OF}
        for mark in marks.found_in(text) - marks.of(about):
            what = f"a mark of {marks.owner(mark)}"
            found.append(Finding("events show no foreign mark", event.type, event.id, what))
        found += _secrets(marks, f"event {event.type}", text)
    return found


def in_lines(marks: Marks, kind: str, text: str) -> list[Finding]:
    """Logs and metrics carry no mark at all, whoever's it is, and no secret."""
    found = []
    for line in text.splitlines():
        marked = {word.lower() for word in MARK.findall(line)}
        for mark in marked:
            what = f"a mark of {marks.owner(mark)}: {line[:_LINE]}"
            found.append(Finding(f"{kind} show no mark", kind, "a line", what))
        found += _secrets(marks, kind, line)
    return found


def _secrets(marks: Marks, kind: str, text: str) -> list[Finding]:
    told = [one for one in marks.secrets if one in text]
    return [Finding("secrets are nowhere", kind, "a text", "a password, key or token")] * len(told)


async def mails_of(http: HttpClient, mail_url: str) -> list[tuple[str, str]]:
    """All mails that the catcher has: to whom, and the whole message."""
    found, start = [], 0
    while True:
        url = f"{mail_url}/api/v1/messages?limit=500&start={start}"
        page = await _json(http, url)
        for listed in page["messages"]:
            whole = await _json(http, f"{mail_url}/api/v1/message/{listed['ID']}")
            text = f"{whole['Subject']}\n{whole['Text']}\n{whole['HTML']}"
            found += [(to["Address"], text) for to in listed["To"]]
        start += len(page["messages"])
        if not page["messages"] or start >= page["total"]:
            return found


async def metrics_of(http: HttpClient, urls: Sequence[str]) -> str:
    texts = []
    for url in urls:
        async with http.get(f"{url}/metrics") as response:
            response.raise_for_status()
            texts.append(await response.text())
    return "\n".join(texts)


async def _json(http: HttpClient, url: str) -> Any:
    async with http.get(url) as response:
        response.raise_for_status()
        return await response.json()


def never_seen(marks: Marks, seen: set[str]) -> list[Finding]:
    """Marks that nobody was shown: where they are not to be found, nothing has been proved."""
    missing = [
        (kind, org)
        for kind, words in (("outer", marks.outer), ("inner", marks.inner))
        for org, word in words.items()
        if word not in seen and not (org == VENDOR and kind == "outer")
    ]
    rule = "all marks are to be found"
    return [Finding(rule, org, kind, "nobody was ever shown it") for kind, org in missing]
