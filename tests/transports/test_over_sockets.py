"""What is the fast transport's own: how it reads HTTP/1.1, and how it keeps its connections. Replies are put into one end
of a socket pair, and the steps are taken by hand at the other.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azfiles.errors import RequestNotSent, TransportError
from azfiles.messages import Request
from azfiles.transports import links
from azfiles.transports.http1 import Ungrammatical, reply_head, request_head
from azfiles.transports.links import Link, Ready
from azfiles.transports.over_sockets import FastTransport
from azfiles.transports.over_sockets_async import AsyncFastTransport
from tests.proof import THOROUGH
from tests.transports.carriers import get
from tests.transports.wire import reply, wire


@contextmanager
def linked():
    """A link, and the service's end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield Link("http://service", ours), theirs


def take(steps, on_wait=lambda _: None):
    """Take all steps; ``on_wait`` is called instead of waiting."""
    step = next(steps)
    while True:
        on_wait(step)
        try:
            step = steps.send(None)
        except StopIteration as end:
            return end.value


def answered(*pieces, method="GET", sink=None):
    """What comes of a request whose answer comes in these pieces, one for each wait, and of its connection."""
    left = list(pieces)
    with linked() as (link, theirs):

        def on_wait(step):
            if isinstance(step, Ready) and not step.to_write:
                if left:
                    theirs.sendall(left.pop(0))
                else:
                    theirs.shutdown(socket.SHUT_WR)

        request = Request(method, "/", (("Host", "service"),), sink=sink)
        return take(link.exchange(request, request_head(request)), on_wait)


SEARCH = settings(max_examples=1000 if THOROUGH else 30, deadline=None, print_blob=True)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "body", "is_reusable"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length:3 \r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: Close\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", b"abc", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 200\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
        (CHUNKED + b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\nTrailer: x\r\n\r\n", b"abc", True),
        (CHUNKED + b"0\r\n\r\nrest", b"", False),
    ],
)
def test_the_body_ends_where_the_head_says_and_the_connection_lives_on_only_if_it_can(raw, body, is_reusable):
    response, kept = answered(raw)
    assert bytes(response.body) == body
    assert kept is is_reusable


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nEtag: 1\r\n Content-Length: 0\r\n\r\n",  # goes on with the line before, which nobody may say
        b"HTTP/1.1 200 OK\r\nno Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n:Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        CHUNKED + b"x\r\nabc\r\n0\r\n\r\n",
        CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n",
        CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_a_reply_that_could_be_read_in_two_ways_is_refused(raw):
    with pytest.raises(Ungrammatical):
        answered(raw)


def test_a_head_without_end_is_refused():
    with pytest.raises(Ungrammatical, match="65536 bytes"):
        answered(*[b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 5000] * 3)


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", CHUNKED + b"3\r\nab", CHUNKED + b"3\r\nabc\r\n"]
)
def test_an_end_before_the_end_is_an_error(raw):
    with pytest.raises(ConnectionError):
        answered(*filter(None, [raw]))


@given(st.data())
@SEARCH
def test_it_does_not_matter_in_what_pieces_a_reply_comes(data):
    body = data.draw(st.binary(max_size=200))
    chunks = data.draw(st.lists(st.binary(min_size=1, max_size=40), max_size=5))
    raw = data.draw(
        st.sampled_from(
            [
                b"HTTP/1.1 206 Partial Content\r\nA: b\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
                CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n",
            ]
        )
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw) - 1), max_size=8)))
    pieces = [raw[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    room = memoryview(bytearray(1000)) if data.draw(st.booleans()) else None
    response, is_reusable = answered(*pieces, sink=room)
    assert bytes(response.body) == (b"".join(chunks) if raw.startswith(CHUNKED) else body)
    assert is_reusable
    assert room is None or response.body.obj is room.obj


@given(st.binary(max_size=300), st.sampled_from(["GET", "HEAD"]))
@SEARCH
def test_no_bytes_make_reading_a_head_fail_in_another_way(noise, method):
    for raw in (noise, b"HTTP/1.1 200 OK\r\n" + noise, b"HTTP/1.1 200 OK\r\nContent-Length: " + noise):
        try:
            reply_head(raw, method)
        except Ungrammatical:
            continue


def test_a_service_that_refuses_before_it_has_read_the_body_is_heard():
    request = Request("PUT", "/", (("Host", "service"), ("Content-Length", "8000000")), (bytes(8_000_000),))
    with linked() as (link, theirs):

        def refuse(step):
            if isinstance(step, Ready) and step.to_write:
                theirs.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
                theirs.shutdown(socket.SHUT_RD)

        response, is_reusable = take(link.exchange(request, request_head(request)), refuse)
        assert link.sent
    assert response.status == 403
    assert not is_reusable


def test_a_used_connection_that_takes_no_byte_is_replaced_unnoticed(monkeypatch):
    monkeypatch.setattr(Link, "is_stale", lambda _: False)  # as if it ended just after it was looked at
    with wire(reply(b"1"), reply(b"2")) as server, FastTransport() as transport:
        transport.send(get(server), 10.0)
        (idle,) = transport._links._idle
        idle.socket.shutdown(socket.SHUT_WR)
        assert bytes(transport.send(get(server), 10.0).body) == b"2"
    assert server.connections == 2


def test_a_connection_that_idled_too_long_is_not_used(monkeypatch):
    with wire(reply(b"1"), reply(b"2")) as server, FastTransport() as transport:
        transport.send(get(server), 10.0)
        transport._links._idle[0].idle_since_s -= links.KEEP_IDLE_S
        transport.send(get(server), 10.0)
    assert server.connections == 2


def test_connections_to_other_places_make_room():
    with wire(reply(), reply()) as one, wire(reply()) as other, FastTransport(connections=1) as transport:
        for server in (one, other, one):
            transport.send(get(server), 10.0)
            assert [link.origin for link in transport._links._idle] == [server.origin]


@pytest.mark.parametrize(
    ("body", "headers"),
    [((b"abc",), ()), ((b"abc",), (("Content-Length", "4"),)), ((), (("Content-Length", "1"),))],
)
def test_a_body_whose_length_the_request_does_not_say_is_not_sent(body, headers):
    with pytest.raises(RequestNotSent, match="Content-Length"):
        request_head(Request("PUT", "/", headers, body))


@pytest.mark.parametrize("request_", [Request("G T", "/"), Request("GET", "/a b"), Request("GET", "/", (("a:", "b"),))])
def test_a_request_that_http_cannot_say_is_not_sent(request_):
    with pytest.raises(RequestNotSent, match=r"HTTP/1\.1"):
        request_head(request_)


@pytest.mark.parametrize("origin", ["ftp://127.0.0.1", "http://", "nonsense"])
def test_an_origin_that_is_none_is_refused(origin):
    with FastTransport() as transport, pytest.raises(RequestNotSent, match="http and https"):
        transport.send(Request("GET", "/", origin=origin), 1.0)


def test_a_step_may_take_what_is_left_of_the_request_and_of_its_own_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(links.time, "monotonic", lambda: now[0])
    assert links.time_left(None, 110.0) == 10.0
    assert links.time_left(links.Resolve("host", 80, 4.0), 110.0) == 4.0
    now[0] = 110.0
    with pytest.raises(TimeoutError):
        links.time_left(None, 110.0)


def test_over_tls_what_follows_an_answer_is_not_taken_for_the_next_one(certificates, served_tls):
    """It came in the same record as the end of the body, so it waits in the TLS layer, where no poll sees it."""
    stray = reply(b"x" * 20000) + reply(b"stray")
    with (
        wire(stray, reply(b"asked for"), tls=served_tls) as server,
        FastTransport(ca_file=certificates.ca_file, connections=1) as transport,
    ):
        transport.send(get(server), 10.0)
        assert bytes(transport.send(get(server), 10.0).body) == b"asked for"


def test_over_tls_a_body_without_length_that_is_cut_off_is_an_error(certificates, served_tls):
    """The end of the connection is the end of the body there, so somebody on the way could shorten it."""
    cut = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"
    with (
        wire(cut, tls=served_tls) as server,
        FastTransport(ca_file=certificates.ca_file) as transport,
        pytest.raises(TransportError) as failure,
    ):
        transport.send(get(server), 10.0)
    assert failure.value.sent


def test_closing_ends_requests_under_way():
    failures = []

    def ask():
        with pytest.raises(TransportError) as failure:
            transport.send(get(server), 30.0)
        failures.append(failure.value)

    with wire(b"hold") as server, FastTransport() as transport:
        asking = threading.Thread(target=ask)
        asking.start()
        while not server.requests:
            asking.join(0.001)
        transport.close()
        asking.join()
        server.hold.set()
    assert [failure.sent for failure in failures] == [True]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_request_closes_its_connection_and_makes_room(backend):
    async def use():
        async with AsyncFastTransport(connections=1) as transport:
            async with anyio.create_task_group() as group:
                group.start_soon(transport.send_async, get(server), 30.0)
                while not server.requests:  # the server is a thread and knows no event of ours
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
            assert not transport._links._busy
            assert not transport._links._idle
            server.hold.set()
            return (await transport.send_async(get(server), 10.0)).status

    with wire(b"hold", reply()) as server:
        assert anyio.run(use, backend=backend) == 200


def test_a_system_without_poll_and_sendmsg_is_served_too(monkeypatch):
    """Windows has neither."""
    monkeypatch.delattr(links.select, "poll")
    monkeypatch.setattr(links, "_CAN_SCATTER", False)
    body = (b"one", b"", b"two")
    with wire(reply(b"1"), reply(b"2")) as server, FastTransport() as transport:
        host = server.origin.partition("://")[2]
        request = get(server, method="PUT", body=body, headers=(("Host", host), ("Content-Length", "6")))
        assert [bytes(transport.send(request, 10.0).body) for _ in range(2)] == [b"1", b"2"]
        with pytest.raises(TransportError, match="no complete answer"):
            transport.send(request, 0.0)
    assert server.requests[1].endswith(b"onetwo")
