"""Keys of an authenticator in software: their public halves in COSE (RFC 9052), and signatures."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn.helpers import encode_cbor

EDDSA, ES256, RS256 = -8, -7, -257
ALGORITHMS: Final = (EDDSA, ES256, RS256)
PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_MAKE: Final[Mapping[int, Callable[[], PrivateKey]]] = {
    EDDSA: ed25519.Ed25519PrivateKey.generate,
    ES256: lambda: ec.generate_private_key(ec.SECP256R1()),
    RS256: lambda: rsa.generate_private_key(65537, 2048),
}


def new_key(algorithm: int) -> PrivateKey:
    return _MAKE[algorithm]()


def cose_of(key: PrivateKey) -> dict[int, Any]:
    """The public half as a map whose labels and values stand in RFC 9053 and RFC 8230."""
    match key:
        case ed25519.Ed25519PrivateKey():
            return {1: 1, 3: EDDSA, -1: 6, -2: key.public_key().public_bytes_raw()}
        case ec.EllipticCurvePrivateKey():
            point = key.public_key().public_numbers()
            return {1: 2, 3: ES256, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        case _:
            given = key.public_key().public_numbers()
            size = key.key_size // 8
            return {1: 3, 3: RS256, -1: given.n.to_bytes(size), -2: given.e.to_bytes(3)}


def written(cose: Mapping[int, Any]) -> bytes:
    return encode_cbor(dict(cose))


def signature(key: PrivateKey, message: bytes) -> bytes:
    match key:
        case ed25519.Ed25519PrivateKey():
            return key.sign(message)
        case ec.EllipticCurvePrivateKey():
            return key.sign(message, ec.ECDSA(hashes.SHA256()))
        case _:
            return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
