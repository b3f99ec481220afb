"""Fresh licence keys."""

import secrets

from services.licensing.domain.licences import KEY_BITS, licence_key


def new_key() -> str:
    return licence_key(secrets.randbits(KEY_BITS))
