"""What every transport over HTTP does, whatever carries it and in whatever colour, on a wire where each byte is known."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from azfiles.errors import ReplyNotUnderstood, RequestNotSent, TransportError
from azfiles.messages import AsyncTransport, Request, Transport
from azfiles.transports.tls import tls_context
from tests.transports.carriers import AWAITED, BLOCKING, CARRIERS, get
from tests.transports.wire import LAST, reply, wire


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


# Under trio httpcore warns of a generator of its own that is left behind when a body is not read to its end.
@pytest.mark.parametrize("make", [name for name in CARRIERS if name != "httpx-trio"], indirect=True)
def test_a_chunked_body_too_long_for_the_sink_never_writes_past_its_end(make):
    buffer = bytearray(b"....")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    with wire(chunked) as server, pytest.raises(ReplyNotUnderstood):
        make().send(get(server, sink=memoryview(buffer)[:3]))
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


def test_a_connection_that_the_service_closed_meanwhile_is_not_used(make):
    with wire(reply(b"1") + LAST, reply(b"2")) as server:
        client = make()
        assert bytes(client.send(get(server)).body) == b"1"
        assert server.ended.wait(10)
        assert bytes(client.send(get(server)).body) == b"2"
    assert server.connections == 2


def test_a_connection_that_the_service_wants_to_close_is_not_used_again(make):
    with wire(reply(b"1", headers="Connection: close\r\n"), reply(b"2")) as server:
        client = make()
        assert [bytes(client.send(get(server)).body) for _ in range(2)] == [b"1", b"2"]
    assert server.connections == 2


def test_a_large_body_arrives_as_it_was_whatever_its_buffers(make, certificates, served_tls):
    parts = [bytes([number]) * 300_001 for number in range(3)]
    body = (parts[0], memoryview(parts[1]), b"", bytearray(parts[2]))
    for tls in (None, served_tls):
        with wire(reply(b"".join(parts)), tls=tls) as server:
            host = server.origin.partition("://")[2]
            headers = (("Host", host), ("Content-Length", "900003"))
            buffer = bytearray(900_003)
            request = get(server, method="PUT", body=body, headers=headers, sink=memoryview(buffer))
            response = make(ca_file=certificates.ca_file).send(request)
            assert server.requests[0].partition(b"\r\n\r\n")[2] == b"".join(parts)
            assert len(response.body) == 900_003
            assert buffer == b"".join(parts)


def test_a_certificate_for_another_host_is_refused_before_anything_is_sent(make, certificates, served_tls, monkeypatch):
    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: found("127.0.0.1", *more, **named))
    with wire(reply(), tls=served_tls) as server:
        request = get(server)
        elsewhere = replace(request, origin=request.origin.replace("127.0.0.1", "account.example"))
        with pytest.raises(TransportError, match="CERTIFICATE_VERIFY_FAILED") as failure:
            make(ca_file=certificates.ca_file).send(elsewhere)
        assert server.requests == []
    assert not failure.value.sent


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


def test_a_request_that_finds_no_free_connection_in_its_time_was_not_sent(make):
    def wait_for_nothing():
        with pytest.raises(TransportError):
            client.send(get(server), 30.0)

    with wire(b"hold") as server:
        client = make(connections=1)
        waiting = threading.Thread(target=wait_for_nothing)
        waiting.start()
        while not server.requests:
            waiting.join(0.001)
        with pytest.raises(TransportError, match=r"no complete answer in 0\.01 s") as error:
            client.send(get(server), 0.01)
        assert not error.value.sent
        server.hold.set()
        waiting.join()


def test_many_threads_use_one_connection(make):
    count = 12
    with wire(*[reply(b"x")] * count) as server:
        client = make(connections=1)
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(bytes(client.send(get(server), 30.0).body)))
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.connections == 1
    assert answers == [b"x"] * count


@pytest.mark.parametrize("library", BLOCKING)
def test_each_transport_is_what_its_protocol_says(library):
    with BLOCKING[library](connections=9) as blocking:
        assert isinstance(blocking, Transport)
        assert repr(blocking) == f"<{type(blocking).__name__} with up to 9 connections>"
    awaited = AWAITED[library](connections=9)
    assert isinstance(awaited, AsyncTransport)
    assert repr(awaited).startswith(f"<{type(awaited).__name__} with ")


@pytest.mark.parametrize("library", BLOCKING)
def test_a_transport_without_connections_is_refused(library):
    for kind in (BLOCKING, AWAITED):
        with pytest.raises(RequestNotSent, match="at least 1"):
            kind[library](connections=0)


@pytest.mark.parametrize("library", AWAITED)
def test_an_async_transport_closes_itself_at_the_end_of_its_block(library):
    async def use(server):
        async with AWAITED[library]() as transport:
            return await transport.send_async(get(server), 10.0)

    with wire(reply(b"x")) as server:
        assert bytes(anyio.run(use, server).body) == b"x"


def test_transports_share_one_tls_context_that_checks_certificates(certificates):
    context = tls_context()
    assert context is tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls_context(certificates.ca_file) is tls_context(str(certificates.ca_file))
    assert tls_context(certificates.ca_file) is not context


@pytest.mark.parametrize("library", BLOCKING)
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_ca_file_is_named(tmp_path: Path, content, library):
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(RequestNotSent, match=r"ca\.pem"):
        BLOCKING[library](ca_file=path)
