"""Who may call an operation that needs no permission, in the words of the OpenAPI document."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Caller(StrEnum):
    """The value is the operation's `x-access`; of one that needs a permission it is that word."""

    ANYBODY = "public"
    ANYBODY_OR_SIGNED_IN = "public-or-signed-in"
    CHALLENGE = "challenge"
    CLIENT = "client-credentials"
    DEVICE = "device-token"
    LICENCE_KEY = "licence-key"
    LOGOUT_TOKEN = "logout-token"  # noqa: S105 a word, not a token
    MAIL_LINK = "mail-link"
    REFRESH_TOKEN = "refresh-token"  # noqa: S105 a word, not a token
    SIGNED_IN = "signed-in"
    SIGNED_IN_OR_ENROLLING = "signed-in-or-enrolling"
    SIGNED_IN_OR_MACHINE = "signed-in-or-machine"
    GATEWAY = "gateway"


OPEN: Final = frozenset(
    set(Caller)
    - {
        Caller.SIGNED_IN,
        Caller.SIGNED_IN_OR_ENROLLING,
        Caller.SIGNED_IN_OR_MACHINE,
        Caller.GATEWAY,
    }
)
"""Whom an operation asks for no session; what else they show is in the body and judged there."""

PERMISSION: Final = "permission"
ACCESS_WORDS: Final[Mapping[str, str]] = {
    PERMISSION: "whoever holds the permission that `x-permission` names, in the place that the "
    "path names; in the own organisation where it names none.",
    Caller.ANYBODY: "anybody; no token.",
    Caller.ANYBODY_OR_SIGNED_IN: "anybody; who is signed in is known by the access token.",
    Caller.CHALLENGE: "whoever has begun to sign in: the challenge is in the body.",
    Caller.CLIENT: "a machine, by its client id and secret (RFC 6749 §2.3.1).",
    Caller.DEVICE: "an activated device: its device token is in the body.",
    Caller.LICENCE_KEY: "whoever has a licence key: it is in the body.",
    Caller.LOGOUT_TOKEN: "the Reseller Portal: its signed logout token is in the body.",
    Caller.MAIL_LINK: "whoever got a mail: the token of its link is in the request.",
    Caller.REFRESH_TOKEN: "whoever has a session: its refresh token is in the cookie or the body.",
    Caller.SIGNED_IN: "a person who is signed in, by the access token.",
    Caller.SIGNED_IN_OR_ENROLLING: "a person who is signed in; or who must activate a second "
    "factor first, by the challenge as bearer token.",
    Caller.SIGNED_IN_OR_MACHINE: "whoever is known: a person who is signed in, or a machine.",
}
"""For whom each `x-access` of the published document is."""
