"""The language of a page follows what the reader's browser asks for."""

import pytest

from services.gateway.domain.languages import preferred


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("de", "de"),
        ("DE-ch", "de"),
        ("en;q=0.4, de;q=0.5", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=0", "en"),
        ("de;q=nan, en;q=0.5", "en"),
        ("de;q=9, en", "de"),
        ("en, de", "en"),
        ("de;level=1", "en"),
        ("de;q", "en"),
        (",;;q=,", "en"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_the_best_wanted_of_the_spoken_languages_wins(asked: str, told: str) -> None:
    assert preferred(asked) == told
