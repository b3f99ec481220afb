"""What auth does as time passes."""

from services.auth.jobs.finish_resets import finish_resets
from shared.service import every

SCHEDULE = [every(1.0, finish_resets)]
