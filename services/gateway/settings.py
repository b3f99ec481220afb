"""Settings of the gateway."""

import ipaddress

from pydantic import Field, field_validator

from services.gateway.domain.proxies import Network, ProxyHeader
from shared.settings import AMQP_URL, KeySetting, Settings

_ORIGINS = r"^(https?://[a-z0-9.-]+(:[0-9]+)?(,https?://[a-z0-9.-]+(:[0-9]+)?)*)?$"
_URLS = r"^https?://[^\s,/]+(,https?://[^\s,/]+)*$"


class GatewaySettings(Settings):
    port: int = Field(8080, ge=0, le=65535, description="The public port; 0 picks a free one.")
    ops_port: int = Field(
        8090,
        ge=0,
        le=65535,
        description="Port for /healthz, /readyz and /metrics; 0 picks a free one.",
    )
    amqp_url: str = Field(
        validation_alias="AMQP_URL",
        pattern=AMQP_URL,
        description="RabbitMQ, e.g. amqp://user:pass@bus/.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^/\s]+$",
        description="Where people reach the portal; the issuer of its tokens.",
    )
    pass_keys: KeySetting = Field(
        description="Private Ed25519 keys that sign passes to the services."
    )
    auth_url: str = Field(
        "http://127.0.0.1:8101", pattern=_URLS, description="Auth; replicas by comma."
    )
    tenancy_url: str = Field(
        "http://127.0.0.1:8102", pattern=_URLS, description="Tenancy; replicas by comma."
    )
    licensing_url: str = Field(
        "http://127.0.0.1:8103", pattern=_URLS, description="Licensing; replicas by comma."
    )
    mailer_url: str = Field(
        "http://127.0.0.1:8104", pattern=_URLS, description="Mailer; replicas by comma."
    )
    upstream_seconds: float = Field(
        10, gt=0, le=120, description="How long a service may take to answer."
    )
    upstream_silent_seconds: float = Field(
        8,
        gt=0,
        le=120,
        description="How long a service may send nothing, before its answer or within it.",
    )
    upstream_at_once: int = Field(
        100,
        ge=1,
        description="Requests under way to one service, and so connections to it, per replica; of "
        "auth and tenancy the gateway itself asks as much besides.",
    )
    answers_mib: int = Field(
        256,
        ge=128,
        description="Memory, in MiB, for answers over 256 KiB while they are read and sent, per "
        "replica; who finds it full hears 503.",
    )
    trusted_proxies: str = Field(
        "",
        description="Networks of the proxies before the gateway, by comma, e.g. 10.0.0.0/8: they "
        "are believed about where a request comes from. Nobody else is.",
    )
    proxy_header: ProxyHeader = Field(
        "X-Forwarded-For",
        description="The header in which they say it. It has to be set by them: the other one is "
        "the client's and ignored.",
    )
    cors_origins: str = Field(
        "",
        pattern=_ORIGINS,
        description="Origins of other sites whose pages may call the portal, by comma.",
    )
    source_per_minute: int = Field(
        6000,
        ge=0,
        description="Requests a minute from one address (IPv6: one /64); 0 for any number.",
    )
    account_per_minute: int = Field(
        1200, ge=0, description="Requests a minute of one account; 0 for any number."
    )
    key_per_minute: int = Field(
        6000, ge=0, description="Requests a minute with one client's API keys; 0 for any number."
    )
    organisation_per_minute: int = Field(
        12000,
        ge=0,
        description="Requests a minute of all accounts and keys of one organisation; "
        "0 for any number.",
    )
    at_once: int = Field(
        64,
        ge=0,
        description="Requests of one organisation, or of one address without a token, that each "
        "replica carries out at once; 0 for any number.",
    )

    streams_of_account: int = Field(
        4, ge=0, description="Streams of changes that one account follows at once, per replica."
    )
    streams: int = Field(
        2000, ge=0, description="Streams of changes at once, per replica; 0 for any number."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _must_be_networks(cls, value: str) -> str:
        _networks(value)
        return value

    @property
    def proxies(self) -> tuple[Network, ...]:
        return _networks(self.trusted_proxies)

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(one for one in self.cors_origins.split(",") if one)

    @property
    def quotas(self) -> dict[str, int]:
        """How many requests a minute each kind of caller may send, 0 for any number."""
        return {
            "source": self.source_per_minute,
            "account": self.account_per_minute,
            "key": self.key_per_minute,
            "organisation": self.organisation_per_minute,
        }


def _networks(text: str) -> tuple[Network, ...]:
    """Networks by comma; ValueError where one is none, or has bits beyond its prefix."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())
