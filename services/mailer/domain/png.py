"""PNG pictures from strangers: whole, small, and with nothing in them but the picture."""

import zlib
from collections.abc import Iterator
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_SHOWN: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""What the picture is made of; comments, profiles, dates and all else are left out."""


class PngError(Exception):
    """The bytes are no PNG, or none of this size; the text says which."""


def cleaned_png(raw: bytes, most: tuple[int, int]) -> bytes:
    """The same picture without anything else; at most so many pixels wide and high."""
    if not raw.startswith(_SIGNATURE):
        raise PngError("The logo must be a PNG picture.")
    chunks = list(_chunks(raw))
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        raise PngError("The logo is no whole PNG picture.")
    header = chunks[0][1]
    width, height = int.from_bytes(header[0:4]), int.from_bytes(header[4:8])
    if not (1 <= width <= most[0] and 1 <= height <= most[1]):
        raise PngError(f"The logo may be {most[0]} pixels wide and {most[1]} high.")
    kept = [_chunk(kind, data) for kind, data in chunks if kind in _SHOWN]
    return _SIGNATURE + b"".join(kept)


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(raw):
        length, kind = int.from_bytes(raw[at : at + 4]), raw[at + 4 : at + 8]
        data, check = raw[at + 8 : at + 8 + length], raw[at + 8 + length : at + 12 + length]
        if len(data) != length or check != zlib.crc32(kind + data).to_bytes(4):
            raise PngError("The logo is no whole PNG picture.")
        yield kind, data
        at += 12 + length
        if kind == b"IEND":
            return  # whatever is hidden behind the picture stays there


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
