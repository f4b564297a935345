"""The authority and its certificate, judged by OpenSSL in real handshakes."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from freezegun import freeze_time

from azfiles_sim.messages import Reply
from azfiles_sim.server.certificates import default_ca_dir, obtain, real_now

from .conftest import Answering

NOW = datetime(2030, 5, 1, tzinfo=UTC)


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> tuple[str | None, str | None]:
    """One TLS handshake over a socket pair: the protocol version and the application protocol."""
    near, far = socket.socketpair()
    near.settimeout(20)
    far.settimeout(20)

    def accept() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as accepted:
                accepted.recv(1)
        except (ssl.SSLError, OSError):
            far.close()

    other_end = threading.Thread(target=accept)
    other_end.start()
    try:
        with near, client.wrap_socket(near, server_hostname=name) as secured:
            return secured.version(), secured.selected_alpn_protocol()
    finally:
        other_end.join()


def trusting(ca_file: Path) -> ssl.SSLContext:
    """As strict as OpenSSL can be, which is what Python 3.13 is by default."""
    context = ssl.create_default_context(cafile=str(ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def issue(ca_dir: Path, name: x509.GeneralName, target: Path) -> Path:
    """A certificate for ``name``, signed by the authority itself: what a thief of its key could do."""
    text = (ca_dir / "ca-key.pem").read_bytes()
    authority = x509.load_pem_x509_certificate(text)
    authority_key = serialization.load_pem_private_key(text, None)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made for a test")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(real_now() - timedelta(days=1))
        .not_valid_after(real_now() + timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            ),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    target.write_bytes(pem)
    return target


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "devstoreaccount1.file.core.windows.net"])
def test_openssl_accepts_each_of_its_names_with_tls_1_3_and_http_1_1(ca_dir, name):
    kept = obtain(ca_dir)
    assert shake_hands(kept.server_context(), trusting(kept.ca_file), name) == ("TLSv1.3", "http/1.1")


def test_tls_1_2_is_still_spoken(ca_dir):
    kept = obtain(ca_dir)
    client = trusting(kept.ca_file)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert shake_hands(kept.server_context(), client, "localhost")[0] == "TLSv1.2"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_anything_older_is_refused(ca_dir):
    kept = obtain(ca_dir)
    client = trusting(kept.ca_file)
    client.minimum_version = ssl.TLSVersion.TLSv1_1
    client.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        shake_hands(kept.server_context(), client, "localhost")


@pytest.mark.parametrize("name", ["example.com", "a.b.file.core.windows.net", "a.blob.core.windows.net", "127.0.0.2"])
def test_it_is_not_taken_for_another_host(ca_dir, name):
    kept = obtain(ca_dir)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        shake_hands(kept.server_context(), trusting(kept.ca_file), name)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("example.com", x509.DNSName("example.com")),
        ("login.windows.net", x509.DNSName("login.windows.net")),
        ("a.blob.core.windows.net", x509.DNSName("a.blob.core.windows.net")),
        ("xfile.core.windows.net", x509.DNSName("xfile.core.windows.net")),
        ("10.0.0.1", x509.IPAddress(ip_address("10.0.0.1"))),
    ],
)
def test_openssl_refuses_what_the_authority_signs_outside_its_constraints(ca_dir, tmp_path, asked, name):
    kept = obtain(ca_dir)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(issue(ca_dir, name, tmp_path / "other.pem"))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(server, trusting(kept.ca_file), asked)


def test_the_constraints_are_critical(ca_dir):
    certificate = x509.load_pem_x509_certificate(obtain(ca_dir).ca_file.read_bytes())
    assert certificate.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_whoever_does_not_trust_the_authority_refuses_the_server(ca_dir):
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(obtain(ca_dir).server_context(), ssl.create_default_context(), "localhost")


def test_key_files_are_the_owners_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        obtain(tmp_path / "made")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "made").iterdir()}
    assert modes == {".lock": 0o600, "ca-key.pem": 0o600, "server-key.pem": 0o600, "ca.pem": 0o644}
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700


def test_a_key_file_that_was_opened_to_others_is_closed_again(tmp_path):
    obtain(tmp_path)
    (tmp_path / "ca-key.pem").chmod(0o644)
    obtain(tmp_path)
    assert stat.S_IMODE((tmp_path / "ca-key.pem").stat().st_mode) == 0o600


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_valid_is_used_again(tmp_path):
    obtain(tmp_path, now=NOW)
    made = contents(tmp_path)
    obtain(tmp_path, now=NOW + timedelta(days=300))
    assert contents(tmp_path) == made


def test_a_server_certificate_that_ends_soon_is_renewed_under_the_same_authority(tmp_path):
    obtain(tmp_path, now=NOW)
    made = contents(tmp_path)
    obtain(tmp_path, now=NOW + timedelta(days=340))
    renewed = contents(tmp_path)
    assert renewed["ca.pem"] == made["ca.pem"]
    assert renewed["server-key.pem"] != made["server-key.pem"]


def test_an_authority_that_ends_soon_is_renewed_with_its_server_certificate(tmp_path):
    obtain(tmp_path, now=NOW)
    made = contents(tmp_path)
    obtain(tmp_path, now=NOW + timedelta(days=3640))
    renewed = contents(tmp_path)
    assert all(renewed[name] != made[name] for name in ("ca-key.pem", "ca.pem", "server-key.pem"))


@pytest.mark.parametrize("name", ["ca-key.pem", "server-key.pem", "ca.pem"])
@pytest.mark.parametrize("damage", [b"", b"not a key", "other", "rsa"])
def test_a_damaged_file_is_made_anew_and_works(tmp_path, name, damage):
    kept = obtain(tmp_path)
    if damage == "other":
        other = obtain(tmp_path / "elsewhere")
        damage = (other.ca_file.parent / name).read_bytes()
    elif damage == "rsa":
        key = rsa.generate_private_key(65537, 2048)
        damage = (
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + (tmp_path / "ca.pem").read_bytes()
        )
    (tmp_path / name).write_bytes(damage)
    kept = obtain(tmp_path)
    assert shake_hands(kept.server_context(), trusting(kept.ca_file), "localhost")[0] == "TLSv1.3"


def test_several_at_once_end_up_with_one_authority(tmp_path):
    start = threading.Barrier(8)

    def make(_number: int) -> bytes:
        start.wait()
        return obtain(tmp_path).ca_file.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
    kept = obtain(tmp_path)
    assert shake_hands(kept.server_context(), trusting(kept.ca_file), "localhost")[0] == "TLSv1.3"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "ca-key.pem", "ca.pem", "server-key.pem"]


def test_certificates_go_by_the_machines_clock_also_where_a_test_freezes_it(tmp_path):
    with freeze_time("2001-01-01"):
        kept = obtain(tmp_path)
    assert shake_hands(kept.server_context(), trusting(kept.ca_file), "localhost")[0] == "TLSv1.3"


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_DATA_HOME", "data/azfiles-sim"),
        ("win32", "LOCALAPPDATA", "data/azfiles-sim"),
        ("linux", None, "home/.local/share/azfiles-sim"),
        ("win32", None, "home/AppData/Local/azfiles-sim"),
        ("darwin", None, "home/Library/Application Support/azfiles-sim"),
    ],
)
def test_the_default_folder_is_where_the_system_keeps_a_users_data(monkeypatch, tmp_path, platform, variable, expected):
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "data"))
    assert default_ca_dir() == tmp_path / expected


def test_httpx_talks_to_a_served_function_over_tls(serve):
    simulator = Answering(lambda _: Reply(404, "The specified share does not exist."))
    served = serve(simulator, https=True)
    assert served.endpoint == f"https://127.0.0.1:{served.port}/devstoreaccount1"
    with httpx.Client(verify=ssl.create_default_context(cafile=str(served.ca_file))) as http:
        reply = http.get(f"{served.endpoint}/share")
    assert (reply.status_code, reply.reason_phrase) == (404, "The specified share does not exist.")
    assert simulator.connections[0].tls


def test_large_bodies_go_through_tls_in_both_directions(serve):
    served = serve(lambda request: Reply(200, "OK", (), [memoryview(part) for part in request.body]), https=True)
    content = bytes(range(256)) * 16384
    with httpx.Client(verify=ssl.create_default_context(cafile=str(served.ca_file))) as http:
        assert http.put(f"{served.endpoint}/share/f", content=content).content == content


def test_plain_http_to_a_tls_port_is_no_answer_and_harms_nobody(serve, client):
    served = serve(lambda _: Reply(200, "OK"), https=True)
    plain = client(served)
    plain.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert not plain.rest().startswith(b"HTTP/1.1 200")
    secured = client(served, tls=trusting(served.ca_file))
    assert secured.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status_line == b"HTTP/1.1 200 OK"
