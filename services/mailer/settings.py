"""Settings of the mailer."""

from typing import Literal, TypeAlias

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from services.mailer.domain.dkim_keys import read_dkim_key
from shared.fields import TypedEmail, TypedName
from shared.settings import KeySetting, ServiceSettings

SmtpSecurity: TypeAlias = Literal["starttls", "tls", "none"]


class MailerSettings(ServiceSettings):
    port: int = Field(8104, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^/\s]+$",
        description="Where people reach the portal; every link in a mail begins with it.",
    )
    mailer_keys: KeySetting = Field(
        description="Private X25519 keys that open what is sealed for the mailer."
    )
    reseller_portal_url: str = Field(
        "https://reseller-portal.example",
        pattern=r"^https?://[^/\s]\S*$",
        description="Where accounts labelled RSP manage their sign-in.",
    )
    smtp_host: str = Field("127.0.0.1", min_length=1, description="The relay that takes our mails.")
    smtp_port: int = Field(1025, ge=1, le=65535, description="Port of the relay.")
    smtp_security: SmtpSecurity = Field(
        "starttls",
        description="`starttls` or `tls`, with a valid certificate; `none` only for a catcher.",
    )
    smtp_username: str | None = Field(
        None, description="User name at the relay, where it wants one."
    )
    smtp_password: SecretStr | None = Field(None, description="Password at the relay.")
    mail_from: TypedEmail = Field(
        "no-reply@portal.example", description="Address that mails come from."
    )
    mail_from_name: TypedName = Field(
        "Mobile Security Portal", description="Name beside the address that mails come from."
    )
    dkim_selector: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
        description="Name of the DKIM key in the DNS of the sender's domain; with the key.",
    )
    dkim_key: SecretStr | None = Field(
        None,
        validate_default=True,
        description="Private key for DKIM, Ed25519 or RSA, in PEM; with the selector.",
    )
    smtp_connections: int = Field(
        4, ge=1, le=64, description="Mails under way at once, each on a connection of its own."
    )
    smtp_domain_connections: int = Field(
        3, ge=1, le=64, description="Mails under way at once to one domain, in each replica."
    )
    smtp_seconds: float = Field(
        60, gt=0, le=600, description="How long the relay may take over one mail."
    )

    @field_validator("dkim_key")
    @classmethod
    def _must_sign(cls, key: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        selector = others.data.get("dkim_selector")
        if (key is None) != (selector is None):
            raise ValueError("Set PORTAL_DKIM_SELECTOR and PORTAL_DKIM_KEY, or neither.")
        if key is not None:
            read_dkim_key(key.get_secret_value())
        return key

    @field_validator("smtp_username")
    @classmethod
    def _never_in_clear(cls, username: str | None, others: ValidationInfo) -> str | None:
        if username and others.data.get("smtp_security") == "none":
            raise ValueError("A password is only sent over TLS: set PORTAL_SMTP_SECURITY.")
        return username
