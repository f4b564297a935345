from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from azfiles.errors import ReplyNotUnderstood, RequestNotSent, TransportError
from azfiles.messages import AsyncTransport, Request, Transport
from azfiles.transports import over_httpx
from azfiles.transports.over_httpx import AsyncHttpxTransport, HttpxTransport, tls_context
from azfiles_sim.server.certificates import obtain
from tests.transports.wire import reply, wire


class Blocking:
    """The blocking transport."""

    def __init__(self, **options):
        self.transport = HttpxTransport(**options)

    def send(self, request, timeout_s=10.0):
        return self.transport.send(request, timeout_s)

    def close(self):
        self.transport.close()


class Awaited:
    """The async transport, one event loop for all its requests."""

    def __init__(self, backend, **options):
        self.stack = contextlib.ExitStack()
        self.portal = self.stack.enter_context(anyio.from_thread.start_blocking_portal(backend))
        self.transport = AsyncHttpxTransport(**options)

    def send(self, request, timeout_s=10.0):
        return self.portal.call(self.transport.send_async, request, timeout_s)

    def close(self):
        self.portal.call(self.transport.aclose)
        self.stack.close()


MAKERS = {
    "blocking": Blocking,
    "asyncio": lambda **options: Awaited("asyncio", **options),
    "trio": lambda **options: Awaited("trio", **options),
}


@pytest.fixture(params=MAKERS)
def make(request):
    with contextlib.ExitStack() as stack:

        def make(**options):
            client = MAKERS[request.param](**options)
            stack.callback(client.close)
            return client

        yield make


def get(server, target="/", **options):
    host = server.origin.partition("://")[2]
    headers = options.pop("headers", (("Host", host),))
    return Request(options.pop("method", "GET"), target, headers, origin=server.origin, **options)


def test_a_response_has_status_reason_headers_and_body(make):
    with wire(reply(b"body", "404 Nothing here", "x-ms-A: 1\r\nx-ms-a: 2\r\n")) as server:
        response = make().send(get(server))
    assert (response.status, response.reason, bytes(response.body)) == (404, "Nothing here", b"body")
    assert response.headers.pairs == (("x-ms-A", "1"), ("x-ms-a", "2"), ("Content-Length", "4"))


@pytest.mark.parametrize("target", ["/a%2Fb/C%c3%bc/+/~?x=%2f&y=a+b&z=%41&&", "/a//b/../c?q=%7e'()*!"])
def test_the_target_reaches_the_wire_byte_for_byte(make, target):
    with wire(reply()) as server:
        make().send(get(server, target))
    assert server.requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


def test_nothing_is_added_to_the_headers_and_their_spelling_is_kept(make):
    with wire(reply()) as server:
        host = server.origin.partition("://")[2]
        make().send(get(server, headers=(("Host", host), ("x-MS-version", "1"), ("x-ms-meta-U", "ü"))))
    head = f"GET / HTTP/1.1\r\nHost: {host}\r\nx-MS-version: 1\r\nx-ms-meta-U: ü\r\n\r\n"
    assert server.requests == [head.encode()]


def test_a_header_that_is_not_utf8_is_read_one_to_one(make):
    with wire(b"HTTP/1.1 200 OK\r\nx: \xfc\r\ny: \xc3\xbc\r\nContent-Length: 0\r\n\r\n") as server:
        response = make().send(get(server))
    assert (response.headers.get("x"), response.headers.get("y")) == ("ü", "ü")


def test_buffers_of_a_body_arrive_one_after_another_with_their_length(make):
    body = (b"one", bytearray(b"two"), memoryview(b"xthreex")[1:6])
    with wire(reply()) as server:
        host = server.origin.partition("://")[2]
        make().send(get(server, method="PUT", body=body, headers=(("Host", host), ("Content-Length", "11"))))
    assert server.requests[0].endswith(b"Content-Length: 11\r\n\r\nonetwothree")


def test_a_body_lands_in_the_sink(make):
    buffer = bytearray(b"........")
    with wire(reply(b"12345", "206 Partial Content")) as server:
        response = make().send(get(server, sink=memoryview(buffer)))
    assert bytes(response.body) == b"12345"
    assert buffer == b"12345..."
    assert isinstance(response.body, memoryview)
    assert response.body.obj is buffer


def test_the_body_of_a_refusal_stays_out_of_the_sink(make):
    buffer = bytearray(b"..")
    with wire(reply(b"<Error/>", "404 No")) as server:
        response = make().send(get(server, sink=memoryview(buffer)))
    assert bytes(response.body) == b"<Error/>"
    assert buffer == b".."


def test_a_body_too_long_for_the_sink_is_refused_before_it_comes(make):
    buffer = bytearray(b"....")
    with wire(reply(b"12345")) as server, pytest.raises(ReplyNotUnderstood, match="5 bytes or more"):
        make().send(get(server, sink=memoryview(buffer)[:3]))
    assert buffer == b"...."


def test_a_chunked_body_too_long_for_the_sink_never_writes_past_its_end():
    buffer = bytearray(b"....")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    with wire(chunked) as server, HttpxTransport() as transport, pytest.raises(ReplyNotUnderstood):
        transport.send(get(server, sink=memoryview(buffer)[:3]), 10.0)
    assert buffer[3:] == b"."


def test_a_chunked_body_is_read_to_its_end(make):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    with wire(chunked) as server:
        assert bytes(make().send(get(server)).body) == b"abcde"


def test_a_reply_to_head_has_a_length_and_no_body(make):
    with wire(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n") as server:
        response = make().send(get(server, method="HEAD", sink=memoryview(bytearray(1))))
    assert bytes(response.body) == b""
    assert response.headers.get("content-length") == "99"


def test_a_connection_is_used_again(make):
    with wire(reply(), reply(), reply()) as server:
        client = make()
        for _ in range(3):
            client.send(get(server))
    assert server.connections == 1


def test_a_redirect_is_an_answer_like_any_other(make):
    with wire(reply(b"", "302 Found", "Location: http://example.invalid/\r\n")) as server:
        assert make().send(get(server)).status == 302


def test_a_body_that_ends_early_is_an_error_and_the_service_may_have_acted(make):
    cut = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nabc"
    with wire(cut) as server, pytest.raises(TransportError) as failure:
        make().send(get(server))
    assert failure.value.sent


def test_a_connection_that_ends_without_a_reply_may_have_done_its_work(make):
    with wire(None) as server, pytest.raises(TransportError) as failure:
        make().send(get(server))
    assert failure.value.sent


def test_nobody_listening_means_nothing_was_sent(make):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransportError) as failure:
        make().send(Request("GET", "/f?sig=SECRET", (("Host", "x"),), origin=f"http://127.0.0.1:{port}"))
    assert not failure.value.sent
    assert "SECRET" not in str(failure.value)
    assert "/f?sig=REDACTED" in str(failure.value)


def test_a_reply_that_does_not_come_in_time_may_have_been_acted_on(make):
    with wire(b"hold") as server, pytest.raises(TransportError, match=r"no complete answer in 0\.05 s") as failure:
        make().send(get(server), 0.05)
    assert failure.value.sent


def test_an_answer_that_trickles_in_is_ended_when_its_time_is_over(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(over_httpx.time, "monotonic", lambda: now[0])
    deadline = over_httpx._Deadline(10.0)
    now[0] = 4.0
    assert deadline.get("read") == 6.0
    assert deadline.get("connect") == 6.0
    deadline.check()
    now[0] = 11.0
    assert 0 < deadline.get("read") < 0.01
    with pytest.raises(over_httpx.httpx.ReadTimeout, match="still coming in"):
        deadline.check()


def test_a_header_that_http_cannot_say_is_refused_and_not_quoted(make):
    with wire(reply()) as server, pytest.raises(RequestNotSent) as failure:
        make().send(get(server, headers=(("Host", "x"), ("Authorization", "SECRET\nx: y"))))
    assert server.requests == []
    assert "SECRET" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_an_ungrammatical_reply_is_a_transport_error(make):
    with wire(b"NONSENSE\r\n\r\n") as server, pytest.raises(TransportError) as failure:
        make().send(get(server))
    assert failure.value.sent


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return obtain(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def served_tls(certificates):
    return certificates.server_context()


def test_a_certificate_of_an_authority_that_was_named_is_accepted(make, certificates, served_tls):
    with wire(reply(b"safe"), tls=served_tls) as server:
        assert bytes(make(ca_file=certificates.ca_file).send(get(server)).body) == b"safe"


def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(make, served_tls):
    with wire(reply(), tls=served_tls) as server:
        with pytest.raises(TransportError, match="CERTIFICATE_VERIFY_FAILED") as failure:
            make().send(get(server))
        assert server.requests == []
    assert not failure.value.sent


def test_tls_older_than_1_2_is_refused(make, certificates, served_tls):
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        served_tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with wire(reply(), tls=served_tls) as server, pytest.raises(TransportError) as failure:
        make(ca_file=certificates.ca_file).send(get(server))
    assert not failure.value.sent


def test_transports_share_one_tls_context_that_checks_certificates(certificates):
    context = tls_context()
    assert context is tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls_context(certificates.ca_file) is tls_context(str(certificates.ca_file))
    assert tls_context(certificates.ca_file) is not context


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_ca_file_is_named(tmp_path: Path, content):
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(RequestNotSent, match=r"ca\.pem"):
        HttpxTransport(ca_file=path)


def test_a_pool_holds_eight_connections_at_most_and_more_pools_are_made():
    limits = list(over_httpx._limits(20, over_httpx.CONNECTIONS_PER_POOL))
    assert [limit.max_connections for limit in limits] == [8, 8, 4]
    with pytest.raises(RequestNotSent, match="at least 1"):
        HttpxTransport(connections=0)


def test_requests_fill_one_pool_before_the_next_and_then_the_least_busy():
    pools = over_httpx._Pools(["a", "b"])
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(pools.borrow()) for _ in range(18)]
        assert taken == ["a"] * 8 + ["b"] * 8 + ["a", "b"]
    with pools.borrow() as again:
        assert again == "a"


def test_a_request_has_a_connection_to_itself_and_gets_the_one_that_last_spoke_to_its_origin():
    connections = over_httpx._Connections(["a", "b", "c"])
    with (
        connections.borrow("http://x", over_httpx._Deadline(1)) as first,
        connections.borrow("http://y", over_httpx._Deadline(1)) as second,
    ):
        assert {first, second} == {"a", "b"}
    with (
        connections.borrow("http://x", over_httpx._Deadline(1)) as again,
        connections.borrow("http://x", over_httpx._Deadline(1)) as unused,
    ):
        assert (again, unused) == (first, "c")


def test_a_request_that_finds_no_free_connection_in_its_time_was_not_sent():
    def wait_for_nothing():
        with pytest.raises(TransportError):
            transport.send(get(server), 30.0)

    with wire(b"hold") as server, HttpxTransport(connections=1) as transport:
        waiting = threading.Thread(target=wait_for_nothing)
        waiting.start()
        while not server.requests:
            waiting.join(0.001)
        with pytest.raises(TransportError, match=r"no complete answer in 0\.01 s") as error:
            transport.send(get(server), 0.01)
        assert not error.value.sent
        server.hold.set()
        waiting.join()


def test_many_threads_use_one_transport():
    count = 12
    with wire(*[reply(b"x")] * count) as server, HttpxTransport(connections=1) as transport:
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(bytes(transport.send(get(server), 30.0).body)))
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [b"x"] * count


def test_each_transport_is_what_its_protocol_says():
    assert isinstance(HttpxTransport(), Transport)
    assert isinstance(AsyncHttpxTransport(), AsyncTransport)
    assert repr(HttpxTransport(connections=9)) == "<HttpxTransport with up to 9 connections>"
    assert repr(AsyncHttpxTransport(connections=9)) == "<AsyncHttpxTransport with 2 pools>"


def test_an_async_transport_closes_itself_at_the_end_of_its_block():
    async def use(server):
        async with AsyncHttpxTransport() as transport:
            return await transport.send_async(get(server), 10.0)

    with wire(reply(b"x")) as server:
        assert bytes(anyio.run(use, server).body) == b"x"
