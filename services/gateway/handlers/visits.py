"""One request on its way through the gateway, and what it has used of whose quotas."""

from aiohttp import web

from services.gateway.deps import Deps
from services.gateway.domain.quotas import Left, RateLimitedError
from services.gateway.domain.trust import Known
from shared.clock import monotonic
from shared.sources import source_of


class Visit:
    """A request, where it comes from, and the quotas that it was counted in."""

    def __init__(self, deps: Deps, request: web.Request, request_id: str) -> None:
        self.deps = deps
        self.request = request
        self.request_id = request_id
        told = request.headers.getall(deps.proxies.header, ())
        self.client = deps.proxies.client(request.remote, tuple(told))
        self.source = source_of(self.client)
        self.lefts: list[Left] = []

    def count_source(self) -> None:
        self._count(("source", self.source))

    def count_caller(self, known: Known) -> None:
        kind = "key" if known.is_machine else "account"
        self._count((kind, known.account), ("organisation", known.org))

    def _count(self, *whose: tuple[str, str]) -> None:
        """Take a token from each of these quotas; RateLimitedError where one is used up."""
        lefts = self.deps.quotas.take(whose, monotonic())
        self.lefts += lefts
        if lefts and lefts[-1].is_refused:
            raise RateLimitedError(retry_after_seconds=lefts[-1].wait_seconds)
