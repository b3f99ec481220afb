"""A real browser: headless Chromium, and pages in it that share no cookie with each other."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from shared.clock import monotonic
from tests.support.authenticators import VirtualAuthenticator
from tests.support.devtools import PATIENCE, Devtools, Json, connected
from tests.support.processes import Process

_SWITCHES: Final = (
    *("--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    "--no-sandbox",  # it knows none as root or in a container, and meets our own pages only
    "--disable-dev-shm-usage",  # which is small in containers
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # The network ends at loopback for a browser too.
    *(
        "--no-proxy-server",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *localhost, EXCLUDE 127.0.0.1",
    ),
    "--remote-debugging-port=0",
)
_DOMAINS: Final = ("Page", "Runtime", "Network", "Log", "Audits", "WebAuthn")
_COMPLAINTS: Final = {"Log.entryAdded", "Audits.issueAdded", "Runtime.exceptionThrown"}
_ADVICE: Final = "verbose"
"""The level of what the browser recommends and nobody did wrong."""
Found = TypeVar("Found")


class Page:
    """A tab in a profile of its own, and what it has said since it was opened."""

    def __init__(self, devtools: Devtools, session: str) -> None:
        self._devtools, self._session = devtools, session
        self._heard: list[tuple[str, Json]] = []
        self._news = asyncio.Event()
        devtools.ears[session] = self._hear

    def _hear(self, method: str, event: Json) -> None:
        self._heard.append((method, event))
        self._news.set()

    async def tell(self, method: str, **parameters: Any) -> Json:
        return await self._devtools.tell(method, self._session, **parameters)

    def heard(self, method: str) -> list[Json]:
        return [event for name, event in self._heard if name == method]

    async def until(self, holds: Callable[[], Found]) -> Found:
        """Wait until this is true (or anything else that is) by what the page has said."""
        async with asyncio.timeout(PATIENCE):
            while not (found := holds()):
                self._news.clear()
                await self._news.wait()
        return found

    async def open(self, url: str) -> None:
        """Go there and wait until everything is loaded."""
        self._heard.clear()
        gone = await self.tell("Page.navigate", url=url)
        assert "errorText" not in gone, (url, gone["errorText"])
        loaded = ("load", gone["loaderId"])
        events = "Page.lifecycleEvent"
        await self.until(
            lambda: loaded in [(one["name"], one["loaderId"]) for one in self.heard(events)]
        )

    async def run(self, script: str) -> Any:
        """Evaluate an expression in the page, as its own script would; wait for a promise's end."""
        done = await self.tell(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    async def call(self, function: str, *given: Any) -> Any:
        """Call a function, given as an expression, with arguments that JSON can carry."""
        return await self.run(f"({function})(...{json.dumps(given)})")

    async def once(self, condition: str) -> Any:
        """Wait until this expression holds in the page; its value then."""
        look = f"const found = {condition}; found ? done(found) : setTimeout(look, 20)"
        return await self.run(f"new Promise(done => {{ const look = () => {{ {look} }}; look() }})")

    async def type(self, selector: str, text: str) -> None:
        """Put this into a field, in place of what is there."""
        await self.call("selector => document.querySelector(selector).select()", selector)
        await self.tell("Input.insertText", text=text)

    @property
    def requests(self) -> list[str]:
        """The addresses that it has asked for, in order."""
        return [str(one["request"]["url"]) for one in self.heard("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[Json]:
        """What the browser had to say against the page, such as a breach of its policy."""
        found = [event for name, event in self._heard if name in _COMPLAINTS]
        return [event for event in found if event.get("entry", {}).get("level") != _ADVICE]

    async def authenticator(self, **options: Any) -> VirtualAuthenticator:
        """Plug in one more authenticator; it stays for whatever is opened here later."""
        return await VirtualAuthenticator.plugged_in(self.tell, **options)

    async def cookies(self) -> dict[str, Json]:
        """All cookies of this page's profile, by name, also those that no script may see."""
        found = await self.tell("Network.getAllCookies")
        return {one["name"]: one for one in found["cookies"]}


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Devtools]:
    """A browser that keeps all its files in this folder."""
    program = shutil.which("chromium")
    assert program, "The tests need a browser: install Debian's package chromium."
    log, env = folder / "chromium.log", {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    profile = folder / "profile"
    process = Process(program, *_SWITCHES, f"--user-data-dir={profile}", log=log, env=env)
    process.start()
    try:
        port, path = await _door(process, profile / "DevToolsActivePort")
        async with connected(f"ws://127.0.0.1:{port}{path}") as devtools:
            yield devtools
    finally:
        await process.stop()


async def _door(process: Process, note: Path) -> tuple[str, str]:
    """Where the browser listens: it leaves a note of two lines when it is ready."""
    until = monotonic() + PATIENCE
    while process.is_running and monotonic() < until:
        lines = _lines_of(note)
        if len(lines) == 2:
            return lines[0], lines[1]
        await asyncio.sleep(0.02)
    state = "is not ready" if process.is_running else f"ended with {process.exit_code}"
    raise AssertionError(f"Chromium {state}:\n{process.output[-4000:]}")


def _lines_of(note: Path) -> list[str]:
    return note.read_text().split() if note.exists() else []


@asynccontextmanager
async def opened(devtools: Devtools) -> AsyncIterator[Page]:
    """A blank page, which is closed with its profile afterwards."""
    profile = (await devtools.tell("Target.createBrowserContext"))["browserContextId"]
    try:
        target = await devtools.tell(
            "Target.createTarget", url="about:blank", browserContextId=profile
        )
        attached = await devtools.tell(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        page = Page(devtools, attached["sessionId"])
        for domain in _DOMAINS:
            await page.tell(f"{domain}.enable")
        await page.tell("Page.setLifecycleEventsEnabled", enabled=True)
        await page.tell("Emulation.setFocusEmulationEnabled", enabled=True)
        yield page
    finally:
        await devtools.tell("Target.disposeBrowserContext", browserContextId=profile)
