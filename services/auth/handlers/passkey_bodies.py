"""Passkeys as browsers and we write them in JSON (WebAuthn Level 3, §5.1.8 to §5.1.10)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, RootModel, StringConstraints

from services.auth.domain.passkeys import Passkey
from services.auth.handlers.bodies import (
    ActivatedAndSignedInView,
    ActivatedAndSignedInWithRefreshView,
    DeviceToken,
    RecoveryCodesView,
    Token,
    Transport,
)
from shared.fields import TypedName
from shared.models import Model

Base64Url = Annotated[
    str, StringConstraints(min_length=1, max_length=32768, pattern=r"^[A-Za-z0-9_-]+$")
]
CredentialId = Annotated[
    str, StringConstraints(min_length=1, max_length=1364, pattern=r"^[A-Za-z0-9_-]+$")
]
"""At most 1023 bytes."""


class _OfBrowser(BaseModel):
    """What a browser writes: it may say more than we know by now."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class CreatedResponse(_OfBrowser):
    client_data: Base64Url = Field(alias="clientDataJSON")
    attestation: Base64Url = Field(alias="attestationObject")
    transports: list[Annotated[str, StringConstraints(max_length=32)]] = Field([], max_length=16)


class CreatedCredential(_OfBrowser):
    """The answer of `navigator.credentials.create`, as its `toJSON()` writes it."""

    id: CredentialId
    raw_id: CredentialId = Field(alias="rawId")
    type: Annotated[str, StringConstraints(max_length=32)] = Field(examples=["public-key"])
    response: CreatedResponse


class AssertedResponse(_OfBrowser):
    client_data: Base64Url = Field(alias="clientDataJSON")
    authenticator_data: Base64Url = Field(alias="authenticatorData")
    signature: Base64Url
    user_handle: Base64Url | None = Field(None, alias="userHandle")


class AssertedCredential(_OfBrowser):
    """The answer of `navigator.credentials.get`, as its `toJSON()` writes it."""

    id: CredentialId
    raw_id: CredentialId = Field(alias="rawId")
    type: Annotated[str, StringConstraints(max_length=32)] = Field(examples=["public-key"])
    response: AssertedResponse


class PasskeyBody(Model):
    name: TypedName = Field(examples=["My laptop"])
    credential: CreatedCredential


class PasskeyChange(Model):
    name: TypedName = Field(examples=["My laptop"])


class CreationOptionsView(Model):
    public_key: dict[str, JsonValue] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON`; good for five minutes."
    )


class RequestOptionsView(Model):
    public_key: dict[str, JsonValue] = Field(
        description="For `PublicKeyCredential.parseRequestOptionsFromJSON`; good for five minutes."
    )


class PasskeyView(Model):
    id: str
    name: str = Field(examples=["My laptop"])
    created_at: datetime
    last_used_at: datetime | None
    transports: list[str] = Field(examples=[["internal"]])
    aaguid: str = Field(description="The authenticator's model, as it says itself.")
    is_synced: bool = Field(description="Whether it may be on several devices of its owner.")
    verifies_user: bool = Field(
        description="Whether it asked for a PIN, a finger or a face when it was made."
    )


class PasskeysView(Model):
    items: list[PasskeyView]
    next_cursor: None = None


class RegisteredView(RecoveryCodesView):
    recovery_codes: list[str] = Field(
        description="Ten codes, each good once, with the first factor; else none."
    )
    passkey: PasskeyView


class RegisteredAndSignedInView(ActivatedAndSignedInView):
    passkey: PasskeyView


class RegisteredAndSignedInWithRefreshView(ActivatedAndSignedInWithRefreshView):
    passkey: PasskeyView


class RegisteredAnswer(
    RootModel[RegisteredAndSignedInWithRefreshView | RegisteredAndSignedInView | RegisteredView]
):
    """The passkey, recovery codes and, where a sign-in was waiting for this, the session."""


class LoginOptionsBody(Model):
    challenge: Token | None = Field(
        None, description="Of the step before; left out where the passkey is to be the only step."
    )


class PasskeyLoginBody(Model):
    challenge: Token | None = Field(
        None, description="Of the step before; left out where the passkey is the only step."
    )
    credential: AssertedCredential
    transport: Transport = Field(
        "cookie", description="As at `/v1/login`; counts where there was no step before."
    )
    device_token: DeviceToken | None = Field(
        None, description="Of the last sign-in from this device, where the client has no cookies."
    )


def as_browsers_write(credential: CreatedCredential | AssertedCredential) -> dict[str, Any]:
    return credential.model_dump(by_alias=True)


def passkey_view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        id=passkey.id,
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        transports=list(passkey.transports),
        aaguid=passkey.aaguid,
        is_synced=passkey.is_synced,
        verifies_user=passkey.verifies_user,
    )
