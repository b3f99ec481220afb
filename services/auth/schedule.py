"""What auth does as time passes."""

from services.auth.jobs.finish_resets import finish_resets
from services.auth.jobs.purge_deleted import purge_deleted
from shared.service import every

SCHEDULE = [every(1.0, finish_resets), every(5.0, purge_deleted)]
