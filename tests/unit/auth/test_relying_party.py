"""The relying party's id and origin come from the address that people reach the portal by."""

from datetime import UTC, datetime, timedelta

import pytest

from services.auth.clients.ceremonies import LIFE, Ceremonies
from services.auth.clients.relying_party import RelyingParty
from services.auth.domain.passkeys import Ceremony, PasskeyRefusedError
from shared.keys import Keys, vault_keys

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("public_url", "rp_id", "origin"),
    [
        ("https://portal.example", "portal.example", "https://portal.example"),
        ("https://Portal.Example:443", "portal.example", "https://portal.example"),
        ("https://portal.example:8443", "portal.example", "https://portal.example:8443"),
        ("http://localhost:8080", "localhost", "http://localhost:8080"),
    ],
)
def test_id_and_origin_are_as_browsers_write_them(public_url: str, rp_id: str, origin: str) -> None:
    party = RelyingParty(public_url)

    assert (party.id, party.origin) == (rp_id, origin)


def test_a_challenge_is_good_for_what_it_was_made_for_until_it_ends() -> None:
    ceremonies = Ceremonies(vault_keys())

    challenge = ceremonies.begin(Ceremony.STEP_UP, "anna:1", NOW)

    ceremonies.check(challenge, Ceremony.STEP_UP, "anna:1", NOW + LIFE - timedelta(seconds=1))
    assert len(set(challenge[:16])) > 4
    assert challenge != ceremonies.begin(Ceremony.STEP_UP, "anna:1", NOW)


@pytest.mark.parametrize("change", ["purpose", "bound to", "late", "prolonged", "cut", "empty"])
def test_a_challenge_is_good_for_nothing_else(change: str) -> None:
    ceremonies = Ceremonies(vault_keys())
    challenge = ceremonies.begin(Ceremony.STEP_UP, "anna:1", NOW)
    until = int((NOW + 2 * LIFE).timestamp()).to_bytes(8)
    changed = {
        "prolonged": challenge[:16] + until + challenge[24:],
        "cut": challenge[:-1],
        "empty": b"",
    }.get(change, challenge)

    with pytest.raises(PasskeyRefusedError):
        ceremonies.check(
            changed,
            Ceremony.SIGN_IN if change == "purpose" else Ceremony.STEP_UP,
            "bert:1" if change == "bound to" else "anna:1",
            NOW + (LIFE if change in {"late", "prolonged"} else timedelta(0)),
        )


def test_challenges_of_a_key_before_the_newest_are_still_good() -> None:
    old, new = vault_keys(), vault_keys()
    both = Keys(type(old.jwks)([*new.jwks.keys, *old.jwks.keys]))
    challenge = Ceremonies(old).begin(Ceremony.SIGN_IN, "", NOW)

    Ceremonies(both).check(challenge, Ceremony.SIGN_IN, "", NOW)
    with pytest.raises(PasskeyRefusedError):
        Ceremonies(new).check(challenge, Ceremony.SIGN_IN, "", NOW)
