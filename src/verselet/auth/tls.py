"""Provide the server's certificate: a private authority and a certificate signed by it.

In:        a folder, the names clients will use, the time
Out:       the paths of certificate, key and authority
Not here:  the sockets that use them (server.listen), foreign certificates (settings: --tls-cert)
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from verselet.errors import OperatorError

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
# Some clients refuse certificates that run longer than 398 days, whoever signed them.
SERVER_LIFETIME = timedelta(days=397)
AUTHORITY_LIFETIME = timedelta(days=3650)
RENEWED_BEFORE_END = timedelta(days=30)
# Certificates made this long before now are good on machines whose clock is a little behind.
BACKDATED = timedelta(hours=1)


class ServerCertificate(msgspec.Struct, frozen=True):
    """Where the files are; `authority` is what clients must trust."""

    certificate: Path
    key: Path
    authority: Path


def provide_certificate(folder: Path, extra_names: Sequence[str], now: datetime) -> ServerCertificate:
    """The certificate for localhost, 127.0.0.1, ::1 and the extra names, made anew only when it must be. [CC-2]

    The authority is kept as long as it is valid, so that clients have to be told once. Keys are readable by their
    owner only.

    Raises:
        OperatorError: the folder cannot be written.
    """
    paths = ServerCertificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    names = [_general_name(name) for name in dict.fromkeys((*LOCAL_NAMES, *extra_names))]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority, authority_key, is_new = _authority(paths.authority, folder / "ca.key", now)
        if is_new or not _is_still_good(paths, authority, names, now):
            _make_server_certificate(paths, names, (authority, authority_key), now)
    except OSError as error:
        raise OperatorError(
            "VS1021",
            f"the certificate cannot be kept in {folder}",
            error.strerror or str(error),
            "make that folder writable, or give a certificate with --tls-cert and --tls-key",
        ) from error
    return paths


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode() if not name.isascii() else name.lower())


def _authority(
    certificate_path: Path, key_path: Path, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey, bool]:
    """The authority, its key, and whether it was made just now."""
    kept = _read_pair(certificate_path, key_path)
    if kept is not None and kept[0].not_valid_after_utc - now > SERVER_LIFETIME:
        return (*kept, False)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "verselet private authority")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _draft(name, name, key.public_key())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_path, key)
    _write_certificate(certificate_path, certificate)
    return certificate, key, True


def _make_server_certificate(
    paths: ServerCertificate,
    names: list[x509.GeneralName],
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
    now: datetime,
) -> None:
    signer, signer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "verselet")])
    certificate = (
        _draft(name, signer.subject, key.public_key())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + SERVER_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        # Python 3.13 and later refuse certificates that do not name their issuer's key.
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    _write_key(paths.key, key)
    _write_certificate(paths.certificate, certificate)


def _draft(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    serial = x509.random_serial_number()
    return x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key).serial_number(serial)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _is_still_good(
    paths: ServerCertificate, authority: x509.Certificate, names: list[x509.GeneralName], now: datetime
) -> bool:
    """Signed by the authority, not about to end, and good for all the names."""
    kept = _read_pair(paths.certificate, paths.key)
    if kept is None or kept[0].not_valid_after_utc - now < RENEWED_BEFORE_END:
        return False
    try:
        kept[0].verify_directly_issued_by(authority)
        covered = kept[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return set(names) <= set(covered)


def _read_pair(certificate_path: Path, key_path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """A certificate with the key it was made for; None where one is missing, damaged or of another pair."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return certificate, key


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
