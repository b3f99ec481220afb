"""What an answer of a passkey says of itself, before anything of it is believed."""

from typing import Any, TypeAlias

from webauthn.helpers import base64url_to_bytes, parse_client_data_json

from services.auth.domain.passkeys import PasskeyRefusedError

Json: TypeAlias = dict[str, Any]


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
