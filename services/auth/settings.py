"""Settings of auth."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, Field, SecretStr, ValidationInfo, field_validator

from shared.settings import KeySetting, ServiceSettings


class AuthSettings(ServiceSettings):
    port: int = Field(8101, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^/\s]+$",
        description="Where people reach the portal; the issuer of its tokens.",
    )
    token_keys: KeySetting = Field(description="Private Ed25519 keys that sign access tokens.")
    vault_keys: KeySetting = Field(
        description="Keys that encrypt TOTP secrets and mark refresh tokens."
    )
    mailer_public_keys: KeySetting = Field(
        description="Public X25519 key of the mailer, for link tokens."
    )
    totp_required_from: AwareDatetime = Field(
        datetime(2024, 3, 1, tzinfo=UTC),
        description="From this instant on a second factor is compulsory for every account.",
    )
    totp_grace: timedelta = Field(
        timedelta(0),
        ge=timedelta(0),
        description="How long after that, or after its making, an account may still do without.",
    )
    totp_reset_wait: timedelta = Field(
        timedelta(hours=24),
        ge=timedelta(0),
        description="How long the reset of a lost second factor waits for its owner to stop it.",
    )
    reseller_portal_url: str = Field(
        "https://reseller-portal.example",
        description="Where accounts labelled RSP manage their sign-in.",
    )
    reseller_portal_issuer: str | None = Field(
        None,
        pattern=r"^(https://|http://(127\.0\.0\.1|\[::1\]|localhost)(:|/|$))[^\s?#]*$",
        description="OpenID Connect issuer of the Reseller Portal, exactly as it calls itself; "
        "without one nobody signs in with an account of it.",
    )
    reseller_portal_client_id: str | None = Field(
        None, validate_default=True, description="What the issuer calls this portal."
    )
    reseller_portal_client_secret: SecretStr | None = Field(
        None, description="Its secret; without one this portal is a public client."
    )
    reseller_portal_scope: str = Field(
        "openid",
        pattern=r"^(\S+ )*openid( \S+)*$",
        description="Scopes asked for, `openid` among them.",
    )
    reseller_portal_acr: str = Field(
        "",
        description="Values of `acr`, separated by spaces, that mean a second factor was shown; "
        "they are asked for.",
    )
    reseller_portal_amr: str = Field(
        "mfa",
        description="Values of `amr`, separated by spaces, each of which means the same.",
    )
    argon2_memory_kib: int = Field(
        19456, ge=1024, description="Memory of one password hash in KiB."
    )
    argon2_passes: int = Field(2, ge=1, description="Passes over the memory of one password hash.")
    slowest_hash: timedelta = Field(
        timedelta(seconds=1),
        description="A refused sign-in takes so long while hashes remain that were made elsewhere "
        "or with other parameters, so that its time does not tell whose they are.",
    )
    refused_passwords_file: Path | None = Field(
        None,
        description="Passwords that nobody may choose besides those shipped, one a line in UTF-8.",
    )
    throttle_account_failures: int = Field(
        5, ge=1, description="Wrong passwords or codes for one account before waits begin."
    )
    throttle_account_wait: timedelta = Field(
        timedelta(minutes=15), description="Longest wait of one account; the first is a second."
    )
    throttle_source_failures: int = Field(
        50, ge=1, description="Wrong passwords or codes from one source before waits begin."
    )
    throttle_source_wait: timedelta = Field(
        timedelta(minutes=1), description="Longest wait of one source."
    )
    throttle_org_failures: int = Field(
        200, ge=1, description="Wrong passwords or codes in one organisation before waits begin."
    )
    throttle_org_wait: timedelta = Field(
        timedelta(minutes=1), description="Longest wait of one organisation."
    )
    forgotten_reports: int = Field(
        30, ge=1, description="Forgotten passwords that one source may report before waits begin."
    )
    device_life: timedelta = Field(
        timedelta(days=90), description="How long a device is known after a sign-in from it."
    )
    access_seconds: int = Field(300, ge=30, le=3600, description="Life of an access token.")
    session_idle: timedelta = Field(
        timedelta(hours=1), description="A session ends when unused so long."
    )
    session_absolute: timedelta = Field(
        timedelta(hours=12), description="A session ends after so long."
    )
    reset_life: timedelta = Field(
        timedelta(minutes=30), description="Life of a password-reset link."
    )
    invitation_life: timedelta = Field(timedelta(days=7), description="Life of an invitation link.")

    @field_validator("reseller_portal_client_id")
    @classmethod
    def _is_known_to_the_issuer(cls, client_id: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("reseller_portal_issuer") is not None and not client_id:
            raise ValueError("is needed with PORTAL_RESELLER_PORTAL_ISSUER")
        return client_id
