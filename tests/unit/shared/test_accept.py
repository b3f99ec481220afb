"""Which of several media types a client likes best."""

import pytest

from shared.accept import chosen

OFFERED = ["application/json", "text/csv", "application/vnd.ms-excel"]


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV;charset=utf-8", "text/csv"),
        ("text/*", "text/csv"),
        ("text/*;q=0.5, application/json;q=0.4", "text/csv"),
        ("application/json;q=0, */*;q=0.1", "text/csv"),
        ("application/vnd.ms-excel, */*;q=0.8", "application/vnd.ms-excel"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/pdf", "application/json"),
        ("text/csv;q=7, nonsense, ;;;", "application/json"),
    ],
)
def test_the_highest_quality_wins_and_the_first_among_equals(accept: str | None, best: str) -> None:
    assert chosen(accept, OFFERED) == best
