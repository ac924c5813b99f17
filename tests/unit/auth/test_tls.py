"""The private authority and the server's certificate."""

from __future__ import annotations

import ipaddress
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store

from verselet.auth.tls import ServerCertificate, provide_certificate
from verselet.errors import OperatorError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def load(path: Path) -> x509.Certificate:
    """The certificate in a file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def verify(made: ServerCertificate, name: x509.DNSName | x509.IPAddress, at: datetime = NOW) -> None:
    """Judge the certificate as a client does that trusts the authority."""
    store = Store([load(made.authority)])
    PolicyBuilder().store(store).time(at).build_server_verifier(name).verify(load(made.certificate), [])


@pytest.mark.parametrize(
    "name",
    [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
        x509.DNSName("contour.crm.dynamics.com"),
        x509.DNSName("login.microsoftonline.com"),
    ],
)
def test_a_client_that_trusts_the_authority_accepts_every_name(
    tmp_path: Path, name: x509.DNSName | x509.IPAddress
) -> None:
    """localhost, 127.0.0.1, ::1 and the names given. [CC-2], [CC-3]"""
    made = provide_certificate(tmp_path / "tls", ["*.crm.dynamics.com", "login.microsoftonline.com"], NOW)
    verify(made, name)


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """0600: on a shared machine the authority's key would let others pose as any server."""
    provide_certificate(tmp_path, [], NOW)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("*.key")}
    assert {"ca.key": 0o600, "server.key": 0o600} == modes


def test_a_second_start_reuses_both(tmp_path: Path) -> None:
    """A client that was told about the authority must not be told again. [CC-2]"""
    first = provide_certificate(tmp_path, ["a.example"], NOW)
    before = (first.authority.read_bytes(), first.certificate.read_bytes())
    second = provide_certificate(tmp_path, ["a.example"], NOW + timedelta(days=100))
    assert before == (second.authority.read_bytes(), second.certificate.read_bytes())


def test_a_new_name_makes_a_new_certificate_of_the_same_authority(tmp_path: Path) -> None:
    """What clients trust stays."""
    authority = provide_certificate(tmp_path, [], NOW).authority.read_bytes()
    made = provide_certificate(tmp_path, ["b.example"], NOW)
    assert authority == made.authority.read_bytes()
    verify(made, x509.DNSName("b.example"))


def test_a_certificate_near_its_end_is_renewed(tmp_path: Path) -> None:
    """A server that runs for weeks must not go stale."""
    made = provide_certificate(tmp_path, [], NOW)
    ends_at = load(made.certificate).not_valid_after_utc
    provide_certificate(tmp_path, [], ends_at - timedelta(days=3))
    verify(made, x509.DNSName("localhost"), ends_at + timedelta(days=1))


@pytest.mark.parametrize("file", ["ca.pem", "ca.key", "server.pem", "server.key"])
def test_a_damaged_or_missing_file_is_replaced(tmp_path: Path, file: str) -> None:
    """Half a pair is worth nothing."""
    provide_certificate(tmp_path, [], NOW)
    (tmp_path / file).write_text("damaged", encoding="ascii")
    verify(provide_certificate(tmp_path, [], NOW), x509.DNSName("localhost"))
    (tmp_path / file).unlink()
    verify(provide_certificate(tmp_path, [], NOW), x509.DNSName("localhost"))


def test_the_key_belongs_to_the_certificate(tmp_path: Path) -> None:
    """Otherwise no handshake succeeds."""
    made = provide_certificate(tmp_path, [], NOW)
    key = serialization.load_pem_private_key(made.key.read_bytes(), None)
    assert load(made.certificate).public_key() == key.public_key()


def test_no_certificate_runs_longer_than_clients_allow(tmp_path: Path) -> None:
    """398 days is the limit of some, whoever signed."""
    made = load(provide_certificate(tmp_path, [], NOW).certificate)
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=398)


def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    """Three lines instead of a traceback. product.md §6"""
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(OperatorError) as refused:
        provide_certificate(tmp_path / "file" / "tls", [], NOW)
    assert "VS1021" == refused.value.code
