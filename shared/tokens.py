"""What auth and the gateway agree on about the tokens that clients hold."""

from typing import Final

ACCESS_TYPE: Final = "at+jwt"
"""RFC 9068."""
ENROLMENT_TYPE: Final = "portal-enrolment+jwt"
"""Who holds it may activate a second factor, and nothing else."""
AUDIENCE: Final = "portal"
ENROLMENT_HEADER: Final = "X-Portal-Enrolment"
"""Carries the enrolment token from the gateway to auth, beside the pass."""
