"""All that the gateway's handlers may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from services.gateway.clients.doorman import Doorman
from services.gateway.clients.followers import Followers
from services.gateway.clients.upstreams import Answer, BusyError, Upstream
from services.gateway.domain.cors import Sites
from services.gateway.domain.crowds import Crowds
from services.gateway.domain.operations import Table
from services.gateway.domain.proxies import Proxies
from services.gateway.domain.quotas import Quotas
from services.gateway.domain.room import Room
from shared.metrics import Metrics

__all__ = ["Answered", "BusyError", "Deps"]
Answered: TypeAlias = Answer
"""What a service has answered, for handlers that look into it."""


@dataclass(frozen=True)
class Deps:
    table: Table
    doorman: Doorman
    upstreams: Mapping[str, Upstream]
    quotas: Quotas
    crowds: Crowds
    large: Crowds
    """Who takes a large answer, and so holds room."""
    room: Room
    followers: Followers
    proxies: Proxies
    sites: Sites
    metrics: Metrics
    document: bytes
    """The OpenAPI document as it is published."""
    is_https: bool
