"""The portal as a relying party of WebAuthn: what it asks authenticators for, and their answers.

Its id and origin come from the settings alone. No attestation is asked for: which make a passkey is
of is not our business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    encode_cbor,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.auth.clients.ceremonies import LIFE
from services.auth.domain.accounts import Account
from services.auth.domain.passkeys import (
    Creation,
    Passkey,
    PasskeyInvalidError,
    PasskeyRefusedError,
)
from services.auth.domain.totp import ISSUER

Json: TypeAlias = dict[str, Any]
ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_PORTS: Final = {"http": 80, "https": 443}
_FORMATS: Final = {AttestationFormat.NONE, AttestationFormat.PACKED}
"""What may come where none was asked for: nothing, or what the key says of itself."""
_LONGEST_KEY: Final = 1024
"""An RSA key of 4096 bits has 530; longer ones would only be work."""
_LONGEST_ID: Final = 1023


@dataclass(frozen=True)
class Assertion:
    """A right answer of a passkey."""

    sign_count: int
    verified_user: bool


class RelyingParty:
    def __init__(self, public_url: str) -> None:
        url = urlsplit(public_url.lower())
        self.id = url.hostname or ""
        is_usual = url.port in {None, _PORTS[url.scheme]}
        self.origin = f"{url.scheme}://{url.hostname if is_usual else url.netloc}"
        self._nobodys_key = _nobodys_key()

    def creation_options(self, account: Account, challenge: bytes) -> Json:
        """For `navigator.credentials.create`. The user handle is the account's random id."""
        options = generate_registration_options(
            rp_id=self.id,
            rp_name=ISSUER,
            user_id=account.id.encode(),
            user_name=f"{account.username} ({account.org})",
            user_display_name=account.display_name,
            challenge=challenge,
            timeout=_MILLISECONDS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_described(account.passkeys),
            supported_pub_key_algs=ALGORITHMS,
        )
        return options_to_json_dict(options)

    def request_options(
        self, passkeys: Iterable[Passkey], challenge: bytes, *, needs_user: bool
    ) -> Json:
        """For `navigator.credentials.get`; without passkeys an authenticator offers what it has."""
        needs = UserVerificationRequirement
        options = generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=_MILLISECONDS,
            allow_credentials=_described(passkeys),
            user_verification=needs.REQUIRED if needs_user else needs.PREFERRED,
        )
        return options_to_json_dict(options)

    def check_creation(self, credential: Json, challenge: bytes) -> Creation:
        """What was made for this challenge; PasskeyInvalidError for anything else."""
        try:
            attestation = parse_attestation_object(
                base64url_to_bytes(credential["response"]["attestationObject"])
            )
            if attestation.fmt not in _FORMATS or attestation.att_stmt.x5c:
                _refuse_creation()
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                supported_pub_key_algs=ALGORITHMS,
            )
        except Exception as error:
            raise PasskeyInvalidError from error
        is_long = len(made.credential_id) > _LONGEST_ID
        if is_long or len(made.credential_public_key) > _LONGEST_KEY:
            _refuse_creation()
        return Creation(
            credential_id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=_transports_in(credential),
            aaguid=made.aaguid,
            is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            verifies_user=made.user_verified,
        )

    def check_assertion(
        self, credential: Json, challenge: bytes, passkey: Passkey | None, *, needs_user: bool
    ) -> Assertion:
        """The answer of this passkey to this challenge; PasskeyRefusedError for anything else.

        Without a passkey it is refused as well, after the same work. The counter is not judged
        here: only behind a right signature it says something.
        """
        try:
            given = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key if passkey else self._nobodys_key,
                credential_current_sign_count=0,
                require_user_verification=needs_user,
            )
        except Exception as error:
            raise PasskeyRefusedError from error
        if passkey is None:
            raise PasskeyRefusedError
        return Assertion(given.new_sign_count, given.user_verified)


def challenge_in(credential: Json) -> bytes:
    """The challenge that an answer says it is to; PasskeyRefusedError where it can't be read.

    An answer that was given within another site's page is none (`crossOrigin`).
    """
    try:
        raw = base64url_to_bytes(credential["response"]["clientDataJSON"])
        client_data = parse_client_data_json(raw)
    except Exception as error:
        raise PasskeyRefusedError from error
    if client_data.cross_origin:
        raise PasskeyRefusedError
    return client_data.challenge


def user_handle_in(credential: Json) -> str | None:
    """Whose an answer says it is, where the authenticator tells."""
    handle = credential["response"].get("userHandle")
    if not handle:
        return None
    try:
        return base64url_to_bytes(handle).decode("ascii")
    except ValueError as error:
        raise PasskeyRefusedError from error


_MILLISECONDS: Final = int(LIFE.total_seconds() * 1000)


def _refuse_creation() -> NoReturn:
    raise PasskeyInvalidError


def _described(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(way) for way in passkey.transports],
        )
        for passkey in passkeys
    ]


def _transports_in(credential: Json) -> tuple[str, ...]:
    """How the authenticator may be reached, as far as we know the words."""
    known = {way.value for way in AuthenticatorTransport}
    told = cast("list[str] | None", credential["response"].get("transports")) or []
    return tuple(sorted(known & set(told)))


def _nobodys_key() -> bytes:
    """The public key of nobody, in COSE; against it the answers of unknown passkeys are checked."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    return encode_cbor({1: 2, 3: COSEAlgorithmIdentifier.ECDSA_SHA_256.value, -1: 1, -2: x, -3: y})
