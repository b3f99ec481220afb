"""What the portal says on its broker is what its AsyncAPI document says."""

import asyncio
from typing import Final

import pytest

from shared.contracts.auth import AccountRecorded
from shared.contracts.licensing import LicenceCreated
from tests.support.deployments import Fleet
from tests.support.wiretap import Wiretap

pytestmark = [pytest.mark.rabbitmq, pytest.mark.asyncio(loop_scope="session")]
SEEDED: Final = {AccountRecorded.type, LicenceCreated.type}


async def test_the_messages_of_the_demo_world_are_as_documented(
    many_processes: Fleet, wiretap: Wiretap
) -> None:
    assert many_processes.processes

    async with asyncio.timeout(30):
        while not {said.routing_key for said in wiretap.heard} >= SEEDED:
            await asyncio.sleep(0.1)

    assert wiretap.flaws() == []
