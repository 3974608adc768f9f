"""Who may talk to Flink: whoever holds this key, made again for each start.

Flink's own ports take code from anybody who reaches them (its REST API from any page in a browser, even), so
that all of them want the certificate of the other side.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

LOOPBACK = "127.0.0.1"
DAYS = 365


@dataclass(frozen=True)
class Certificate:
    """One key and its certificate, for both sides: as PEM files, and as a store for Java."""

    key: Path
    certificate: Path
    store: Path
    password: str


def make(folder: Path) -> Certificate:
    """Write a new key with its certificate into a folder that only this user may read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DLI emulator")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    password = secrets.token_urlsafe(16)
    made = Certificate(folder / "key.pem", folder / "certificate.pem", folder / "store.p12", password)
    encryption = BestAvailableEncryption(password.encode())
    _write(made.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(made.certificate, certificate.public_bytes(Encoding.PEM))
    _write(made.store, pkcs12.serialize_key_and_certificates(b"emulator", key, certificate, None, encryption))
    return made


def _usage() -> x509.KeyUsage:
    # One certificate that is its own authority: strict checks want both said.
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=True, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
