"""By when an account must have a second factor: one rule, written down once per account.

A second factor is compulsory from one date for all (the installation's) and, where the vendor, a
reseller or a tenant has set an earlier one, from that date in all that is theirs. An account that
is made later counts from its making. Then follows a grace, which is the same for everybody:

    deadline = max(required_from, created_at) + grace,  required_from = the earliest date

The clock never starts with a sign-in, so a password that lay idle for years opens nothing, and a
report can foretell every deadline. At the first right password without a factor the deadline is
written to the account; from then on it can come nearer (a tenant sets an earlier date) but nothing
moves it away: not signing in again, not a change of role, not a factor reset, not a later date.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.auth.domain.accounts import Account

REMINDERS: Final = (timedelta(days=7), timedelta(days=1))
"""How long before its deadline somebody without a factor is reminded of it by mail."""


@dataclass(frozen=True)
class Compulsion:
    """From when on a second factor is compulsory in one organisation, and with which grace."""

    required_from: datetime
    grace: timedelta

    def narrowed(self, own: datetime | None) -> "Compulsion":
        """With an organisation's own date, which only counts where it is the earlier one."""
        earlier = min(self.required_from, own) if own is not None else self.required_from
        return Compulsion(earlier, self.grace)


def deadline_of(account: Account, compulsion: Compulsion) -> datetime:
    """From this instant on the account can't be used without a second factor."""
    by_rule = max(compulsion.required_from, account.created_at) + compulsion.grace
    written = account.totp_deadline
    return by_rule if written is None else min(written, by_rule)


def next_reminder(deadline: datetime, now: datetime) -> datetime | None:
    """When to remind of it next, None where there is no such time before it any more."""
    return min((at for each in REMINDERS if (at := deadline - each) > now), default=None)
