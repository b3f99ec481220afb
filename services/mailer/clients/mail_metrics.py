"""What the mailer counts besides what every service does."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import chain

from prometheus_client import Counter, Gauge, Metric

from services.mailer.domain.mails import Mail


class MailMetrics:
    """Mails by what became of them, and those that still wait."""

    def __init__(self, count_waiting: Callable[[], Awaitable[Mapping[str, int]]]) -> None:
        self._count_waiting = count_waiting
        self._outcomes = Counter(
            "portal_mails",
            "Attempts at a mail, by template and by the state that the mail had afterwards.",
            ["template", "state"],
            registry=None,
        )
        self._waiting = Gauge(
            "portal_mails_waiting",
            "Mails that are yet to be sent, by state.",
            ["state"],
            registry=None,
        )

    def attempted(self, mail: Mail) -> None:
        self._outcomes.labels(mail.template.value, mail.state.value).inc()

    async def look(self) -> None:
        """Count those that wait; before the figures are asked for."""
        for state, count in (await self._count_waiting()).items():
            self._waiting.labels(state).set(count)

    def collect(self) -> Iterable[Metric]:
        return chain(self._outcomes.collect(), self._waiting.collect())
