"""All that the gateway's handlers may use."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.clients.doorman import Doorman
from services.gateway.clients.upstreams import Upstream
from services.gateway.domain.operations import Table
from shared.metrics import Metrics


@dataclass(frozen=True)
class Deps:
    table: Table
    doorman: Doorman
    upstreams: Mapping[str, Upstream]
    metrics: Metrics
    document: bytes
    """The OpenAPI document as it is published."""
    is_https: bool
