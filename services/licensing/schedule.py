"""What licensing does as time passes."""

from typing import Final

from services.licensing.deps import Deps
from services.licensing.jobs.end_stale_orders import end_stale_orders
from services.licensing.jobs.free_silent_seats import free_silent_seats
from services.licensing.jobs.make_statements import make_statements
from services.licensing.jobs.measure_use import measure_use
from services.licensing.jobs.pass_time import pass_time
from services.licensing.jobs.purge_deleted import purge_deleted
from shared.service import Job, every

SCHEDULE: Final[list[Job[Deps]]] = [
    every(10, end_stale_orders),
    every(60, free_silent_seats),
    every(5, purge_deleted),
    every(300, measure_use),
    every(300, make_statements),
    every(1, pass_time),
]
