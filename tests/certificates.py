"""Certificates for servers of the tests, signed by an authority that nobody else knows."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Certificate(NamedTuple):
    """Files in PEM format: the authority's certificate, the server's, and the server's key."""

    authority: Path
    cert: Path
    key: Path


def write(folder: Path, address: str) -> Certificate:
    """Write a certificate for a server at an IP address, and that of its authority.

    Args:
        folder: Where the files go; created.
        address: The server's IP address.
    """
    folder.mkdir()
    files = Certificate(folder / "authority.pem", folder / "cert.pem", folder / "key.pem")
    signer, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    authority = _builder("The tests' authority", signer.public_key(), signer)
    authority = authority.add_extension(is_authority, critical=True)
    server = _builder("The tests' server", key.public_key(), signer)
    server = server.add_extension(name, critical=False)
    files.authority.write_bytes(authority.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM))
    files.cert.write_bytes(server.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def _builder(
    name: str, key: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    """Return a certificate that is complete but for what makes it an authority's or a server's."""
    now = datetime.now(UTC)
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The tests' authority")]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(issued_by, critical=False)
    )
