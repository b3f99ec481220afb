"""Which keys sign our mails: Ed25519 (RFC 8463), or RSA that is long enough (RFC 8301)."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_LEAST_BITS: Final = 2048


def read_dkim_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    """The private key; ValueError where it is none, of another kind, or too short."""
    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, RSAPrivateKey) and key.key_size >= _LEAST_BITS:
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ValueError("The key for DKIM must be Ed25519, or RSA of at least 2048 bits.")
