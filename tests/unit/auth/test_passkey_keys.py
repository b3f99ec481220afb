"""Which public keys of passkeys are taken: sound ones of three algorithms, and no others."""

from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from webauthn.helpers import encode_cbor

from services.auth.clients.passkey_keys import is_taken, nobodys_key

EDDSA, ES256, RS256, ES384 = -8, -7, -257, -35
CURVES: Final[dict[str, int]] = {"secp256r1": 1, "secp384r1": 2}


def on_curve(algorithm: int, curve: ec.EllipticCurve, **changed: bytes) -> bytes:
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = curve.key_size // 8
    point = {"x": numbers.x.to_bytes(size), "y": numbers.y.to_bytes(size), **changed}
    given = {1: 2, 3: algorithm, -1: CURVES[curve.name], -2: point["x"], -3: point["y"]}
    return encode_cbor(given)


def of_rsa(bits: int, algorithm: int = RS256) -> bytes:
    """A modulus of this length; that it has two prime factors is not looked at."""
    numbers: Any = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    modulus = numbers.n if bits == 2048 else (1 << bits) - 1
    return encode_cbor({1: 3, 3: algorithm, -1: modulus.to_bytes(bits // 8), -2: b"\x01\x00\x01"})


def of_edwards() -> bytes:
    public = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return encode_cbor({1: 1, 3: EDDSA, -1: 6, -2: public})


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(of_edwards(), id="Ed25519"),
        pytest.param(on_curve(ES256, ec.SECP256R1()), id="P-256"),
        pytest.param(of_rsa(2048), id="RSA of 2048 bits"),
        pytest.param(nobodys_key(), id="nobody's"),
    ],
)
def test_sound_keys_are_taken(key: bytes) -> None:
    assert is_taken(key)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(on_curve(ES384, ec.SECP384R1()), id="another algorithm"),
        pytest.param(on_curve(ES256, ec.SECP384R1()), id="another curve"),
        pytest.param(on_curve(RS256, ec.SECP256R1()), id="a point, said to be RSA"),
        pytest.param(of_rsa(2048, ES256), id="RSA, said to be a point"),
        pytest.param(of_rsa(1024), id="a short modulus"),
        pytest.param(of_rsa(8192), id="a modulus that is only work"),
    ],
)
def test_other_keys_are_not_taken(key: bytes) -> None:
    assert not is_taken(key)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(on_curve(ES256, ec.SECP256R1(), y=b"\1" * 32), id="a point off its curve"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xa0", id="an empty map"),
    ],
)
def test_a_broken_key_raises(key: bytes) -> None:
    with pytest.raises(Exception, match=r"."):
        is_taken(key)
