"""A delivery: one event on its way to one webhook, tried again with growing wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from shared.errors import ConflictError

LONGEST_HOLD: Final = timedelta(days=1)
"""So long at most a receiver keeps us waiting with Retry-After."""
_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_HISTORY: Final = 20
_LATER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Tried as often as the ladder says."""
    DROPPED = "dropped"
    """Not to be sent: the reseller may not see it any more, or the webhook has ended."""


class Reason(StrEnum):
    """Why an attempt, or all of them, came to nothing. What the receiver answered is not kept."""

    ADDRESS_REFUSED = "address_refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    """An answer that is no 2xx."""
    GONE = "gone"
    """410: the webhook has ended."""
    SECRET_UNREADABLE = "secret_unreadable"  # noqa: S105 a reason
    """The key that it was locked with is gone; rotate it."""
    NOT_VISIBLE = "not_visible"
    WEBHOOK_ENDED = "webhook_ended"


class DeliveryWaitsError(ConflictError):
    code = "delivery_waits"
    detail = "This delivery is under way already."


@dataclass(frozen=True)
class Answer:
    """What came of sending: a status code, or why there was none."""

    status_code: int | None = None
    reason: Reason | None = None
    """None where it was taken."""
    retry_after: timedelta | None = None

    @property
    def is_about_the_receiver(self) -> bool:
        """Whether other deliveries would fare the same just now."""
        code = self.status_code
        return self.reason is not None and (
            code is None or code >= HTTPStatus.INTERNAL_SERVER_ERROR or code in _LATER
        )


@dataclass(frozen=True)
class Attempt:
    at: datetime
    status_code: int | None
    reason: Reason | None


@dataclass(frozen=True)
class Delivery:
    id: str
    webhook_id: str
    event_id: str
    event_type: str
    place: str
    created_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    due_at: datetime | None = None
    attempts: int = 0
    reason: Reason | None = None
    status_code: int | None = None
    delivered_at: datetime | None = None
    history: tuple[Attempt, ...] = field(default=())
    version: int = 1


def after(
    delivery: Delivery,
    answer: Answer,
    now: datetime,
    ladder: Sequence[timedelta],
    jitter: float,
) -> Delivery:
    """The delivery when it was tried once more; `jitter` is between 0 and 1."""
    tried = replace(
        delivery,
        attempts=delivery.attempts + 1,
        status_code=answer.status_code,
        reason=answer.reason,
        history=(*delivery.history, Attempt(now, answer.status_code, answer.reason))[
            -_LONGEST_HISTORY:
        ],
    )
    if answer.reason is None:
        return replace(tried, state=DeliveryState.DELIVERED, due_at=None, delivered_at=now)
    if answer.reason is Reason.GONE:
        return replace(tried, state=DeliveryState.DROPPED, due_at=None)
    if tried.attempts > len(ladder):
        return replace(tried, state=DeliveryState.FAILED, due_at=None)
    wait = ladder[tried.attempts - 1] * (1 + jitter / 10)
    return replace(tried, due_at=now + max(wait, answer.retry_after or timedelta(0)))


def dropped(delivery: Delivery, reason: Reason) -> Delivery:
    return replace(delivery, state=DeliveryState.DROPPED, reason=reason, due_at=None)


def hold(answer: Answer, failures: int) -> timedelta:
    """How long the whole webhook rests after this answer, the so-manieth failure in a row."""
    if not answer.is_about_the_receiver:
        return timedelta(0)
    pause = min(_PAUSE * (1 << min(failures - 1, 10)), _LONGEST_PAUSE)
    return max(pause, answer.retry_after or timedelta(0))


def answered(status_code: int, retry_after: str | None, now: datetime) -> Answer:
    """What a receiver's answer means (RFC 9110; Standard Webhooks 1.0.0)."""
    if HTTPStatus.OK <= status_code < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(status_code)
    if status_code == HTTPStatus.GONE:
        return Answer(status_code, Reason.GONE)
    if status_code < HTTPStatus.BAD_REQUEST:
        return Answer(status_code, Reason.REDIRECTED)
    wait = _wait(retry_after, now) if status_code in _LATER else None
    return Answer(status_code, Reason.REFUSED, wait)


def _wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """Retry-After in seconds or as a date (RFC 9110 §10.2.3), within bounds."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        seconds = int(text[:9])
        return min(timedelta(seconds=seconds), LONGEST_HOLD)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return min(max(until - now, timedelta(0)), LONGEST_HOLD)
