"""Public keys of passkeys, in COSE (RFC 9052): which are taken, and one that is nobody's."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier

ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_LONGEST: Final = 1024
"""In COSE an RSA key of 4096 bits has some 530 bytes; longer ones would only be work."""
_RSA_BITS: Final = range(2048, 4097)
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
"""Of Ed25519 (RFC 8032, §5.1): its field's order, and what makes the curve."""


def is_taken(public_key: bytes) -> bool:
    """Whether signatures can be checked with it and are worth checking; raises for a broken one.

    Without an attestation nobody else has looked at it: a point must be on its curve, a modulus
    must not be short.
    """
    if len(public_key) > _LONGEST:
        return False
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    match decoded.alg:
        case COSEAlgorithmIdentifier.EDDSA:
            return isinstance(key, Ed25519PublicKey) and _is_sound(key.public_bytes_raw())
        case COSEAlgorithmIdentifier.ECDSA_SHA_256:
            return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
        case COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256:
            return isinstance(key, RSAPublicKey) and key.key_size in _RSA_BITS
        case _:
            return False


def _is_sound(public_key: bytes) -> bool:
    """Whether a key of Ed25519 is a point of its curve and one that signatures need a secret for.

    The library looks at neither. For a point whose order divides eight anybody signs.
    """
    y = int.from_bytes(public_key, "little") & (1 << 255) - 1  # the sign of x is in the highest bit
    above, below = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x_squared = above * pow(below, -1, _P) % _P
    is_on_curve = pow(x_squared, (_P - 1) // 2, _P) == 1  # it is 0 where the order is 1 or 2
    is_of_order_4_or_8 = y == 0 or (x_squared + y * y) % _P == 0
    return y < _P and is_on_curve and not is_of_order_4_or_8


def nobodys_key() -> bytes:
    """A key whose private half is forgotten: answers of unknown passkeys are checked against it."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    return encode_cbor({1: 2, 3: COSEAlgorithmIdentifier.ECDSA_SHA_256.value, -1: 1, -2: x, -3: y})
