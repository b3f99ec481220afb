"""What a service counts, in Prometheus' text format; one registry a service."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.registry import Collector
from typing_extensions import override

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Figures(Protocol):
    """What one service counts besides."""

    async def look(self) -> None:
        """Bring up to date what is not counted as it happens; called before each collection."""

    def collect(self) -> Iterable[Metric]: ...


class Metrics:
    """The counters that all services have, and those of one besides."""

    def __init__(self, service: str, figures: Figures | None = None) -> None:
        self.registry = CollectorRegistry()
        self._figures = figures
        if figures is not None:
            self.registry.register(_Collected(figures))
        self._requests = Counter(
            "portal_http_requests",
            "Requests answered.",
            ["service", "method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "portal_http_request_seconds",
            "Time from request to answer.",
            ["service", "method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._events = Counter(
            "portal_events_consumed",
            "Events taken in, by outcome: done, failed (will be tried again), parked; of "
            "the Reseller Portal's: applied, ignored, rejected.",
            ["service", "type", "outcome"],
            registry=self.registry,
        )
        self._oldest = Gauge(
            "portal_outbox_oldest_seconds",
            "Age of the oldest event that is not yet published.",
            ["service"],
            registry=self.registry,
        )
        self._bus = Gauge(
            "portal_bus_connected",
            "1 while both connections to the bus are up.",
            ["service"],
            registry=self.registry,
        )
        self._letters = Gauge(
            "portal_dead_letters",
            "Events that could not be handled and wait for a person.",
            ["service", "type"],
            registry=self.registry,
        )
        self.service = service
        self._answers: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        """The counters of each kind of answer, as finding them costs more than counting."""

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        known = self._answers.get((method, route, status))
        if known is None:
            known = (
                self._requests.labels(self.service, method, route, str(status)),
                self._seconds.labels(self.service, method, route),
            )
            self._answers[method, route, status] = known
        count, duration = known
        count.inc()
        duration.observe(seconds)

    def consumed(self, event_type: str, outcome: str) -> None:
        self._events.labels(self.service, event_type, outcome).inc()

    def observe_bus(self, *, oldest_seconds: float, connected: bool) -> None:
        self._oldest.labels(self.service).set(oldest_seconds)
        self._bus.labels(self.service).set(int(connected))

    def observe_letters(self, waiting: Mapping[str, int]) -> None:
        self._letters.clear()
        for event_type, count in waiting.items():
            self._letters.labels(self.service, event_type).set(count)

    async def look(self) -> None:
        if self._figures is not None:
            await self._figures.look()

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Collected(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    @override
    def collect(self) -> Iterable[Metric]:
        return self._figures.collect()


METRICS: Final = web.AppKey("metrics", Metrics)
