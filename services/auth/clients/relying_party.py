"""The portal as a relying party of WebAuthn: what it asks authenticators for, and their answers.

Its id and origin come from the settings alone. No attestation is asked for: which make a passkey is
of is not our business.
"""

from collections.abc import Iterable
from typing import Any, Final, NoReturn, TypeAlias, cast
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    parse_attestation_object,
)
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
from services.auth.clients.passkey_keys import ALGORITHMS, is_taken, nobodys_key
from services.auth.domain.accounts import Account
from services.auth.domain.origins import origin_of
from services.auth.domain.passkeys import (
    Creation,
    Passkey,
    PasskeyInvalidError,
    PasskeyRefusedError,
)
from services.auth.domain.totp import ISSUER

Json: TypeAlias = dict[str, Any]
_MILLISECONDS: Final = int(LIFE.total_seconds() * 1000)
_FORMATS: Final = {AttestationFormat.NONE, AttestationFormat.PACKED}
"""What may come where none was asked for: nothing, or what the key says of itself."""
_LONGEST_ID: Final = 1023


class RelyingParty:
    def __init__(self, public_url: str) -> None:
        self.id = urlsplit(public_url.lower()).hostname or ""
        self.origin = origin_of(public_url)
        self._nobodys_key = nobodys_key()

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
            if len(made.credential_id) > _LONGEST_ID or not is_taken(made.credential_public_key):
                _refuse_creation()
        except Exception as error:
            raise PasskeyInvalidError from error
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
    ) -> int:
        """What its counter says in this passkey's right answer to this challenge;
        PasskeyRefusedError for any other answer.

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
        return given.new_sign_count


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
