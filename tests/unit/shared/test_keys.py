"""Keys that are none, and secrets that are opened by the wrong one or for the wrong purpose."""

import pytest

from shared.keys import Keys, TokenError, lock, seal, sealing_keys, signing_keys, unlock, vault_keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "5",
        "null",
        '"keys"',
        "{}",
        '{"keys": [{}]}',
        '{"keys": {"kty": "OKP"}}',
    ],
)
def test_what_is_no_key_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="neither a JWK nor a JWK Set"):
        Keys.parse(text)


def test_keys_are_read_as_they_were_written_and_publish_no_private_part() -> None:
    keys = signing_keys()

    again, public = Keys.parse(keys.private()), Keys.parse(keys.public())

    assert again.first.kid == public.first.kid == keys.first.kid
    assert '"d"' in keys.private()
    assert '"d"' not in keys.public()


def test_a_sealed_secret_opens_for_its_reader_and_its_purpose_alone() -> None:
    reader = sealing_keys()
    sealed = seal(Keys.parse(reader.public()), "link:a-1", "canary")

    assert unlock(reader, "link:a-1", sealed) == "canary"
    assert "canary" not in sealed
    for keys, purpose, value in (
        (reader, "link:a-2", sealed),
        (sealing_keys(), "link:a-1", sealed),
        (reader, "link:a-1", sealed[:-4] + "AAAA"),
        (reader, "link:a-1", ""),
        (reader, "link:a-1", "a.b.c.d.e"),
    ):
        with pytest.raises(TokenError):
            unlock(keys, purpose, value)


def test_what_was_locked_by_an_older_key_still_opens() -> None:
    old, new = vault_keys(), vault_keys()
    locked = lock(old, "totp:a-1", "secret")
    both = Keys.parse(f'{{"keys": [{_inner(new)}, {_inner(old)}]}}')

    assert unlock(both, "totp:a-1", locked) == "secret"
    assert unlock(both, "totp:a-1", lock(both, "totp:a-1", "newer")) == "newer"


def _inner(keys: Keys) -> str:
    """The one key of a set, as JSON."""
    return keys.private().removeprefix('{"keys": [').removesuffix("]}")
