"""The CONNECT proxy: it leads to the simulator, and nowhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from azfiles_sim.messages import Reply
from azfiles_sim.server import serve_in_thread
from azfiles_sim.server.in_thread import _ServerThread
from azfiles_sim.server.proxy import MAX_HEAD_BYTES, Proxy, judge_head

from .conftest import Answering

PLACE = "devstoreaccount1.file.core.windows.net:443"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"CONNECT {PLACE} HTTP/1.1", 200),
        (f"CONNECT {PLACE.upper()} HTTP/1.0", 200),
        ("CONNECT abc-secondary.file.core.windows.net:443 HTTP/1.1", 200),
        ("CONNECT example.org:443 HTTP/1.1", 403),
        ("CONNECT devstoreaccount1.blob.core.windows.net:443 HTTP/1.1", 403),
        ("CONNECT devstoreaccount1.file.core.windows.net:80 HTTP/1.1", 403),
        ("CONNECT devstoreaccount1.file.core.windows.net HTTP/1.1", 403),
        ("CONNECT evil.test/.file.core.windows.net:443 HTTP/1.1", 403),
        ("CONNECT a.b.file.core.windows.net:443 HTTP/1.1", 403),
        ("CONNECT abc.filexcore.windows.net:443 HTTP/1.1", 403),
        (f"GET https://{PLACE}/ HTTP/1.1", 405),
        (f"connect {PLACE} HTTP/1.1", 400),
        (f"CONNECT {PLACE}", 400),
        ("\x16\x03\x01", 400),
        ("", 400),
    ],
)
def test_only_connect_to_the_file_service_passes(head, status):
    assert judge_head(f"{head}\r\nHost: x\r\n\r\n".encode("latin-1")) == status


@contextmanager
def proxy_to(port: int) -> Iterator[int]:
    thread = _ServerThread(Proxy("127.0.0.1", port), "127.0.0.1", 0)
    chosen = thread.start()
    try:
        yield chosen
    finally:
        thread.stop()


def connected(port: int, head: bytes) -> tuple[socket.socket, bytes]:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(head)
    answer = b""
    while not answer.endswith(b"\r\n\r\n") and (more := connection.recv(1)):
        answer += more
    return connection, answer


def test_a_client_speaks_tls_with_the_simulator_by_the_services_own_name(ca_dir):
    simulator = Answering(lambda _: Reply(200, "OK", [("Content-Length", "2")], [memoryview(b"hi")]))
    with ExitStack() as stack:
        served = stack.enter_context(serve_in_thread(simulator, https=True, ca_dir=ca_dir))
        port = stack.enter_context(proxy_to(served.port))
        plain, answer = connected(port, f"CONNECT {PLACE} HTTP/1.1\r\nHost: {PLACE}\r\n\r\n".encode())
        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
        trust = ssl.create_default_context(cafile=served.ca_file)
        with trust.wrap_socket(plain, server_hostname=PLACE.removesuffix(":443")) as client:
            client.sendall(f"GET /share HTTP/1.1\r\nHost: {PLACE.removesuffix(':443')}\r\n\r\n".encode())
            received = b""
            while not received.endswith(b"hi"):
                received += client.recv(1000)
        assert received.startswith(b"HTTP/1.1 200 OK")
        assert simulator.connections[0].tls


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", b"HTTP/1.1 403 "),
        (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 405 "),
        (b"x" * (2 * MAX_HEAD_BYTES), b"HTTP/1.1 400 "),
    ],
)
def test_every_other_place_is_refused_and_the_connection_ends(head, status):
    with proxy_to(9) as port:
        connection, answer = connected(port, head)
        with connection:
            assert answer.startswith(status)


def test_a_server_that_is_gone_is_a_502():
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = free.getsockname()[1]
    with proxy_to(nobody) as port:
        connection, answer = connected(port, f"CONNECT {PLACE} HTTP/1.1\r\n\r\n".encode())
        with connection:
            assert answer.startswith(b"HTTP/1.1 502 ")


def test_stopping_ends_what_is_led_and_what_waits():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with proxy_to(server.getsockname()[1]) as port:
            waiting = socket.create_connection(("127.0.0.1", port), timeout=20)  # accepted before the next one
            led, _ = connected(port, f"CONNECT {PLACE} HTTP/1.1\r\n\r\n".encode())
        for connection in (led, waiting):
            with connection:
                assert ended(connection)


def test_a_server_that_cuts_the_connection_cuts_it_for_the_client():
    with socket.create_server(("127.0.0.1", 0)) as server, proxy_to(server.getsockname()[1]) as port:
        led, _ = connected(port, f"CONNECT {PLACE} HTTP/1.1\r\n\r\n".encode())
        accepted, _ = server.accept()
        accepted.close()
        with led:
            assert ended(led)


def ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_proxy_that_never_began_can_be_stopped():
    assert asyncio.run(Proxy("127.0.0.1", 9).stop()) is None
