from __future__ import annotations

from dataclasses import dataclass

import anyio
import pytest

from azfiles.errors import ReplyNotUnderstood, TransportError
from azfiles.messages import AsyncTransport, Request, Transport
from azfiles.transports.in_process import InProcessTransport


@dataclass
class Reply:
    status: int = 200
    reason: str = "OK"
    headers: tuple = ()
    body: tuple = ()


@dataclass
class Dropped:
    applied: bool


def send(reply, request=None):
    return InProcessTransport(lambda _: reply).send(request or Request("GET", "/"), 1.0)


def test_the_reply_of_the_handler_is_the_response():
    response = send(Reply(404, "Nothing here", (("x-ms-A", "1"),), (memoryview(b"one"), memoryview(b"two"))))
    assert (response.status, response.reason, bytes(response.body)) == (404, "Nothing here", b"onetwo")
    assert response.headers.pairs == (("x-ms-A", "1"),)


def test_one_buffer_is_handed_on_without_a_copy():
    view = memoryview(b"whole")
    assert send(Reply(body=(view,))).body is view


def test_a_single_mutable_buffer_is_copied():
    assert send(Reply(body=(bytearray(b"x"),))).body == b"x"


def test_the_body_lands_in_the_sink_and_the_handler_never_sees_it():
    buffer = bytearray(4)
    seen = []

    def handle(request):
        seen.append(request)
        return Reply(206, body=(memoryview(b"ab"), memoryview(b"c")))

    response = InProcessTransport(handle).send(Request("GET", "/", sink=memoryview(buffer)), 1.0)
    assert bytes(response.body) == b"abc"
    assert buffer == b"abc\0"
    assert seen[0].sink is None


def test_a_body_too_long_for_the_sink_never_writes_past_its_end():
    buffer = bytearray(b"....")
    with pytest.raises(ReplyNotUnderstood):
        send(Reply(body=(memoryview(b"ab"), memoryview(b"cd"))), Request("GET", "/", sink=memoryview(buffer)[:3]))
    assert buffer[3:] == b"."


def test_the_body_of_a_refusal_stays_out_of_the_sink():
    buffer = bytearray(b"..")
    response = send(Reply(404, body=(memoryview(b"<Error/>"),)), Request("GET", "/", sink=memoryview(buffer)))
    assert bytes(response.body) == b"<Error/>"
    assert buffer == b".."


def test_a_reply_to_head_has_no_body_whatever_the_handler_gives():
    reply = Reply(headers=(("Content-Length", "5"),), body=(memoryview(b"12345"),))
    assert bytes(send(reply, Request("HEAD", "/")).body) == b""


def test_a_body_that_is_not_as_long_as_it_says_is_an_error():
    with pytest.raises(TransportError, match="2 of 5 bytes") as failure:
        send(Reply(headers=(("content-length", "5"),), body=(memoryview(b"12"),)))
    assert failure.value.sent


def test_a_length_that_is_no_number_is_not_believed():
    assert bytes(send(Reply(headers=(("Content-Length", "x"),), body=(memoryview(b"12"),))).body) == b"12"


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_reply_looks_the_same_whether_the_command_took_effect_or_not(applied):
    with pytest.raises(TransportError) as failure:
        send(Dropped(applied), Request("PUT", "/f?sig=SECRET"))
    assert failure.value.sent
    assert str(failure.value) == "PUT /f?sig=REDACTED: the connection ended without a reply"


def test_a_handler_may_say_that_no_connection_could_be_made():
    refused = Dropped(applied=False)
    refused.sent = False
    with pytest.raises(TransportError, match="no connection could be made") as failure:
        send(refused)
    assert not failure.value.sent


def test_the_handler_gets_bytes_that_the_caller_cannot_change_later():
    kept = []

    def handle(request):
        kept.extend(request.body)
        return Reply(201)

    mutable, frozen = bytearray(b"mutable"), b"frozen"
    view = memoryview(frozen)[1:3]
    body = (mutable, frozen, view, memoryview(mutable), memoryview(mutable).toreadonly())
    InProcessTransport(handle).send(Request("PUT", "/", body=body), 1.0)
    mutable[:] = b"CHANGED"
    assert [bytes(part) for part in kept] == [b"mutable", b"frozen", b"ro", b"mutable", b"mutable"]
    assert kept[1] is frozen
    assert kept[2] is view


def test_it_is_a_transport_of_both_colours():
    transport = InProcessTransport(lambda _: Reply())
    assert isinstance(transport, Transport)
    assert isinstance(transport, AsyncTransport)

    async def use():
        async with transport as entered:
            return await entered.send_async(Request("GET", "/"), 1.0)

    assert anyio.run(use).status == 200
    with transport as entered:
        assert entered.send(Request("GET", "/"), 1.0).status == 200
    assert "InProcessTransport to" in repr(transport)
