"""What is made of a body that is only made as it is read."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from azfiles_sim.messages import Reply, Request
from azfiles_sim.server.framing import SMALL_REPLY_BYTES, frame, writes

VIEW = bytes(range(256)) * 256
COUNT = 40


class Made(Sequence[memoryview]):
    """Views that are made one at a time; ``alive`` counts those that were asked for."""

    def __init__(self, count: int = COUNT) -> None:
        self.count = count
        self.asked = 0
        self.threads: set[int] = set()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]

    def __iter__(self) -> Iterator[memoryview]:
        for _ in range(self.count):
            self.asked += 1
            self.threads.add(threading.get_ident())
            yield memoryview(VIEW)


def reply(body: Sequence[memoryview], size: int = COUNT * len(VIEW)) -> Reply:
    return Reply(200, "OK", [("Content-Length", str(size))], body)


def test_no_view_is_made_before_it_is_written() -> None:
    body = Made()
    framed = frame(reply(body))
    assert (framed.size, framed.brought, body.asked) == (COUNT * len(VIEW), True, 0)
    parts = writes(framed)
    next(parts)
    for number in range(1, COUNT + 1):
        assert bytes(next(parts)) == VIEW
        assert body.asked == number
    assert list(parts) == []


def test_a_short_one_leaves_in_one_write_and_a_head_needs_none() -> None:
    body = Made(0)
    assert len(list(writes(frame(reply(body, 0))))) == 1
    body = Made()
    assert frame(reply(body), to_head=True).body == ()
    assert body.asked == 0
    assert len(VIEW) > SMALL_REPLY_BYTES


def test_a_server_makes_it_in_its_threads_and_ends_the_connection_where_it_is_too_short(serve, client):
    bodies = [Made(), Made(COUNT - 1)]
    given = iter(bodies)
    loops: set[int] = set()

    def answer(_: Request) -> Reply:
        loops.add(threading.get_ident())
        return reply(next(given))

    connection = client(serve(answer))
    get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert connection.ask(get).body == VIEW * COUNT
    assert len(connection.ask(get).body) == len(VIEW) * (COUNT - 1)
    assert connection.rest() == b""
    assert all(body.threads and not body.threads & loops for body in bodies)
