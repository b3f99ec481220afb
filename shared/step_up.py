"""Step-up: what is asked of an operation for which an old sign-in is not enough (RFC 9470)."""

from datetime import datetime, timedelta
from typing import Final

from shared.errors import UnauthenticatedError

MAX_AGE: Final = timedelta(minutes=10)
"""How long ago the second factor may have been shown."""
_CLOCKS_DIFFER: Final = timedelta(minutes=1)
ACR: Final = "urn:portal:acr:mfa"
"""The `acr` of a sign-in with a second factor (RFC 9068 §2.2.1)."""


class StepUpError(UnauthenticatedError):
    """The factor was shown too long ago, or never; `POST /v1/session/step-up` shows it again."""

    code = "insufficient_user_authentication"
    detail = "Show your second factor again, then repeat this within ten minutes."
    challenge = (
        'Bearer realm="portal", error="insufficient_user_authentication", '
        f'acr_values="{ACR}", max_age="{int(MAX_AGE.total_seconds())}"'
    )


def must_be_fresh(factor_at: int | None, now: datetime) -> None:
    """Raise StepUpError unless a factor was shown at most ten minutes ago (POSIX seconds)."""
    if factor_at is None:
        raise StepUpError
    age = timedelta(seconds=now.timestamp() - factor_at)
    if not -_CLOCKS_DIFFER <= age <= MAX_AGE:
        raise StepUpError
