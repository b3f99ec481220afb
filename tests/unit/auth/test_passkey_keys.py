"""Which public keys of passkeys are taken: sound ones of three algorithms, and no others."""

from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from nacl.bindings import crypto_core_ed25519_add, crypto_core_ed25519_is_valid_point
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


def of_edwards(public: bytes | None = None, curve: int = 6) -> bytes:
    made = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return encode_cbor({1: 1, 3: EDDSA, -1: curve, -2: made if public is None else public})


def point(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


P: Final = 2**255 - 19
ORDER_8: Final = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


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
        pytest.param(of_edwards(point(2)), id="no point of Edwards' curve"),
        pytest.param(of_edwards(point(1)), id="the point that is nothing"),
        pytest.param(of_edwards(point(1, sign=1)), id="the same, written otherwise"),
        pytest.param(of_edwards(point(P + 1)), id="the same, not reduced"),
        pytest.param(of_edwards(point(P - 1)), id="a point of order 2"),
        pytest.param(of_edwards(point(0)), id="a point of order 4"),
        pytest.param(of_edwards(ORDER_8), id="a point of order 8"),
    ],
)
def test_other_keys_are_not_taken(key: bytes) -> None:
    assert not is_taken(key)


def test_for_the_point_that_is_nothing_anybody_signs_anything() -> None:
    nothing = ed25519.Ed25519PublicKey.from_public_bytes(point(1))

    nothing.verify(point(1) + bytes(32), b"whatever")


@pytest.mark.parametrize("first", [2, P - 200, 2**254])
def test_what_is_taken_of_edwards_curve_is_what_another_implementation_decodes(first: int) -> None:
    """Libsodium besides refuses points outside of the main subgroup, which no key generator makes:
    eight times any point of the curve is in it.
    """
    for y in range(first, first + 100):
        multiple = times_eight(point(y))

        assert is_taken(of_edwards(point(y))) == (multiple is not None)
        assert multiple is None or is_taken(of_edwards(multiple))


def times_eight(encoded: bytes) -> bytes | None:
    """By libsodium, which knows points; None where that is none or nothing is left of it."""
    found = encoded
    try:
        for _ in range(3):
            found = crypto_core_ed25519_add(found, found)
    except RuntimeError:
        return None
    return found if crypto_core_ed25519_is_valid_point(found) else None


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(on_curve(ES256, ec.SECP256R1(), y=b"\1" * 32), id="a point off its curve"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xa0", id="an empty map"),
        pytest.param(b"\x81" * 1024, id="a nest"),
        pytest.param(of_edwards(bytes(31)), id="a point that is too short"),
        pytest.param(of_edwards(point(9), curve=4), id="a point of X25519"),
        pytest.param(encode_cbor({1: 2, 3: EDDSA, -1: 6, -2: point(3)}), id="two kinds at once"),
        pytest.param(encode_cbor({1: 2, 3: ES256, -1: 1, -2: 1, -3: 1}), id="numbers, not bytes"),
        pytest.param(encode_cbor({1: 3, 3: RS256, -1: b"\xff" * 256, -2: b"\1"}), id="exponent 1"),
    ],
)
def test_a_broken_key_raises(key: bytes) -> None:
    with pytest.raises(Exception, match=r"."):
        is_taken(key)
