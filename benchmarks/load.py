"""Load on a server from raw sockets, in this process: requests that are bytes already, and whole answers."""

from __future__ import annotations

import math
import re
import select
import socket
import time
from collections.abc import Iterator

BUFFER = 8 * 1024 * 1024
_LAST_CHUNK = b"0\r\n\r\n"


class _Connection:
    """One connection and how much of its answer has come."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head, self._tail = b"", b""
        self._left: float | None = None
        self.sent_at_s = 0.0

    def send(self, message: bytes) -> None:
        self._head, self._left, self._tail, self.sent_at_s = b"", None, b"", time.perf_counter()
        self.socket.sendall(message)

    def receive(self, buffer: bytearray) -> bool:
        """Read what there is; whether the answer is whole."""
        count = self.socket.recv_into(buffer)
        if not count:
            raise ConnectionError("the server ended the connection")
        self._tail = (self._tail + buffer[max(0, count - len(_LAST_CHUNK)) : count])[-len(_LAST_CHUNK) :]
        if self._left is None:
            self._head += buffer[:count]
            head, end, _ = self._head.partition(b"\r\n\r\n")
            if not end:
                return False
            if int(head[9:12]) >= 400:
                raise RuntimeError(f"the server said {head[9:12].decode()}")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            self._left = math.inf if length is None else int(length[1]) + len(head) + len(end)
            count = len(self._head)
        self._left -= count
        return self._left <= 0 or (self._left == math.inf and self._tail == _LAST_CHUNK)


def exchange(port: int, messages: Iterator[bytes], count: int, connections: int) -> tuple[float, list[float]]:
    """Send ``count`` messages over ``connections`` at once; the seconds of all, and of each."""
    buffer, took = bytearray(BUFFER), list[float]()
    opened = [_Connection(port) for _ in range(min(connections, count))]
    by_number = {one.socket.fileno(): one for one in opened}
    poll = select.epoll()
    began = time.perf_counter()
    for one in opened:
        poll.register(one.socket, select.EPOLLIN)
        one.send(next(messages))
    sent = len(opened)
    while len(took) < sent:
        for number, _ in poll.poll():
            one = by_number[number]
            if one.receive(buffer):
                took.append(time.perf_counter() - one.sent_at_s)
                if sent < count:
                    one.send(next(messages))
                    sent += 1
    seconds = time.perf_counter() - began
    poll.close()
    for one in opened:
        one.socket.close()
    return seconds, took
