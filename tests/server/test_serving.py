"""What travels on the wire: every byte of a request reaches the handler, every byte of its reply the client."""

from __future__ import annotations

import gc
import logging
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from freezegun import freeze_time

from azfiles_sim.messages import Dropped, Reply, is_kept_as_it_is
from azfiles_sim.server.connection import MAX_HEAD_BYTES, READ_BYTES
from azfiles_sim.server.framing import SMALL_REPLY_BYTES
from azfiles_sim.server.serving import MAX_BODY_BYTES, POOLED_BODY_BYTES

from .conftest import Answering

MIB = 1024 * 1024
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def ok(_request) -> Reply:
    return Reply(200, "OK", [("Content-Length", "0")])


def view(content: bytes) -> list[memoryview]:
    return [memoryview(content)]


def test_the_reason_phrase_is_the_handlers(serve, client):
    served = serve(lambda _: Reply(404, "The specified share does not exist.", [("x-ms-error-code", "ShareNotFound")]))
    received = client(served).ask(GET)
    assert received.status_line == b"HTTP/1.1 404 The specified share does not exist."
    assert received.headers == [(b"x-ms-error-code", b"ShareNotFound"), (b"Content-Length", b"0")]


def test_the_library_adds_no_server_date_or_content_type(serve, client):
    received = client(serve(lambda _: Reply(200, "OK", [("Content-Length", "2")], view(b"hi")))).ask(GET)
    assert received.headers == [(b"Content-Length", b"2")]
    assert received.body == b"hi"


@pytest.mark.parametrize(
    "target",
    [
        "/devstoreaccount1/share/d%2Fe?restype=directory",
        "/a//b/./c/../d%20%C3%A9+x?include=&sig=a%2Fb%3D&sig=a/b=",
        "/",
        "/?comp=list&prefix=%25",
        "/share/?restype=directory&comp=list",
        "http://account.file.core.windows.net/s%2Ff?x=%3D",
    ],
)
def test_the_target_arrives_byte_for_byte(serve, client, target):
    simulator = Answering(ok)
    client(serve(simulator)).ask(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert simulator.requests[0].target == target


def test_header_bytes_arrive_as_latin_1_in_order_and_go_back_as_they_came(serve, client):
    simulator = Answering(lambda request: Reply(200, "OK", [pair for pair in request.headers if pair[0] != "Host"]))
    received = client(serve(simulator)).ask(
        b"GET / HTTP/1.1\r\nHost: a\r\nx-ms-meta-B: \xe9\r\nx-ms-meta-a: \xc3\xa9\r\nX-ms-meta-B: twice\r\n\r\n"
    )
    assert simulator.requests[0].headers == [
        ("Host", "a"),
        ("x-ms-meta-B", "\xe9"),
        ("x-ms-meta-a", "\xc3\xa9"),
        ("X-ms-meta-B", "twice"),
    ]
    assert received.headers == [
        (b"x-ms-meta-B", b"\xe9"),
        (b"x-ms-meta-a", b"\xc3\xa9"),
        (b"X-ms-meta-B", b"twice"),
        (b"Content-Length", b"0"),
    ]


@pytest.mark.parametrize("size", [1, 16 * 1024, 4 * MIB])
def test_a_body_of_known_length_arrives_in_one_buffer_that_can_be_stored_as_it_is(serve, client, size):
    simulator = Answering(ok)
    body = bytes(range(256)) * (size // 256) or b"x"
    client(serve(simulator)).ask(b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    (buffer,) = simulator.requests[0].body
    assert buffer == body
    assert is_kept_as_it_is(buffer)
    assert memoryview(buffer).readonly


def test_a_body_is_not_decompressed(serve, client):
    simulator = Answering(ok)
    client(serve(simulator)).ask(
        b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    )
    assert b"".join(simulator.requests[0].body) == b"abcd"


def test_a_chunked_body_is_taken_out_of_its_chunks(serve, client):
    simulator = Answering(ok)
    client(serve(simulator)).ask(
        b"PUT /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert b"".join(simulator.requests[0].body) == b"abcde"


def test_a_body_that_is_too_large_stays_too_large_but_is_not_kept_whole(serve, client):
    """And the connection goes on: the rest of the body was read."""
    simulator = Answering(
        lambda _: Reply(413, "The request body is too large and exceeds the maximum permissible limit.")
    )
    connection = client(serve(simulator))
    received = connection.ask(b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (9 * MIB) + bytes(9 * MIB))
    assert received.status_line.startswith(b"HTTP/1.1 413 ")
    assert MAX_BODY_BYTES < sum(map(len, simulator.requests[0].body)) < MAX_BODY_BYTES + 2 * MIB
    assert connection.ask(GET).status_line.startswith(b"HTTP/1.1 413 ")


def test_expect_100_continue_is_answered_before_the_body_is_read(serve, client):
    connection = client(serve(ok))
    connection.send(b"PUT /f HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert connection.receive().status_line == b"HTTP/1.1 100 Continue"
    assert connection.ask(b"abc").status_line == b"HTTP/1.1 200 OK"


def test_small_and_large_bodies_are_answered_alike(serve, client):
    """A large one is answered in another thread, so that its hash holds nobody up."""
    threads = []

    def answer(request) -> Reply:
        threads.append(threading.current_thread().name)
        return Reply(201, str(sum(map(len, request.body))))

    connection = client(serve(answer))
    for size in (1, POOLED_BODY_BYTES):
        head = b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size
        assert connection.ask(head + bytes(size)).status_line == b"HTTP/1.1 201 %d" % size
    assert threads[0] == "azfiles-sim server"
    assert threads[1] != threads[0]


def test_a_reply_of_several_views_is_their_concatenation(serve, client):
    content = bytes(range(256)) * 8192
    views = [
        memoryview(content)[:1000],
        memoryview(b""),
        memoryview(content)[1000:1500000],
        memoryview(content)[1500000:],
    ]
    served = serve(lambda _: Reply(200, "OK", [("Content-Length", str(len(content)))], views))
    assert client(served).ask(GET).body == content


@pytest.mark.parametrize("size", [0, 5, 300_000])
def test_a_chunked_reply_is_framed_in_chunks(serve, client, size):
    content = b"x" * size
    served = serve(
        lambda _: Reply(200, "OK", [("Transfer-Encoding", "chunked")], [memoryview(content), memoryview(content)])
    )
    connection = client(served)
    received = connection.ask(GET)
    assert received.header(b"Content-Length") is None
    assert received.body == content * 2
    assert connection.ask(GET).body == content * 2


def test_head_has_the_files_length_and_no_body(serve, client):
    connection = client(serve(lambda _: Reply(200, "OK", [("Content-Length", "1048576")])))
    received = connection.ask(b"HEAD /f HTTP/1.1\r\nHost: a\r\n\r\n", to_head=True)
    assert received.header(b"Content-Length") == b"1048576"
    assert connection.ask(b"HEAD /f HTTP/1.1\r\nHost: a\r\n\r\n", to_head=True) == received


def test_a_head_error_is_chunked_without_a_body(serve, client):
    connection = client(
        serve(lambda _: Reply(404, "The specified resource does not exist.", [("Transfer-Encoding", "chunked")]))
    )
    for _ in range(2):
        received = connection.ask(b"HEAD /f HTTP/1.1\r\nHost: a\r\n\r\n", to_head=True)
        assert received.headers == [(b"Transfer-Encoding", b"chunked")]


def test_a_connection_is_kept_for_the_next_request(serve, client):
    connection = client(serve(lambda request: Reply(200, request.target[1:])))
    for number in range(20):
        received = connection.ask(f"GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert received.status_line == b"HTTP/1.1 200 %d" % number


def test_requests_sent_together_are_answered_in_order(serve, client):
    connection = client(serve(lambda request: Reply(200, request.target[1:])))
    connection.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(50)))
    assert [connection.receive().status_line for _ in range(50)] == [
        b"HTTP/1.1 200 %d" % number for number in range(50)
    ]


def test_connection_close_is_obeyed_and_said(serve, client):
    connection = client(serve(ok))
    received = connection.ask(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert received.header(b"Connection") == b"close"
    assert connection.rest() == b""


def test_an_http_1_0_client_gets_a_chunked_reply_plain(serve, client):
    served = serve(lambda _: Reply(200, "OK", [("Transfer-Encoding", "chunked")], view(b"hello")))
    received = client(served).ask(b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
    assert received.header(b"Transfer-Encoding") is None
    assert received.body == b"hello"


def test_a_reply_shorter_than_it_says_ends_the_connection(serve, client):
    connection = client(serve(lambda _: Reply(200, "OK", [("Content-Length", "10")], view(b"cut"))))
    assert connection.ask(GET).body == b"cut"


def test_dropped_ends_the_connection_without_a_word(serve, client):
    connection = client(serve(lambda _: Dropped(applied=True)))
    connection.send(GET)
    assert connection.rest() == b""


def test_a_handler_that_fails_ends_its_connection_only_and_its_words_are_not_logged(serve, client, caplog):
    def answer(request) -> Reply:
        if request.target == "/bad":
            raise RuntimeError("the signature was c2VjcmV0")
        return ok(request)

    served = serve(answer)
    connection = client(served)
    connection.send(b"GET /bad HTTP/1.1\r\nHost: a\r\n\r\n")
    assert connection.rest() == b""
    assert client(served).ask(GET).status_line == b"HTTP/1.1 200 OK"
    assert "RuntimeError" in caplog.text
    assert "c2VjcmV0" not in caplog.text


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "OK", [("x-ms-meta-a", "b\r\nx-ms-meta-c: d")]),
        Reply(200, "OK", [("x-ms-meta-a", "b\nc")]),
        Reply(400, "line\rbreak"),
        Reply(200, "OK", [("x-ms-meta-a", "\0")]),
    ],
)
def test_a_header_with_a_line_break_is_never_sent(serve, client, caplog, reply):
    connection = client(serve(lambda _: reply))
    connection.send(GET)
    assert connection.rest() == b""
    assert "line break" in caplog.text


def test_header_text_that_latin_1_cannot_hold_is_sent_as_utf_8(serve, client):
    received = client(serve(lambda _: Reply(200, "OK", [("x-ms-meta-a", "日"), ("x-ms-meta-b", "\xe9")]))).ask(GET)
    assert received.header(b"x-ms-meta-a") == "日".encode()
    assert received.header(b"x-ms-meta-b") == b"\xe9"


@pytest.mark.parametrize(
    "message",
    [
        b"NOT HTTP AT ALL SharedKey c2VjcmV0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: SharedKey \x01c2VjcmV0\r\n\r\n",
        b"GET /\xc3\xa9?sig=c2VjcmV0 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_without_quoting_it(serve, client, caplog, message):
    simulator = Answering(ok)
    connection = client(serve(simulator))
    with caplog.at_level(logging.DEBUG):
        received = connection.ask(message)
    assert received.status_line == b"HTTP/1.1 400 Bad Request"
    assert received.headers == [(b"Content-Length", b"0"), (b"Connection", b"close")]
    assert connection.rest() == b""
    assert simulator.requests == []
    assert "refused with 400" in caplog.text
    assert "c2VjcmV0" not in caplog.text


PUT = b"PUT /f HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "message",
    [
        PUT + b"Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        PUT + b"Content-Length: 3\r\n" + CHUNKED,
        PUT + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        PUT.replace(b"1.1", b"1.0") + CHUNKED,
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_two_servers_might_read_differently_is_refused(serve, client, message):
    """A coding that nobody undoes, two lengths, another version's framing, no host or two, ends of lines without CR."""
    simulator = Answering(ok)
    connection = client(serve(simulator))
    assert connection.ask(message).status_line == b"HTTP/1.1 400 Bad Request"
    assert connection.rest() == b""
    assert simulator.requests == []


@pytest.mark.parametrize("framing", [CHUNKED, b"Content-Length: 3\r\n\r\nabc"])
@pytest.mark.parametrize("method", [b"PUT", b"CONNECT"])
def test_an_offer_of_another_protocol_is_ignored_and_the_body_is_read(serve, client, method, framing):
    simulator = Answering(ok)
    connection = client(serve(simulator))
    head = PUT.replace(b"PUT", method) + b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    if method == b"CONNECT":
        head = head.replace(b"/f", b"a:443")
    connection.send(head + framing + GET)
    assert [connection.receive().status_line for _ in range(2)] == [b"HTTP/1.1 200 OK"] * 2
    assert [(request.method, b"".join(request.body)) for request in simulator.requests] == [
        (method.decode(), b"abc"),
        ("GET", b""),
    ]
    assert simulator.requests[0].target == ("a:443" if method == b"CONNECT" else "/f")


def test_an_http_1_0_client_is_told_that_the_connection_it_asked_to_keep_is_kept(serve, client):
    connection = client(serve(ok))
    message = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    for _ in range(2):
        assert connection.ask(message).header(b"Connection") == b"keep-alive"


def test_an_http_1_0_client_is_never_told_to_continue(serve, client):
    """It takes the first status line that comes for its answer."""
    connection = client(serve(ok))
    received = connection.ask(b"PUT /f HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")
    assert received.status_line == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nHost: a\r\n", PUT + CHUNKED.removesuffix(b"\r\n")])
def test_a_head_or_trailer_without_end_is_refused_before_it_fills_the_memory(serve, client, begun):
    received = client(serve(ok)).ask(begun + b"x-a: " + b"a" * (MAX_HEAD_BYTES + READ_BYTES))
    assert received.status_line == b"HTTP/1.1 400 Bad Request"


def test_requests_that_wait_behind_one_whose_client_has_gone_are_not_carried_out(serve, client, caplog):
    """Each of their answers would be a warning of the event loop's."""
    gone = threading.Event()

    def answer(_) -> Reply:
        assert gone.wait(20)
        return Reply(200, "OK", (), view(bytes(SMALL_REPLY_BYTES // 2)))

    simulator = Answering(answer)
    served = serve(simulator)
    leaving = client(served)
    leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leaving.send(GET * 300)
    leaving.close()
    gone.set()
    served.stop()
    assert len(simulator.requests) < 10
    assert "socket.send() raised" not in caplog.text


def test_a_reply_that_cannot_be_framed_ends_its_connection_without_quoting_it(serve, client, caplog):
    connection = client(serve(lambda _: Reply(200, "OK", [("Content-Length", "c2VjcmV0")])))
    connection.send(GET)
    assert connection.rest() == b""
    assert "ValueError" in caplog.text
    assert "c2VjcmV0" not in caplog.text


def test_the_system_asks_whether_an_idle_client_is_still_there(serve, client):
    served = serve(ok)
    client(served).ask(GET)
    (link,) = thread_of(served)._links
    reached = link.transport.get_extra_info("socket")
    assert reached.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0


def thread_of(served):
    return served._thread._server


def test_a_body_with_broken_chunks_never_reaches_the_handler(serve, client):
    """The library waits for the rest of such a body until the client goes; nobody else is held up."""
    simulator = Answering(ok)
    served = serve(simulator)
    broken = client(served)
    broken.send(b"PUT /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")
    assert client(served).ask(GET).status_line == b"HTTP/1.1 200 OK"
    broken.close()
    served.stop()
    assert [request.method for request in simulator.requests] == ["GET"]


def test_the_peer_is_told_and_that_there_is_no_tls(serve, client):
    simulator = Answering(ok)
    client(serve(simulator)).ask(GET)
    assert simulator.connections[0].peer == "127.0.0.1"
    assert simulator.connections[0].is_loopback
    assert not simulator.connections[0].tls


def test_a_client_that_stops_reading_a_download_holds_up_nobody(serve, client):
    content = memoryview(bytes(64 * MIB))

    def answer(request) -> Reply:
        if request.target == "/large":
            return Reply(200, "OK", [("Content-Length", str(len(content)))], [content])
        return ok(request)

    served = serve(answer)
    stalled = client(served)
    stalled.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    assert stalled.socket.recv(1000).startswith(b"HTTP/1.1 200 OK")
    other = client(served)
    for _ in range(10):
        assert other.ask(GET).status_line == b"HTTP/1.1 200 OK"


def test_a_client_that_abandons_a_download_holds_up_nobody_and_is_no_error(serve, client, caplog):
    content = memoryview(bytes(64 * MIB))
    asked = threading.Semaphore(0)

    def answer(request) -> Reply:
        if request.target == "/large":
            asked.release()
            return Reply(200, "OK", [("Content-Length", str(len(content)))], [content])
        return ok(request)

    served = serve(answer)
    for _ in range(5):
        leaving = client(served)
        leaving.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        assert asked.acquire(timeout=20)
        leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        leaving.close()
    other = client(served)
    for _ in range(10):
        assert other.ask(GET).status_line == b"HTTP/1.1 200 OK"
    served.stop()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_client_that_leaves_in_the_middle_of_its_body_never_reaches_the_handler(serve, client, caplog):
    simulator = Answering(ok)
    served = serve(simulator)
    leaving = client(served)
    leaving.send(b"PUT /f HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    leaving.close()
    assert client(served).ask(GET).status_line == b"HTTP/1.1 200 OK"
    served.stop()
    assert [request.method for request in simulator.requests] == ["GET"]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_sixteen_connections_at_once_each_get_their_own_answers(serve, client):
    served = serve(lambda request: Reply(200, request.target[1:], (), list(map(memoryview, request.body))))

    def talk(number: int) -> bool:
        connection = client(served)
        for turn in range(20):
            body = b"%d-%d" % (number, turn) * 9000
            head = b"PUT /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (number, len(body))
            received = connection.ask(head + body)
            assert received.status_line == b"HTTP/1.1 200 %d" % number
            assert received.body == body
        return True

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(talk, range(16)))


def test_stopping_ends_idle_connections_and_frees_the_port(serve, client):
    served = serve(ok)
    connection = client(served)
    assert connection.ask(GET).status_line == b"HTTP/1.1 200 OK"
    served.stop()
    served.stop()
    assert connection.rest() == b""
    again = serve(ok, port=served.port)
    assert client(again).ask(GET).status_line == b"HTTP/1.1 200 OK"


def test_stopping_ends_a_connection_that_was_accepted_just_before(serve, client):
    """Else its socket would stay open until it is collected, which is a warning, and so an error here."""
    for _ in range(20):
        served = serve(ok)
        connection = client(served)
        served.stop()
        assert connection.rest() == b""
    gc.collect()


def test_stopping_does_not_wait_for_a_client_that_reads_nothing(serve, client):
    content = memoryview(bytes(64 * MIB))
    served = serve(lambda _: Reply(200, "OK", [("Content-Length", str(len(content)))], [content]))
    stalled = client(served)
    stalled.send(GET)
    assert stalled.socket.recv(100).startswith(b"HTTP/1.1 200 OK")
    served.stop()
    assert len(stalled.rest()) < len(content)


def test_a_taken_port_is_an_oserror(serve):
    served = serve(ok)
    with pytest.raises(OSError, match="in use"):
        serve(ok, port=served.port)


def test_a_test_that_freezes_time_still_gets_answers_and_an_end(serve, client):
    """The event loop's own timers must go on, else a client that reads nothing would hold up stopping for ever."""
    content = memoryview(bytes(64 * MIB))
    with freeze_time("2001-01-01"):
        served = serve(lambda _: Reply(200, "OK", [("Content-Length", str(len(content)))], [content]))
        stalled = client(served)
        stalled.send(GET)
        assert stalled.socket.recv(100).startswith(b"HTTP/1.1 200 OK")
        served.stop()
    assert len(stalled.rest()) < len(content)
