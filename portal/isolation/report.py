"""What a walk has found, as a signed report, and whether a report is what was signed."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from portal.isolation.judge import Finding
from shared.keys import Keys, TokenError, read_signed, sign, signing_keys

TYPE: Final = "portal-isolation-report+jwt"


class ReportError(Exception):
    """A report that is not what was signed; its text says why."""


@dataclass(frozen=True)
class Report:
    """One walk: how far it went and what was found."""

    begun_at: str
    seconds: float
    requests: int
    operations: dict[str, dict[int, int]]
    """How often each was answered with which status."""
    checks: dict[str, int]
    """How often each rule was looked at."""
    reached: dict[str, int]
    """How many mails, events, lines of logs and metrics were searched."""
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        return not self.findings


def write(report: Report, path: Path, keys: Keys | None = None) -> str:
    """Write the report with its signature; returns the thumbprint of the key that signed it.

    Without a key one is made for it, which is forgotten: nobody can sign another report with it.
    """
    keys = keys or signing_keys()
    told: dict[str, Any] = json.loads(json.dumps({**asdict(report), "is_clean": report.is_clean}))
    signature = sign(keys, TYPE, {"sha256": _digest(told)})
    signed = {"report": told, "key": json.loads(keys.public()), "signature": signature}
    path.write_text(json.dumps(signed, indent=1) + "\n")
    return str(keys.first.kid)


def check(path: Path, thumbprint: str | None = None) -> tuple[dict[str, Any], str]:
    """The report in a file and the thumbprint of its key; ReportError where it was changed."""
    try:
        signed = json.loads(path.read_text())
        keys, told = Keys.parse(json.dumps(signed["key"])), signed["report"]
        claims = read_signed(keys, signed["signature"], typ=TYPE)
        is_as_signed = claims["sha256"] == _digest(told)
        kid = keys.first.thumbprint()
    except (ValueError, KeyError, TypeError, AttributeError, TokenError) as error:
        raise ReportError(f"{path} is no signed report.") from error
    if not is_as_signed:
        raise ReportError(f"{path} is not what was signed.")
    if thumbprint is not None and kid != thumbprint:
        raise ReportError(f"{path} was signed with another key: {kid}.")
    return told, kid


def _digest(told: dict[str, Any]) -> str:
    whole = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()
