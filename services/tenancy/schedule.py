"""What tenancy does as time passes."""

from services.tenancy.jobs.activity import cut_old_activity, link_activity
from shared.service import every

SCHEDULE = [every(0.5, link_activity), every(3600, cut_old_activity)]
