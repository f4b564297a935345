"""A certificate authority of one's own, made once, and the server certificate under it.

The authority may vouch for this machine's loopback names and for ``*.file.core.windows.net``, and for nothing else:
its name constraints are critical, so whoever trusts ``ca.pem`` trusts no more than that. Private keys are readable by
their owner only, from the moment their files exist.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import ssl
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from azfiles_sim.server.endpoints import SERVICE_DOMAIN

LOOPBACK_ADDRESSES: Final = ("127.0.0.1", "::1")
SERVER_NAMES: Final = ("localhost", f"*.{SERVICE_DOMAIN}")
PERMITTED_DOMAINS: Final = ("localhost", SERVICE_DOMAIN)  # RFC 5280: without a leading dot, subdomains are meant too

CA_LIFETIME: Final = timedelta(days=3650)
SERVER_LIFETIME: Final = timedelta(days=365)  # some systems refuse server certificates of more than 825 days
RENEW_BEFORE: Final = timedelta(days=30)
CLOCK_SKEW: Final = timedelta(days=1)

LOCK_FILE: Final = ".lock"
CA_FILE: Final = "ca.pem"
CA_KEY_FILE: Final = "ca-key.pem"
SERVER_KEY_FILE: Final = "server-key.pem"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the files are: ``ca_file`` is what clients trust; ``server_file`` holds the server's key and certificate."""

    ca_file: Path
    server_file: Path

    def server_context(self) -> ssl.SSLContext:
        """A context for a server: TLS 1.2 or newer, HTTP/1.1 only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self.server_file)
        return context


@dataclass(frozen=True, slots=True)
class _Credential:
    """A key and its certificate. They live in one file, so that one cannot be replaced without the other."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)

    def lasts(self, now: datetime) -> bool:
        """Valid at ``now`` and not about to end."""
        certificate = self.certificate
        return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE


def default_ca_dir() -> Path:
    """Where this user's authority is kept when no folder is named."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "azfiles-sim"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "azfiles-sim"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "azfiles-sim"


def obtain(ca_dir: Path | None = None, *, now: datetime | None = None) -> Certificates:
    """The certificates kept in ``ca_dir``, made or renewed as needed. Safe to call from several processes at once.

    Raises OSError where the folder cannot be used.
    """
    folder = ca_dir or default_ca_dir()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder):
        return _obtain(folder, now or real_now())


def real_now() -> datetime:
    """The machine's time. Whoever checks a certificate goes by it, also while a test freezes Python's clock."""
    if hasattr(time, "clock_gettime"):
        return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)
    return datetime.fromtimestamp(time.time(), UTC)  # pragma: no cover - Windows


def _obtain(folder: Path, now: datetime) -> Certificates:
    authority = _keep_authority(folder / CA_KEY_FILE, now)
    ca_file = folder / CA_FILE
    public = authority.certificate.public_bytes(serialization.Encoding.PEM)
    if not ca_file.exists() or ca_file.read_bytes() != public:
        _replace(ca_file, public, mode=0o644)
    server_file = folder / SERVER_KEY_FILE
    server = _load(server_file)
    if server is None or not server.lasts(now) or not _stands_under(server.certificate, authority.certificate):
        _replace(server_file, _make_server(authority, now).pem(), mode=0o600)
    return Certificates(ca_file, server_file)


@contextlib.contextmanager
def _locked(folder: Path) -> Generator[None, None, None]:
    """Let one process at a time make files here. The system ends the lock with the process, however that ends."""
    with os.fdopen(os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600), "rb+") as file:
        if sys.platform == "win32":  # pragma: no cover - not where the tests run
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _keep_authority(path: Path, now: datetime) -> _Credential:
    kept = _load(path)
    if kept is not None and kept.lasts(now):
        return kept
    made = _make_authority(now)
    _replace(path, made.pem(), mode=0o600)
    return made


def _load(path: Path) -> _Credential | None:
    """The credential in the file; ``None`` where there is none, or it is damaged or of another kind."""
    try:
        text = path.read_bytes()
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return _Credential(key, certificate)


def _stands_under(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 - a wrong signature, a wrong issuer, no names: each means "make a new one"
        return False
    return list(names) == list(_server_names())


def _server_names() -> x509.SubjectAlternativeName:
    addresses = [x509.IPAddress(ipaddress.ip_address(address)) for address in LOOPBACK_ADDRESSES]
    return x509.SubjectAlternativeName([*map(x509.DNSName, SERVER_NAMES), *addresses])


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _make_authority(now: datetime) -> _Credential:
    key = ec.generate_private_key(ec.SECP256R1())
    # A serial part in the name: two authorities made one after the other must not be taken for each other.
    name = _name(f"azfiles-sim local authority {secrets.token_hex(4)}")
    networks = [x509.IPAddress(ipaddress.ip_network(address)) for address in LOOPBACK_ADDRESSES]
    constraints = x509.NameConstraints([*map(x509.DNSName, PERMITTED_DOMAINS), *networks], None)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Credential(key, certificate)


def _make_server(authority: _Credential, now: datetime) -> _Credential:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    authority_identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name("azfiles-sim"))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(min(now + SERVER_LIFETIME, issuer.not_valid_after_utc))
        .add_extension(_server_names(), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_identifier), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return _Credential(key, certificate)


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    """Write the file anew, whole or not at all, with its permissions from the start."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)


__all__ = ["Certificates", "default_ca_dir", "obtain", "real_now"]
