"""Versions as entity tags: what names one, what names none, and what names too much."""

import pytest

from shared.errors import PreconditionError, PreconditionMissingError
from shared.etags import etag, expected_version


@pytest.mark.parametrize("version", [0, 7, 10**18 - 1])
def test_a_tag_that_was_given_out_is_its_version_again(version: int) -> None:
    assert expected_version(etag(version)["ETag"]) == version


@pytest.mark.parametrize("given", [None, "", " ", "*", '"1", "2"', '"1","1"', 'W/"1", "x"'])
def test_who_does_not_say_which_version_was_read_is_asked_for_it(given: str | None) -> None:
    with pytest.raises(PreconditionMissingError) as refused:
        expected_version(given)

    assert refused.value.status == 428


@pytest.mark.parametrize(
    "given", ['W/"1"', "1", '"1', '"-1"', '"1.0"', '"x"', '""', '"\u0661"', '"1";', f'"{"9" * 19}"']
)
def test_a_tag_that_is_weak_or_none_of_ours_matches_nothing(given: str) -> None:
    with pytest.raises(PreconditionError) as refused:
        expected_version(given)

    assert refused.value.status == 412
