"""How sockets are waited for under asyncio."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import contextmanager

import pytest
import trio

from azfiles.transports.over_sockets_async import AsyncFastTransport
from azfiles.transports.readiness import Readiness
from tests.transports.carriers import get
from tests.transports.wire import reply, wire


@contextmanager
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield ours, theirs


def test_each_wait_ends_when_there_is_something_new_to_read():
    async def use():
        readiness = Readiness()
        with pair() as (ours, theirs):
            for number in range(5):
                waiting = asyncio.create_task(readiness.readable(ours, 10.0))
                for _ in range(5):
                    await asyncio.sleep(0)
                assert not waiting.done()
                theirs.send(bytes([number]))
                await waiting
                assert ours.recv(10) == bytes([number])
            readiness.forget(ours)

    asyncio.run(use())


def test_what_is_not_read_at_once_is_told_of_again():
    async def use():
        readiness = Readiness()
        with pair() as (ours, theirs):
            theirs.send(b"abc")
            for expected in (b"a", b"b", b"c"):
                await readiness.readable(ours, 10.0)
                assert ours.recv(1) == expected
            readiness.forget(ours)

    asyncio.run(use())


@pytest.mark.parametrize("library", ["asyncio", "uvloop"])
def test_a_wait_ends_when_the_connection_is_reset_after_others_that_ended_well(library):
    loops = pytest.importorskip(library, reason=f"{library} is not installed")

    async def use():
        readiness = Readiness()
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as ours,
        ):
            theirs, _ = listener.accept()
            ours.setblocking(False)
            for data in (b"a", b"b"):
                theirs.send(data)
                await readiness.readable(ours, 10.0)
                assert ours.recv(10) == data
            waiting = asyncio.create_task(readiness.readable(ours, 5.0))
            for _ in range(3):
                await asyncio.sleep(0)
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            theirs.close()
            await waiting
            readiness.forget(ours)

    with asyncio.Runner(loop_factory=loops.new_event_loop) as runner:
        runner.run(use())


def test_a_wait_ends_in_time_and_when_its_task_is_cancelled_and_the_next_one_works():
    async def use():
        readiness = Readiness()
        with pair() as (ours, theirs):
            with pytest.raises(TimeoutError):
                await readiness.readable(ours, 0.001)
            waiting = asyncio.create_task(readiness.readable(ours, 10.0))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            theirs.send(b"x")
            await readiness.readable(ours, 10.0)
            readiness.forget(ours)

    asyncio.run(use())


def test_a_socket_that_says_something_to_nobody_does_not_keep_the_loop_busy():
    async def use():
        readiness = Readiness()
        with pair() as (ours, theirs):
            theirs.send(b"a")
            await readiness.readable(ours, 10.0)
            calls = 0
            loop = asyncio.get_running_loop()
            remove = loop.remove_reader

            def counted(place):
                nonlocal calls
                calls += 1
                return remove(place)

            loop.remove_reader = counted
            for _ in range(5):
                await asyncio.sleep(0)
            assert calls == 1
            readiness.forget(ours)
            assert calls == 1

    asyncio.run(use())


def test_connections_that_are_closed_after_each_answer_leave_their_numbers_to_others():
    async def use():
        async with AsyncFastTransport(connections=1) as transport:
            return [(await transport.send_async(get(server), 10.0)).status for _ in range(4)]

    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with wire(*[closing] * 4) as server:
        assert asyncio.run(use()) == [200] * 4
        assert server.connections == 4


def test_two_event_loops_may_take_turns_with_the_connections_of_one_transport():
    """The first must not know the number of a socket that the second has closed: the next socket gets it."""
    transport = AsyncFastTransport(connections=1)

    async def use():
        return (await transport.send_async(get(server), 10.0)).status

    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with asyncio.Runner() as first, asyncio.Runner() as second, wire(reply(), closing, reply()) as server:
        assert [runner.run(use()) for runner in (first, second, first)] == [200] * 3
        assert server.connections == 2
        first.run(transport.aclose())


def test_a_task_of_trio_is_one_even_where_trio_is_a_guest_of_asyncio():
    async def use():
        async with AsyncFastTransport(connections=1) as transport:
            return (await transport.send_async(get(server), 10.0)).status

    async def host():
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        trio.lowlevel.start_guest_run(
            use, run_sync_soon_threadsafe=loop.call_soon_threadsafe, done_callback=ended.set_result
        )
        return (await ended).unwrap()

    with wire(reply()) as server:
        assert asyncio.run(host()) == 200


def test_connections_may_be_used_by_one_event_loop_after_another():
    transport = AsyncFastTransport(connections=1)

    async def use():
        return (await transport.send_async(get(server), 10.0)).status

    with wire(reply(), reply()) as server:
        assert [asyncio.run(use()), asyncio.run(use())] == [200, 200]
        asyncio.run(transport.aclose())
        assert server.connections == 1
