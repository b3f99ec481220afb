"""What the gateway's replicas tell each other."""

from pydantic import Field

from shared.contracts.events import Event, Service


class QuotaUsed(
    Event, type="portal.gateway.quota.used.v1", about="replica_id", readers=(Service.GATEWAY,)
):
    """A replica of the gateway is there, and has let through so many requests since it last spoke.

    Whose they were is told by digests, which mean something to other replicas alone.
    """

    replica_id: str
    used: dict[str, int] = Field(max_length=1000)
