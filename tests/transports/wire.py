"""A server of raw bytes on loopback: it keeps what arrives and sends back what it was told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

END = b"\r\n\r\n"
LAST = b"<the connection ends here>"


class Wire:
    """``replies`` are sent one after another, one for each request; ``None`` instead closes the connection, and ``LAST``
    after a reply closes it without a word. ``ended`` is set whenever a connection has been closed.
    """

    def __init__(self, *replies: bytes | None, tls: ssl.SSLContext | None = None) -> None:
        self.replies = list(replies)
        self.requests: list[bytes] = []
        self.connections = 0
        self.tls = tls
        self.hold = threading.Event()
        self.ended = threading.Event()
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.hold.set()
        for each in (self.listener, *self.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection, self._secured(connection) as secured:
                self.connections += 1
                self.open = [secured]
                self._talk(secured)
            self.ended.set()

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection

    def _talk(self, connection: socket.socket) -> None:
        while True:
            got = b""
            while END not in got:
                more = connection.recv(65536)
                if not more:
                    return
                got += more
            head, _, body = got.partition(END)
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            while len(body) < length:
                body += connection.recv(65536)
            self.requests.append(head + END + body)
            reply = self.replies.pop(0) if self.replies else None
            if reply is None:
                return
            if reply == b"hold":
                self.hold.wait(30)
                return
            connection.sendall(reply.removesuffix(LAST))
            if b"Connection: close" in reply or reply.endswith(LAST):
                return


@contextmanager
def wire(*replies: bytes | None, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    server = Wire(*replies, tls=tls)
    try:
        yield server
    finally:
        server.close()


def reply(body: bytes = b"", status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
