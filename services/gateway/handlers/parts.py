"""A large answer sent in parts, no faster than it is taken: a slow reader holds no copy of it."""

import asyncio
from typing import Final

from aiohttp import web

TAKEN_SECONDS: Final = 300.0
"""How long the taking of a large answer may last."""
_PART_BYTES: Final = 64 * 1024


async def in_parts(request: web.Request, whole: web.Response, body: bytes) -> web.StreamResponse:
    """Send this answer with this body; where it takes too long, the connection ends."""
    response = web.StreamResponse(status=whole.status, headers=whole.headers)
    response.content_length = len(body)
    try:
        async with asyncio.timeout(TAKEN_SECONDS):
            await response.prepare(request)
            for start in range(0, len(body), _PART_BYTES):
                await response.write(body[start : start + _PART_BYTES])
            await response.write_eof()
    except (ConnectionError, TimeoutError):
        if request.transport is not None:
            request.transport.abort()
    return response
