"""What the mailer does as time passes."""

from services.mailer.jobs.purge_deleted import purge_deleted
from services.mailer.jobs.send_due import send_due
from shared.service import every

SCHEDULE = [every(5.0, purge_deleted)]
SENDER = every(0.2, send_due)
"""One of those that send side by side; there are as many as connections to the relay."""
