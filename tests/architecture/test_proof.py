"""CI's proof that the tests on RabbitMQ ran sees when they did not."""

from pathlib import Path

import pytest

from tests.support.proof import objections

_ON_RABBITMQ = '<properties><property name="needs" value="rabbitmq"/></properties>'
_FINE = f"<testcase name='a'>{_ON_RABBITMQ}</testcase><testcase name='b'/>"


def _report(folder: Path, cases: str) -> Path:
    report = folder / "tests.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return report


def test_a_run_with_tests_on_rabbitmq_and_without_skips_is_fine(tmp_path: Path) -> None:
    assert objections(_report(tmp_path, _FINE)) == []


@pytest.mark.parametrize(
    ("cases", "objection"),
    [
        ("", "No test on a real RabbitMQ"),
        ("<testcase name='b'/>", "No test on a real RabbitMQ"),
        (f"<testcase name='a'>{_ON_RABBITMQ}<failure/></testcase>", "No test on a real RabbitMQ"),
        (f"{_FINE}<testcase name='c'><skipped/></testcase>", "1 tests were skipped"),
    ],
    ids=["nothing ran", "none needed it", "all failed", "one was skipped"],
)
def test_a_run_that_proves_nothing_is_objected_to(
    tmp_path: Path, cases: str, objection: str
) -> None:
    assert objection in objections(_report(tmp_path, cases))[0]


def test_a_run_that_left_no_report_is_objected_to(tmp_path: Path) -> None:
    assert objections(tmp_path / "tests.xml")
