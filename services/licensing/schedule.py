"""What licensing does as time passes."""

from typing import Final

from services.licensing.deps import Deps
from services.licensing.jobs.free_silent_seats import free_silent_seats
from services.licensing.jobs.measure_use import measure_use
from services.licensing.jobs.purge_deleted import purge_deleted
from shared.service import Job, every

SCHEDULE: Final[list[Job[Deps]]] = [
    every(60, free_silent_seats),
    every(5, purge_deleted),
    every(300, measure_use),
]
