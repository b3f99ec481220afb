"""What auth and the gateway agree on about the tokens that clients hold."""

from typing import Final

ACCESS_TYPE: Final = "at+jwt"
"""RFC 9068."""
ENROLMENT_TYPE: Final = "portal-enrolment+jwt"
"""Who holds it may activate a second factor, and nothing else."""
AUDIENCE: Final = "portal"
KEY_DIGEST_CLAIM: Final = "key_digest"
"""In a machine's token: the API key that it was made with, by its SHA-256 in hexadecimal digits."""
CLIENT_HEADER: Final = "X-Portal-Client-Authorization"
"""Carries what a client sent as Authorization from the gateway to auth, beside the pass."""
ENROLMENT_HEADER: Final = "X-Portal-Enrolment"
"""Carries the enrolment token from the gateway to auth, beside the pass."""
