"""A certificate for loopback by an authority of its own, which nobody but the test trusts."""

import ssl
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.clock import utc_now


def server_and_client(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side with a fresh certificate for 127.0.0.1, and a client's that trusts it."""
    file, authority = written(folder)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(authority))


def written(folder: Path) -> tuple[Path, Path]:
    """The file of the server's key and certificate, and that of the authority behind it."""
    own, its = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    authority = _certificate("authority of a test", own, own, is_authority=True)
    certificate = _certificate("relay of a test", its, own, is_authority=False)
    private = its.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server, trusted = folder / "server.pem", folder / "authority.pem"
    server.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    trusted.write_bytes(authority.public_bytes(Encoding.PEM))
    return server, trusted


def _certificate(
    name: str, key: EllipticCurvePrivateKey, signer: EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    today = utc_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named("authority of a test"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        address = x509.IPAddress(ip_address("127.0.0.1"))
        made = made.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return made.sign(signer, SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
