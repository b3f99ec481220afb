"""What tenancy counts of webhooks."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from itertools import chain

from prometheus_client import Counter, Gauge, Metric

from services.tenancy.domain.deliveries import Delivery
from shared.clock import Clock


class WebhookMetrics:
    """Attempts by outcome, and what still waits."""

    def __init__(
        self, waiting: Callable[[], Awaitable[tuple[int, datetime | None]]], now: Clock
    ) -> None:
        self._count_waiting = waiting
        self._now = now
        self._attempts = Counter(
            "portal_webhook_attempts",
            "Attempts at a delivery to a webhook, by the reason why it was not taken (`none` where "
            "it was) and the state that the delivery had afterwards.",
            ["reason", "state"],
            registry=None,
        )
        self._waiting = Gauge(
            "portal_webhook_deliveries_waiting",
            "Deliveries to webhooks that are yet to be taken.",
            registry=None,
        )
        self._oldest = Gauge(
            "portal_webhook_oldest_due_seconds",
            "For how long the delivery that is overdue the longest has been due.",
            registry=None,
        )

    def attempted(self, delivery: Delivery) -> None:
        self._attempts.labels(delivery.reason or "none", delivery.state).inc()

    async def look(self) -> None:
        """Count those that wait; before the figures are asked for."""
        count, due_at = await self._count_waiting()
        self._waiting.set(count)
        late = (self._now() - due_at).total_seconds() if due_at else 0.0
        self._oldest.set(max(late, 0.0))

    def collect(self) -> Iterable[Metric]:
        return chain(self._attempts.collect(), self._waiting.collect(), self._oldest.collect())
