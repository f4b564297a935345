"""Bytes that are no HTTP, or HTTP that is no request of the service, at the socket of the served simulator."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import pytest

from azfiles_sim import Request, Simulator
from azfiles_sim.server import ServedSimulator, serve_in_thread
from tests.versions.examples import EXAMPLES, new_world
from tests.wire.asking import ACCOUNT, Asker

from .spoiling import finish, new_draft, spoil

TIMEOUT_S: Final = 20.0
PATIENCE_S: Final = 0.2
PROOF: Final = bool(os.environ.get("AZFILES_PROOF"))
SPOILT: Final = 3000 if PROOF else 150
DAMAGED: Final = 3000 if PROOF else 150

HEAD: Final = f"PUT /{ACCOUNT}/data/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
GET: Final = f"GET /{ACCOUNT}/data/d/f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
MESSAGES: Final[dict[str, bytes]] = {
    "nothing": b"",
    "a line break": b"\r\n",
    "zero bytes": bytes(100),
    "no HTTP": b"hello\r\n\r\n",
    "a TLS greeting": bytes.fromhex("1603010200010001fc0303") + bytes(range(256)),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: a\r\nConnection: close\r\n\r\n",
    "no version": b"GET / \r\nHost: a\r\nConnection: close\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nHost: b\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "bytes above 127 in the target": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a zero byte in the target": b"GET /\x00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a method of odd characters": b"G@T / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a target of 64 KiB": b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a header of 64 KiB": GET + b"x-a: " + b"a" * 65536 + b"\r\n\r\n",
    "ten thousand headers": GET + b"".join(b"x-%d: 1\r\n" % n for n in range(10000)) + b"\r\n",
    "a header without a colon": GET + b"nonsense\r\n\r\n",
    "a header without a name": GET + b": x\r\n\r\n",
    "a space before the colon": GET + b"x-a : b\r\n\r\n",
    "a folded header": GET + b"x-a: b\r\n c\r\n\r\n",
    "a zero byte in a header": GET + b"x-a: b\x00c\r\n\r\n",
    "a bare carriage return in a header": GET + b"x-a: b\rc\r\n\r\n",
    "bare line feeds": GET.replace(b"\r\n", b"\n") + b"\n",
    "a head that ends early": GET + b"x-a: b",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "a length in words": HEAD + b"Content-Length: many\r\n\r\n",
    "a length of forty digits": HEAD + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length and chunks": HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown transfer coding": HEAD + b"Transfer-Encoding: bogus\r\n\r\n",
    "a chunk of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a chunk of negative size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "a chunk of vast size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n",
    "a chunk without its end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n",
    "chunks that end early": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "a body that ends early": HEAD + b"Content-Length: 10\r\n\r\nabc",
    "an unsigned request": HEAD + b"Content-Length: 0\r\n\r\n",
    "an expectation": HEAD + b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    "another expectation": HEAD + b"Expect: magic\r\nContent-Length: 0\r\n\r\n",
    "an upgrade": GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "a tunnel": b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a whole URL": b"GET http://[::1/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "requests and then nonsense": (GET + b"\r\n") * 3 + b"\x00\xff\r\n\r\n",
}


@pytest.fixture(scope="module")
def world() -> Asker:
    return new_world()


@pytest.fixture(scope="module")
def served(world: Asker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSimulator]:
    folder: Path = tmp_path_factory.mktemp("authority")
    with serve_in_thread(world.simulator, ca_dir=folder) as server:
        yield server


def exchange(served: ServedSimulator, message: bytes) -> bytes:
    """Everything that comes back until the server ends the connection.

    A server that waits for more is told, after PATIENCE_S, that nothing more comes.
    """
    received = bytearray()
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_S) as connection:
        try:
            connection.sendall(message)
            while data := receive(connection):
                received += data
        except ConnectionError:
            pass
    return bytes(received)


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except TimeoutError:
        connection.settimeout(TIMEOUT_S)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(65536)


def statuses(received: bytes) -> list[int]:
    """The statuses of the answers in what came back."""
    return [int(part[2:5]) for part in received.split(b"HTTP/1.")[1:] if part[2:5].isdigit()]


def check(simulator: Simulator, served: ServedSimulator, message: bytes) -> list[int]:
    before = simulator._service.store.view()
    found = statuses(exchange(served, message))
    assert 500 not in found
    if not any(200 <= status < 300 for status in found):
        assert simulator._service.store.view() is before
    return found


def still_serves(served: ServedSimulator) -> bool:
    """Whether a request that lacks its version, and nothing else, is told so."""
    received = exchange(served, f"GET /{ACCOUNT}?comp=list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    return statuses(received) == [400] and b"MissingRequiredHeader" in received


@pytest.mark.requirement("NF-001")
@pytest.mark.parametrize("name", MESSAGES)
def test_bytes_that_are_no_proper_http_are_refused_and_change_nothing(
    served: ServedSimulator, world: Asker, name: str
) -> None:
    found = check(world.simulator, served, MESSAGES[name])
    assert all(status >= 400 or status == 100 for status in found), found
    assert still_serves(served)


@pytest.mark.requirement("NF-001")
def test_spoilt_requests_are_answered_over_http_as_well(served: ServedSimulator, world: Asker) -> None:
    random = Random(1)
    answered = 0
    for _ in range(SPOILT):
        draft = spoil(random.choice(sorted(EXAMPLES)), random, {})
        request, _ = finish(draft, random, world.date())
        answered += bool(check(world.simulator, served, as_bytes(request)))
    assert answered > SPOILT // 2
    assert still_serves(served)


@pytest.mark.requirement("NF-001")
def test_a_signed_request_with_any_bytes_damaged_is_answered_or_its_connection_ended(
    served: ServedSimulator, world: Asker
) -> None:
    random = Random(2)
    for _ in range(DAMAGED):
        message = bytearray(as_bytes(finish(new_draft("F8", {}), random, world.date())[0]))
        for _ in range(random.randrange(1, 4)):
            message[random.randrange(len(message))] = random.randrange(256)
        check(world.simulator, served, bytes(message))
    assert still_serves(served)


def as_bytes(request: Request) -> bytes:
    """The request as a careless client would write it: nothing is checked, nothing repaired."""
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    if not any(name.lower() == "host" for name, _ in request.headers):
        lines.append("Host: 127.0.0.1")
    lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + b"".join(request.body)
