"""What we sign is verified by another implementation of DKIM, and nothing can be changed in it."""

import base64
from datetime import UTC, datetime

import dkim  # type: ignore[import-untyped]  # it has no types
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from services.mailer.clients.dkim import Dkim
from services.mailer.clients.letter import build, parse_address
from services.mailer.clients.renderer import Rendered
from services.mailer.settings import MailerSettings

RSA = rsa.generate_private_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 to be refused
BOTH = pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
AnyKey = rsa.RSAPrivateKey | Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def pem(key: AnyKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def record(key: rsa.RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    """What the DNS says of the key."""
    if isinstance(key, rsa.RSAPrivateKey):
        der = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)
    raw = key.public_key().public_bytes_raw()
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw)


def a_letter() -> bytes:
    return build(
        Rendered(
            "Grüße: eine Betreffzeile, die lang genug ist, um gefaltet zu werden 🔑",
            "a  b\n\n\n",
            "<p>ä</p>",
        ),
        message_id="<m-1@portal.example>",
        sender=parse_address("no-reply@portal.example", "Müller, Portal"),
        recipient=parse_address("erika@example.com"),
        date=datetime(2026, 3, 10, 12, tzinfo=UTC),
        headers={"List-Unsubscribe": "<https://portal.example/u>", "X-Request-Id": "r-1"},
    )


def is_good(letter: bytes, key: rsa.RSAPrivateKey | Ed25519PrivateKey) -> bool:
    def of_dns(name: bytes, **_: object) -> bytes:
        assert name == b"s1._domainkey.portal.example."
        return record(key)

    return bool(dkim.verify(letter, dnsfunc=of_dns))


@BOTH
def test_another_implementation_accepts_the_signature(
    key: rsa.RSAPrivateKey | Ed25519PrivateKey,
) -> None:
    signed = Dkim("portal.example", "s1", pem(key)).sign(a_letter())

    assert is_good(signed, key)
    assert signed.endswith(a_letter())
    assert max(map(len, signed.split(b"\r\n"))) <= 998


@BOTH
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"erika@example.com", b"eve@example.com"),
        (b"Message-ID: <m-1", b"Message-ID: <m-2"),
        (b"<https://portal.example/u>", b"<https://evil.example/u>"),
        (b"<p>=C3=A4</p>", b"<p>evil</p>"),
        (b"From: ", b"From: eve@evil.example\r\nFrom: "),
        (b"Subject: ", b"Subject: You have won\r\nSubject: "),
    ],
)
def test_a_changed_letter_is_noticed(
    key: rsa.RSAPrivateKey | Ed25519PrivateKey, before: bytes, after: bytes
) -> None:
    signed = Dkim("portal.example", "s1", pem(key)).sign(a_letter())
    head, mark, rest = signed.partition(b"\r\nFrom: ")

    changed = head + (mark + rest).replace(before, after, 1)

    assert changed != signed
    assert not is_good(changed, key)


@pytest.mark.parametrize(
    "given",
    [
        {"dkim_selector": "s1"},
        {"dkim_key": pem(ED25519)},
        {"dkim_selector": "s1", "dkim_key": "no key"},
        {"dkim_selector": "s1", "dkim_key": pem(WEAK)},
        {"dkim_selector": "s1", "dkim_key": pem(ec.generate_private_key(ec.SECP256R1()))},
        {"dkim_selector": "s1; p=evil", "dkim_key": pem(ED25519)},
    ],
)
def test_half_a_setting_and_a_weak_key_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="dkim"):
        MailerSettings(
            mongo_url="mongodb://m/",
            amqp_url="amqp://b/",
            pass_public_keys="{}",
            mailer_keys="{}",
            **given,  # type: ignore[arg-type]  # what the environment would say
        )
