"""A connection to a browser by the Chrome DevTools Protocol: commands, answers and events."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeAlias

import aiohttp

Json: TypeAlias = dict[str, Any]
Ear: TypeAlias = Callable[[str, Json], None]
PATIENCE: Final = 45
"""Seconds within which a browser answers, however busy the machine is."""


class DevtoolsError(AssertionError):
    """The browser refused a command or is gone."""


class Devtools:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Json]] = {}
        self.ears: dict[str, Ear] = {}
        """Who hears the events of which session."""

    async def tell(self, method: str, session: str | None = None, /, **parameters: Any) -> Json:
        """Send a command, to the browser or to a session with one of its pages."""
        number = next(self._numbers)
        answered = self._asked[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(command | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(PATIENCE):
            answer = await answered
        if "error" in answer:
            raise DevtoolsError(f"{method}: {answer['error']}")
        result: Json = answer["result"]
        return result

    async def listen(self) -> None:
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                _answer(self._asked.pop(said["id"]), said)
            elif ear := self.ears.get(said.get("sessionId", "")):
                ear(said["method"], said["params"])
        for asked in self._asked.values():
            _answer(asked, {"error": "The browser is gone."})


def _answer(asked: asyncio.Future[Json], answer: Json) -> None:
    if not asked.done():  # whoever asked may have lost patience
        asked.set_result(answer)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Devtools]:
    async with aiohttp.ClientSession() as http, http.ws_connect(url, max_msg_size=0) as socket:
        devtools = Devtools(socket)
        listening = asyncio.create_task(devtools.listen())
        try:
            yield devtools
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
