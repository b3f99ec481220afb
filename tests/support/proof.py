"""Proves from a test report that nothing was skipped and that tests on a real RabbitMQ ran."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

NEEDS_RABBITMQ = ("needs", "rabbitmq")
"""The property that the report carries for each test with the marker `rabbitmq`."""


def objections(report: Path) -> list[str]:
    """What speaks against this JUnit report; empty where nothing does."""
    if not report.exists():
        return ["The tests left no report: they did not run to their end."]
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest's own report
    found = []
    if skipped := [case for case in cases if case.find("skipped") is not None]:
        names = ", ".join(f"{case.get('classname')}.{case.get('name')}" for case in skipped)
        found.append(f"{len(skipped)} tests were skipped; none may be: {names}")
    if not any(_passed(case) and _needs_rabbitmq(case) for case in cases):
        found.append("No test on a real RabbitMQ passed.")
    return found


def _passed(case: ET.Element) -> bool:
    return all(case.find(flaw) is None for flaw in ("failure", "error", "skipped"))


def _needs_rabbitmq(case: ET.Element) -> bool:
    return any((p.get("name"), p.get("value")) == NEEDS_RABBITMQ for p in case.iter("property"))


if __name__ == "__main__":
    sys.exit("\n".join(objections(Path(sys.argv[1]))) or 0)
