"""The question of products' back ends: what is a device, or whoever has a key, licensed for?"""

from dataclasses import dataclass

from services.licensing.deps import Deps
from services.licensing.domain.decisions import Decision, Question, decide


@dataclass(frozen=True)
class Asked:
    """By the device's id, or by a licence key, alone or with a fingerprint."""

    feature: str
    device_id: str | None = None
    licence_key: str | None = None
    fingerprint: str | None = None


async def check(deps: Deps, asked: Asked) -> Decision:
    return decide(await _known(deps, asked), deps.now())


async def check_all(deps: Deps, asked: list[Asked]) -> list[Decision]:
    """Every question answered as if it were asked alone, in their order."""
    return [await check(deps, each) for each in asked]


async def _known(deps: Deps, asked: Asked) -> Question:
    if asked.device_id is not None:
        licence = await deps.seat_memory.of_device(asked.device_id)
        return Question(asked.feature, licence, has_seat=licence is not None)
    licence = await deps.licences.by_key(asked.licence_key or "")
    if licence is None or asked.fingerprint is None:
        return Question(asked.feature, licence)
    has_seat = await deps.seat_memory.has_seat(licence, asked.fingerprint)
    return Question(asked.feature, licence, has_seat)
