"""Real sockets to a real server; what answers behind it is a function of the test."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from azfiles_sim.accounts import DEFAULT_ACCOUNTS, AccountSpec
from azfiles_sim.messages import Connection, Dropped, Reply, Request
from azfiles_sim.server import ServedSimulator, serve_in_thread


@dataclass
class Answering:
    """The smallest thing that can be served: a function, and what it was asked."""

    answer: Callable[[Request], Reply | Dropped]
    accounts: Sequence[AccountSpec] = DEFAULT_ACCOUNTS
    requests: list[Request] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)

    def handle(self, request: Request, connection: Connection = Connection(), /) -> Reply | Dropped:  # noqa: B008 - frozen
        self.requests.append(request)
        self.connections.append(connection)
        return self.answer(request)


@dataclass(frozen=True)
class Received:
    """A reply as it came: the status line, the header lines, the bytes after them (the framing taken off)."""

    status_line: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class RawClient:
    """One connection on which the test says every byte."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, server_name: str = "localhost") -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket = plain if tls is None else tls.wrap_socket(plain, server_hostname=server_name)
        self._file = self.socket.makefile("rb")

    def send(self, message: bytes) -> None:
        self.socket.sendall(message)

    def receive(self, *, to_head: bool = False) -> Received:
        status_line = self._file.readline().rstrip(b"\r\n")
        headers = []
        while line := self._file.readline().rstrip(b"\r\n"):
            name, _, value = line.partition(b": ")
            headers.append((name, value))
        found = {name.lower(): value for name, value in headers}
        if to_head:
            body = b""
        elif found.get(b"transfer-encoding") == b"chunked":
            body = b"".join(self._chunks())
        elif b"content-length" in found:
            body = self._file.read(int(found[b"content-length"]))
        else:
            body = self._file.read() if found.get(b"connection") == b"close" else b""
        return Received(status_line, headers, body)

    def ask(self, message: bytes, *, to_head: bool = False) -> Received:
        self.send(message)
        return self.receive(to_head=to_head)

    def rest(self) -> bytes:
        """Everything until the connection ends; empty also where it is cut off hard."""
        try:
            return self._file.read()
        except ConnectionError:
            return b""

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._file.readline(), 16):
            yield self._file.read(size)
            assert self._file.readline() == b"\r\n"
        assert self._file.readline() == b"\r\n"


@pytest.fixture(scope="session")
def ca_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate authority for all tests of a run."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def serve(ca_dir: Path) -> Iterator[Callable[..., ServedSimulator]]:
    """Serves a function, or a simulator, until the test ends."""
    with ExitStack() as stack:

        def start(answer: Callable[[Request], Reply | Dropped] | Answering, **options: object) -> ServedSimulator:
            simulator = answer if isinstance(answer, Answering) else Answering(answer)
            return stack.enter_context(serve_in_thread(simulator, ca_dir=ca_dir, **options))

        yield start


@pytest.fixture
def client() -> Iterator[Callable[..., RawClient]]:
    """Opens raw connections that are closed when the test ends."""
    with ExitStack() as stack:

        def connect(served: ServedSimulator, **options: object) -> RawClient:
            opened = RawClient(served.port, **options)
            stack.callback(opened.close)
            return opened

        yield connect
