"""The operators' listener: alive, ready, measured; never on the public port."""

from collections.abc import Callable, Mapping

from aiohttp import web
from prometheus_client import Gauge

from services.gateway.domain.trust import BUS_SILENT_SECONDS
from shared.metrics import METRICS, Metrics


def operators_app(
    metrics: Metrics,
    open_breakers: Callable[[], Mapping[str, bool]],
    bus_silent_seconds: Callable[[], float],
    is_stopping: Callable[[], bool],
) -> web.Application:
    breakers = Gauge(
        "portal_upstream_open",
        "1 while a service has failed so often that it is not asked.",
        ["service", "upstream"],
        registry=metrics.registry,
    )
    app = web.Application()
    app[METRICS] = metrics

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_: web.Request) -> web.Response:
        """Ready also without the bus: decisions are then asked for every five seconds."""
        hears = bus_silent_seconds() <= BUS_SILENT_SECONDS
        status = 503 if is_stopping() else 200
        return web.json_response({"running": not is_stopping(), "bus": hears}, status=status)

    async def measured(_: web.Request) -> web.Response:
        hears = bus_silent_seconds() <= BUS_SILENT_SECONDS
        metrics.observe_bus(oldest_seconds=0.0, connected=hears)
        for name, is_open in open_breakers().items():
            breakers.labels(metrics.service, name).set(int(is_open))
        return web.Response(body=metrics.text(), content_type="text/plain", charset="utf-8")

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", measured)
    return app
