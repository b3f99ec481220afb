"""Verifies a licence file offline; needs Python 3.9 and `cryptography`, nothing of the portal.

python verify.py FILE KEYS REVOCATIONS [--at SECONDS] [--fingerprint TEXT]

KEYS and REVOCATIONS are the portal's /.well-known/licence-keys.json and licence-revocations. Prints
the contents of the file; where it is not good, says why and ends with 1.
"""

from __future__ import annotations

import argparse
import base64
import json
import pathlib
import sys
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FILE_TYPE = "portal-licence+jwt"
LIST_TYPE = "portal-licence-revocations+jwt"
ISSUER = "portal-licensing"
Json = dict[str, Any]


class RefusedError(Exception):
    """The file is not good; the text is one word that says why."""


def verify(
    file: str, keys: Json, listed: str, now: int, fingerprint: str | None = None, least: int = 0
) -> Json:
    """The contents of a good licence file.

    Keep the `number` of the newest list you saw and give it as `least`, so that none is older.
    """
    contents = _signed(file, keys, FILE_TYPE)
    if now < contents["nbf"]:
        raise RefusedError("not_yet_valid")
    if now >= contents["exp"]:
        raise RefusedError("expired")
    revoked = _signed(listed, keys, LIST_TYPE)
    if now >= revoked["exp"] or revoked["number"] < least:
        raise RefusedError("list_outdated")
    seat = contents["seat"]
    if contents["sub"] in revoked["licences"] or (seat and seat["device_id"] in revoked["devices"]):
        raise RefusedError("revoked")
    if {"licence": contents["sub"], "tenant": contents["tenant"]} in revoked["transferred"]:
        raise RefusedError("revoked")
    if fingerprint is not None and (seat is None or seat["fingerprint"] != fingerprint):
        raise RefusedError("other_device")
    return contents


def _signed(jws: str, keys: Json, typ: str) -> Json:
    """The claims of a compact JWS of this type that one of these keys signed (RFC 7515, 8037)."""
    try:
        header, payload, signature = jws.strip().split(".")
        told, raw = json.loads(_bytes(header)), _bytes(signature)
        claims = json.loads(_bytes(payload))
        algorithm, kind, kid = told["alg"], told["typ"], told["kid"]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError("malformed") from error
    if algorithm != "EdDSA" or "crit" in told:
        raise RefusedError("wrong_algorithm")
    if kind != typ:
        raise RefusedError("wrong_type")
    known = [one for one in keys["keys"] if one["kid"] == kid and one.get("crv") == "Ed25519"]
    if not known:
        raise RefusedError("unknown_key")
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(known[0]["x"]))
        key.verify(raw, f"{header}.{payload}".encode())
    except InvalidSignature as error:
        raise RefusedError("bad_signature") from error
    if claims["iss"] != ISSUER:
        raise RefusedError("wrong_issuer")
    return dict(claims)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verify a licence file offline.")
    for name in ("file", "keys", "revocations"):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--at", type=int, default=int(time.time()), help="POSIX seconds; now")
    parser.add_argument("--fingerprint", help="of the device that the file must be for")
    given = parser.parse_args()
    try:
        keys = json.loads(given.keys.read_text())
        texts = given.file.read_text(), keys, given.revocations.read_text()
        print(json.dumps(verify(*texts, given.at, given.fingerprint)))
    except RefusedError as refused:
        sys.exit(str(refused))
