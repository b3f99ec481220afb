"""Makes the test vectors for verifiers of licence files: good ones, and attacks with their answer.

They are signed with the key of RFC 8037, appendix A, which everybody knows: it guards nothing.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from services.licensing.domain.devices import Platform, Wish, device_of
from services.licensing.domain.licence_files import (
    FILE_TYPE,
    LIST_TYPE,
    FileRules,
    Revoked,
    contents,
    revocations,
)
from services.licensing.domain.licences import Entitlement, Licence
from services.licensing.domain.products import known_product
from shared.keys import Keys, sign

VECTORS: Final = Path(__file__).parent.parent / "examples/licence_file/vectors.json"
NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
_KEY: Final = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
}
_KEYS: Final = Keys.parse(json.dumps(_KEY))
_RULES: Final = FileRules(life=timedelta(days=30), listed_every=timedelta(hours=1))
_LICENCE: Final = Licence(
    id="0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c",
    key="MS-00000-00000-00000-00000",
    product="mobile-security",
    seats=25,
    starts_on=date(2026, 3, 10),
    ends_on=date(2027, 3, 9),
    tenant_id="123456.sms",
    reseller_id="100001.rsp",
    created_at=NOON,
    entitlements=tuple(map(Entitlement, known_product("mobile-security").entitlements)),
)
_DEVICE: Final = device_of(
    _LICENCE,
    Wish("sha256:5f1d3c0a", "Tablet", Platform.ANDROID),
    device_id="5b4a3f2e1d0c9b8a7f4e2b1c3a5f6d0d",
    now=NOON,
)
_LATE: Final = NOON + timedelta(days=30) - timedelta(minutes=1)
_AT: Final = int(NOON.timestamp()) + 60


def vectors() -> str:
    """All cases with the answer that a verifier has to give: `valid` or its one word of refusal."""
    claims = contents(_LICENCE, _DEVICE, NOON, _RULES)
    good = sign(_KEYS, FILE_TYPE, claims)
    header, payload, signature = good.split(".")
    listed = _list()
    soon = contents(replace(_LICENCE, starts_on=date(2026, 3, 11)), None, NOON, _RULES)
    cases = [
        _case("a device's file", good, "valid"),
        _case("the same, for this device", good, "valid", fingerprint="sha256:5f1d3c0a"),
        _case("a file without a seat", sign(_KEYS, FILE_TYPE, {**claims, "seat": None}), "valid"),
        _case("the last second", good, "valid", at=claims["exp"] - 1, listed=_list(made_at=_LATE)),
        _case("for another device", good, "other_device", fingerprint="sha256:00000000"),
        _case("expired", good, "expired", at=claims["exp"]),
        _case("of a licence that is yet to start", sign(_KEYS, FILE_TYPE, soon), "not_yet_valid"),
        _case("a licence that was revoked", good, "revoked", listed=_list(licences=[_LICENCE.id])),
        _case("a device that was removed", good, "revoked", listed=_list(devices=[_DEVICE.id])),
        _case(
            "a licence that another customer has now",
            good,
            "revoked",
            listed=_list(transferred=[(_LICENCE.id, "123456.sms")]),
        ),
        _case(
            "a licence that was another customer's",
            good,
            "valid",
            listed=_list(transferred=[(_LICENCE.id, "200001.sms"), ("other", "123456.sms")]),
        ),
        _case("an old list", good, "list_outdated", at=_AT + 3600),
        _case("a changed payload", f"{header}.{_raised(claims)}.{signature}", "bad_signature"),
        _case("a cut signature", good[:-8], "bad_signature"),
        _case("alg none", f"{_head(alg='none')}.{payload}.", "wrong_algorithm"),
        _case("alg HS256", f"{_head(alg='HS256')}.{payload}.{signature}", "wrong_algorithm"),
        _case(
            "a critical header", f"{_head(crit=['b64'])}.{payload}.{signature}", "wrong_algorithm"
        ),
        _case("no key named", f"{_head(kid=None)}.{payload}.{signature}", "malformed"),
        _case("a foreign key", f"{_head(kid='other')}.{payload}.{signature}", "unknown_key"),
        _case("a key that nobody published", _with_own_key(claims), "unknown_key"),
        _case("the list as a file", listed, "wrong_type"),
        _case("a file as the list", good, "wrong_type", listed=good),
        _case("a forged list", good, "bad_signature", listed=listed[:-8] + "AAAAAAAA"),
        _case("a token of the portal", sign(_KEYS, "at+jwt", claims), "wrong_type"),
        _case("another issuer", sign(_KEYS, FILE_TYPE, {**claims, "iss": "x"}), "wrong_issuer"),
        _case("two parts", f"{header}.{payload}", "malformed"),
        _case("nothing", "", "malformed"),
    ]
    told = {"about": __doc__, "keys": json.loads(_KEYS.public()), "cases": cases}
    return json.dumps(told, indent=1) + "\n"


def _case(
    name: str,
    file: str,
    expect: str,
    *,
    at: int = _AT,
    listed: str | None = None,
    fingerprint: str | None = None,
) -> Mapping[str, Any]:
    return {
        "name": name,
        "file": file,
        "revocations": listed or _list(),
        "at": at,
        "fingerprint": fingerprint,
        "expect": expect,
    }


def _list(
    *,
    licences: Sequence[str] = (),
    devices: Sequence[str] = (),
    transferred: Sequence[tuple[str, str]] = (),
    made_at: datetime = NOON,
) -> str:
    revoked = Revoked(frozenset(licences), frozenset(devices), frozenset(transferred))
    return sign(_KEYS, LIST_TYPE, revocations(revoked, made_at, _RULES))


def _head(**other: Any) -> str:
    header = {"alg": "EdDSA", "typ": FILE_TYPE, "kid": _KEY["kid"], **other}
    return _base64url({name: value for name, value in header.items() if value is not None})


def _raised(claims: Mapping[str, Any]) -> str:
    return _base64url({**claims, "licence": {**claims["licence"], "seats": 9999}})


def _with_own_key(claims: Mapping[str, Any]) -> str:
    theirs = Keys.parse(json.dumps({**_KEY, "kid": "theirs"}))
    return sign(theirs, FILE_TYPE, claims)


def _base64url(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
