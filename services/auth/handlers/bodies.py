"""What auth's operations take and answer."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, RootModel, StringConstraints

from services.auth.domain.factors import Factor
from services.auth.domain.signing_in import Next
from shared.fields import Locale, TypedName
from shared.ids import TypedOrg
from shared.models import Model

Username = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Transport = Literal["cookie", "body"]
DeviceToken = Annotated[str, StringConstraints(max_length=512)]
_DEVICE: Final = "Of the last sign-in from this device, where the client has no cookies."


class LoginBody(Model):
    username: Username = Field(examples=["admin"])
    password: Password
    tenant: TypedOrg = Field(
        examples=["123456.sms"],
        description="The organisation's id; the portal's form calls it Tenant Domain.",
    )
    transport: Transport = Field(
        "cookie", description="Where the refresh token travels; clients without cookies say `body`."
    )
    device_token: DeviceToken | None = Field(None, description=_DEVICE)


class NoticeView(Model):
    code: str = Field(examples=["totp_due"])
    detail: str
    deadline: datetime | None
    days_left: int | None
    url: str | None = Field(description="Where to act, where that is not here.")


class SignedInView(Model):
    next: Literal[Next.DONE] = Next.DONE
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 a kind of token
    expires_in: int = Field(description="Seconds until the access token expires.")
    notices: list[NoticeView]


class SignedInWithRefreshView(SignedInView):
    refresh_token: str
    device_token: str | None = Field(
        description="To send at the next sign-in from this device; null where none was made."
    )


class CodeWantedView(Model):
    next: Literal[Next.TOTP] = Next.TOTP
    challenge: str
    factors: list[Factor] = Field(
        description="What is taken as the second step: a code at `/v1/login/totp`, or a passkey at "
        "`/v1/login/passkey`."
    )


class ActivationWantedView(Model):
    next: Literal[Next.ENROL_TOTP] = Next.ENROL_TOTP
    challenge: str = Field(
        description="Stands in for the token at the calls that activate TOTP or register a passkey."
    )
    deadline: datetime


class ElsewhereView(Model):
    next: Literal[Next.RESELLER_PORTAL] = Next.RESELLER_PORTAL
    url: str


class SignedInAnswer(RootModel[SignedInWithRefreshView | SignedInView]):
    """Signed in; with the refresh token where the client asked for it in the body."""


class LoginAnswer(
    RootModel[
        SignedInWithRefreshView
        | SignedInView
        | CodeWantedView
        | ActivationWantedView
        | ElsewhereView
    ]
):
    """What follows on the right password."""


class CodeBody(Model):
    challenge: Token
    code: Code = Field(
        examples=["123456"], description="Of the authenticator app, or a recovery code."
    )
    device_token: DeviceToken | None = Field(None, description=_DEVICE)


class RefreshBody(Model):
    refresh_token: Token | None = None


class ForgottenBody(Model):
    username: Username = Field(examples=["admin"])
    tenant: TypedOrg | None = Field(None, examples=["123456.sms"])


class ResetBody(Model):
    token: Token = Field(description="Of the link of a reset or an invitation.")
    new_password: Password


class ChangePasswordBody(Model):
    old_password: Password
    new_password: Password


class TotpView(Model):
    active: Literal[True] = True
    activated_at: datetime
    recovery_codes_left: int


class MeView(Model):
    id: str
    org: str = Field(examples=["123456.sms"])
    username: str
    email: str
    display_name: str
    locale: str = Field(examples=["de"])
    roles: list[str] = Field(examples=[["admin"]])
    label: str | None = Field(description="`RSP` where the account lives in the Reseller Portal.")
    totp: TotpView | None
    passkeys: int = Field(description="How many there are; `GET /v1/me/passkeys` lists them.")
    recovery_codes_left: int
    primary_user: bool = Field(description="Whether it is its reseller's one primary user.")


class MeChanges(Model):
    display_name: TypedName | None = None
    locale: Locale | None = None


class SessionView(Model):
    id: str
    device: str
    started_at: datetime
    last_used_at: datetime
    is_current: bool


class SessionsQuery(Model):
    keep: Literal["current"] | None = Field(None, description="Which session stays, if any.")


class SessionsView(Model):
    items: list[SessionView]
    next_cursor: None = None


class OfferView(Model):
    secret: str = Field(description="160 bits in base32; shown only until it is confirmed.")
    otpauth_uri: str
    qr_svg: str


class ConfirmBody(Model):
    code: Code = Field(examples=["123456"])


class RecoveryCodesView(Model):
    recovery_codes: list[str] = Field(
        description="Ten codes, each good once, never shown again; none at the activation of a "
        "further factor."
    )


class ActivatedAndSignedInView(SignedInView):
    recovery_codes: list[str]


class ActivatedAndSignedInWithRefreshView(ActivatedAndSignedInView):
    refresh_token: str
    device_token: str | None


class ConfirmAnswer(
    RootModel[ActivatedAndSignedInWithRefreshView | ActivatedAndSignedInView | RecoveryCodesView]
):
    """The recovery codes and, where a sign-in was waiting for this, the session."""


class LiveSessionView(Model):
    account_id: str
    org: str
    roles: list[str]
