"""One broken item keeps no other one waiting; a database that is away ends the pass."""

import pytest

from shared.errors import UnavailableError
from shared.sweeps import Sweep, all_but


def test_what_fails_is_left_out_and_the_rest_goes_on() -> None:
    sweep, done = Sweep(), []

    for item in ("a", "b", "c"):
        with sweep.over(item):
            if item == "b":
                raise LookupError(item)
            done.append(item)

    assert (done, sweep.failed) == (["a", "c"], {"b"})
    assert all_but(sweep.failed) == {"_id": {"$nin": ["b"]}}


def test_a_pass_ends_where_nothing_can_be_carried_out() -> None:
    sweep = Sweep()

    with pytest.raises(UnavailableError), sweep.over("a"):
        raise UnavailableError

    assert sweep.failed == set()
    assert all_but(sweep.failed) == {}
