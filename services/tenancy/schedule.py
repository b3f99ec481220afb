"""What tenancy does as time passes."""

from services.tenancy.jobs.accesses import look_at_accesses
from services.tenancy.jobs.activity import cut_old_activity, link_activity
from services.tenancy.jobs.delete_due import delete_due
from services.tenancy.jobs.deliver_webhooks import deliver_webhooks
from services.tenancy.jobs.renew_lists import renew_lists
from shared.service import every

SCHEDULE = [
    every(0.5, link_activity),
    every(1.0, renew_lists),
    every(5.0, delete_due),
    every(5.0, look_at_accesses),
    every(3600, cut_old_activity),
]
DELIVERING = every(0.5, deliver_webhooks)
"""As many of these as there are senders; each sends to one webhook at a time."""
