"""What auth does as time passes."""

from services.auth.jobs.finish_resets import finish_resets
from services.auth.jobs.purge_deleted import purge_deleted
from services.auth.jobs.remind_of_deadlines import remind_of_deadlines
from services.auth.jobs.tell_refusals import tell_refusals
from shared.service import every

SCHEDULE = [
    every(1.0, finish_resets),
    every(5.0, purge_deleted),
    every(60.0, remind_of_deadlines),
    every(5.0, tell_refusals),
]
