"""Verifies an exported activity (JSON lines) with nothing but Python: no code of the portal's.

    python3 verify_activity.py keys.json part-1.jsonl part-2.jsonl …

`keys.json` is what /v1/activity/keys answers. Exit code 0: nothing was altered, deleted, moved or
cut off. The head's signature is Ed25519 (RFC 8032); rows are chained by SHA-256 over their fields.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a: Point, b: Point) -> Point:
    """The sum of two points of the curve, in extended coordinates."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    c, d = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = f - e, d - c, d + c, e + f
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def point_of(octets: bytes) -> Point:
    """The point that 32 octets stand for; ValueError where they stand for none."""
    number = int.from_bytes(octets, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or y >= P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    base = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    a, b = times(s, base), add(point_of(r), times(h, point_of(key)))
    is_same = (a[0] * b[2] - b[0] * a[2]) % P == (a[1] * b[2] - b[1] * a[2]) % P == 0
    return is_same and len(signature) == 64 and s < L  # noqa: PLR2004 as RFC 8032 has it


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def head_of(token: str, keys: list[dict[str, str]]) -> dict[str, Any]:
    """What the head says, if one of these keys signed it."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(octets(part)) for part in signed.split("."))
    if header["typ"] != "portal-activity-head+jwt" or header["alg"] != "EdDSA":
        raise ValueError("not the head of a chain")
    if not any(is_signed(octets(key["x"]), signed.encode(), octets(signature)) for key in keys):
        raise ValueError("the head was signed by none of these keys")
    return dict(claims)


def main(keys_file: str, *files: str) -> None:
    texts = [text for file in files for text in Path(file).read_text().splitlines()]
    lines = [json.loads(text) for text in texts]
    heads = [line["head"] for line in lines if "head" in line]
    if not heads:
        sys.exit("BROKEN: no head vouches for it")
    head = head_of(heads[-1], json.loads(Path(keys_file).read_text())["keys"])
    sequence, previous = head["cut_sequence"], head["cut_hash"]
    for row in (line for line in lines if "head" not in line):
        bare = {name: value for name, value in row.items() if name != "hash"}
        text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        is_next = (row["chain"], row["sequence"]) == (head["chain"], sequence + 1)
        if not is_next or row["previous"] != previous or row["hash"] != digest:
            sys.exit(f"BROKEN at row {row['sequence']}, after row {sequence}")
        sequence, previous = row["sequence"], digest
    if (sequence, previous) != (head["sequence"], head["hash"]):
        sys.exit(f"BROKEN: ends at row {sequence}, the head vouches for row {head['sequence']}")
    sys.stdout.write(f"whole: {head['chain']}, rows {head['cut_sequence'] + 1} to {sequence}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
