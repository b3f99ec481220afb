"""Entity tags: a resource's version, said as ETag and asked for as If-Match (RFC 9110)."""

import re

from shared.errors import PreconditionError, PreconditionMissingError


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def expected_version(if_match: str | None) -> int:
    """The version that the caller read; without one nobody may change anything."""
    if if_match is None:
        raise PreconditionMissingError
    found = re.fullmatch(r'"([0-9]{1,18})"', if_match.strip())
    if found is None:
        raise PreconditionError
    return int(found.group(1))
