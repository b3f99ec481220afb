"""The list of common and breached passwords, read once from the file beside this one."""

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import Final

from services.auth.domain.passwords import normalised

LIST: Final = Path(__file__).with_name("common_passwords.txt")


async def common_passwords(more: Path | None = None) -> frozenset[str]:
    """Passwords in lower case that nobody may choose; `more` names a file of the operator's own,
    a password a line.
    """
    shipped = await asyncio.to_thread(_shipped)
    return shipped | await asyncio.to_thread(_read, more) if more else shipped


@lru_cache(maxsize=1)
def _shipped() -> frozenset[str]:
    return _read(LIST)


def _read(path: Path) -> frozenset[str]:
    """Its lines; an introduction of lines with `#` ends with an empty one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines and lines[0].startswith("# "):
        lines = lines[lines.index("") + 1 :]
    return frozenset(normalised(line).casefold() for line in lines if line)
