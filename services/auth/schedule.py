"""What auth does as time passes."""

from services.auth.jobs.finish_resets import finish_resets
from services.auth.jobs.purge_deleted import purge_deleted
from services.auth.jobs.tell_refusals import tell_refusals
from shared.service import every

SCHEDULE = [every(1.0, finish_resets), every(5.0, purge_deleted), every(5.0, tell_refusals)]
