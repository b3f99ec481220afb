"""The gateway's place on the bus, which may be lost before it is taken."""

from collections.abc import Iterable
from typing import Any

import pytest
from typing_extensions import override

from services.gateway import app
from services.gateway.app import Ear
from services.gateway.clients.followers import Followers
from shared.bus import Bus, BusLostError, Hear, Hub, InProcessBus
from shared.contracts.events import Service

NOBODY: Any = None


class Lost(InProcessBus):
    """Gone while it is asked to be heard."""

    is_closed = False

    @override
    async def listen(self, types: Iterable[str], hear: Hear) -> None:
        raise BusLostError

    @override
    async def close(self) -> None:
        self.is_closed = True


async def test_a_bus_that_is_lost_on_the_way_is_waited_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "AGAIN_SECONDS", 0.01)
    hub = Hub()
    lost = [Lost(hub), Lost(hub)]
    buses = [InProcessBus(hub), *lost]

    async def connect(_: Service) -> Bus:
        return buses.pop()

    ear = Ear(connect)
    before = ear.silent_seconds()

    await ear.open(NOBODY, NOBODY, Followers(1, 1))

    assert before == float("inf")
    assert ear.silent_seconds() == 0
    assert [one.is_closed for one in lost] == [True, True]
    assert len(hub.listeners) == 1


async def test_what_is_no_absence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(_: Service) -> Bus:
        raise RuntimeError("refused")

    monkeypatch.setattr(app, "AGAIN_SECONDS", 0.01)

    with pytest.raises(RuntimeError, match="refused"):
        await Ear(connect).open(NOBODY, NOBODY, Followers(1, 1))
