"""The form of every event: CloudEvents 1.0.2 in structured JSON around a typed body."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict
from typing_extensions import override


class Service(StrEnum):
    """Who publishes and who reads; each reader has one queue of this name."""

    AUTH = "auth"
    GATEWAY = "gateway"
    LICENSING = "licensing"
    MAILER = "mailer"
    TENANCY = "tenancy"


class Outlet(StrEnum):
    """A queue that somebody outside of the portal reads."""

    REJECTED = "sync.rejected"
    RESELLER_PORTAL = "sync.reseller-portal"


class Event(BaseModel):
    """The body of an event. A subclass names its type, its aggregate's id field and its readers.

    Fields are only ever added, and optional; anything else is a `.v2` beside the `.v1`.
    `gateway` among the readers means every replica of it, at once, and nothing is kept for it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: ClassVar[str]
    about: ClassVar[str]
    readers: ClassVar[frozenset[Service]]
    outlets: ClassVar[frozenset[Outlet]]

    @override
    def __init_subclass__(
        cls,
        *,
        type: str,  # the CloudEvents word
        about: str,
        readers: tuple[Service, ...] = (),
        outlets: tuple[Outlet, ...] = (),
        **rest: Any,
    ) -> None:
        super().__init_subclass__(**rest)
        cls.type, cls.about, cls.readers = type, about, frozenset(readers)
        cls.outlets = frozenset(outlets)
        CATALOGUE[type] = cls

    @property
    def subject(self) -> str:
        return str(getattr(self, self.about))


CATALOGUE: Final[dict[str, type[Event]]] = {}
"""Every event type there is, filled as the modules of this package are imported."""


class CloudEvent(BaseModel):
    """One message on the bus (CloudEvents 1.0.2, JSON event format)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: int
    """The aggregate's version after the change: a reader that knows a later one ignores this."""
    tenantid: str | None = None
    resellerid: str | None = None
    actor: str | None = None
    actororg: str | None = None
    """The organisation of the actor's account."""
    origin: str | None = None
    """`reseller-portal` where this says no more than what a message of its had done."""
    correlationid: str | None = None
    traceparent: str | None = None
    data: dict[str, Any]

    def to_json(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()
