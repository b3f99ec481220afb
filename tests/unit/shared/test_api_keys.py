"""The form of API keys."""

import re

import pytest

from shared.api_keys import digest, is_well_formed, new_key
from shared.ids import new_id

CLIENT = new_id()


def test_a_key_names_its_client_and_no_two_are_alike() -> None:
    keys = {new_key(CLIENT) for _ in range(1000)}

    assert len(keys) == 1000
    assert all(re.fullmatch(rf"mspk_{CLIENT}_[0-9a-f]{{72}}", key) for key in keys)
    assert all(map(is_well_formed, keys))


def test_what_is_kept_says_nothing_of_the_key_and_differs_for_each() -> None:
    key = new_key(CLIENT)

    assert re.fullmatch(r"[0-9a-f]{64}", digest(key))
    assert key.rpartition("_")[2][:64] not in digest(key)
    assert digest(key) != digest(new_key(CLIENT))


def test_every_mistyped_digit_is_noticed_without_asking_anybody() -> None:
    key = new_key(CLIENT)

    for place in range(len("mspk_"), len(key)):
        other = "0" if key[place] != "0" else "1"
        assert not is_well_formed(key[:place] + other + key[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "mspk_", "mspk_x_y", "MSPK_" + "0" * 105, "mspk_" + "\u0660" * 105, "prt_abc.0.def"],
)
def test_what_is_no_key_is_not_taken_for_one(text: str) -> None:
    assert not is_well_formed(text)


def test_a_key_with_anything_around_it_is_none() -> None:
    key = new_key(CLIENT)

    assert not any(map(is_well_formed, [f" {key}", f"{key}\n", key.upper(), key[:-1], key + "0"]))
