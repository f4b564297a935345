"""Faults on a real socket: bytes that stop, resets that are resets, connections that end, and time that really passes."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

import azfiles
from azfiles_sim import ManualClock, OffsetClock, Simulator
from azfiles_sim.faults import (
    CutBody,
    DelayReply,
    DelayRequest,
    Drip,
    FlipReplyBit,
    LoseReply,
    LoseRequest,
    Refuse,
    Reset,
    Restart,
    Rule,
    Script,
    WrongLength,
)
from azfiles_sim.server import serve_in_thread
from tests.faults.ground import ACCOUNT, CONTENT
from tests.faults.test_scripts import worked
from tests.server.conftest import RawClient, ca_dir  # noqa: F401 - a fixture

WHOLE = bytes(range(256)) * 1024
HEADERS = "x-ms-version: 2021-12-02\r\nX-Forwarded-Proto: https\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def simulator():
    simulator = Simulator(clock=ManualClock())
    simulator.control.plant(ACCOUNT, "data", {"f": CONTENT, "large": WHOLE, "d/one": b"1"})
    return simulator


@pytest.fixture
def served(simulator):
    with serve_in_thread(simulator) as running:
        yield running


@pytest.fixture
def ask(simulator, served):
    """Asks for a target on a raw connection, signed; the connection stays open."""
    with azfiles.connect(served.connection_string, clock=simulator.clock) as service:
        share = service.share("data")
        sas = share.make_sas(permissions="rcwdl", expires_at=_in_a_day(simulator)).token

    with contextlib.ExitStack() as stack:

        def begin(target, outcome=None, method="GET"):
            if outcome is not None:
                simulator.faults.plan = Script((Rule(outcome, times=1),))
            client = RawClient(served.port)
            stack.callback(client.close)
            mark = "&" if "?" in target else "?"
            client.send(
                f"{method} /{ACCOUNT}{target}{mark}{sas} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
                f"{HEADERS}".encode()
            )
            return client

        yield begin


def _in_a_day(simulator):
    return datetime.fromtimestamp(simulator.clock.time(), UTC) + timedelta(days=1)


def all_of(client):
    """Every byte until the connection ends, and whether it was reset."""
    got = b""
    while True:
        try:
            more = client.socket.recv(1 << 16)
        except ConnectionResetError:
            return got, True
        if not more:
            return got, False
        got += more


def body_of(got):
    return got.partition(b"\r\n\r\n")[2]


def test_a_reset_is_a_reset_and_a_lost_reply_an_end(ask):
    assert all_of(ask("/data/f", Reset())) == (b"", True)
    assert all_of(ask("/data/f", Reset(acts=True))) == (b"", True)
    assert all_of(ask("/data/f", LoseRequest())) == (b"", False)
    assert all_of(ask("/data/f", LoseReply())) == (b"", False)


def test_a_reset_by_the_request_comes_while_its_body_is_still_being_sent(served, simulator):
    simulator.faults.plan = Script((Rule(Reset()),))
    client = RawClient(served.port)
    client.send(
        f"PUT /{ACCOUNT}/data/f?comp=range HTTP/1.1\r\nHost: x\r\nContent-Length: 4194304\r\n\r\n".encode()
        + b"beginning"
    )
    assert all_of(client) == (b"", True)
    client.close()
    assert simulator.faults.diary_text == f"#1 PUT /{ACCOUNT}/data/f comp=range: connection reset by the request\n"


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(("target", "size"), [("/data/f", len(CONTENT)), ("/data/large", len(WHOLE))])
def test_a_cut_body_ends_exactly_there_under_its_whole_length(ask, target, size, reset):
    after = size * 2 // 3
    got, was_reset = all_of(ask(target, CutBody(after, reset=reset)))
    assert f"Content-Length: {size}\r\n".encode() in got
    assert was_reset == reset
    whole = CONTENT if target == "/data/f" else WHOLE
    assert whole[:after].startswith(body_of(got))
    if not reset:  # a reset may overtake what is still under way
        assert body_of(got) == whole[:after]


@pytest.mark.parametrize("reset", [False, True])
def test_a_chunked_document_that_is_cut_is_one_chunk_that_is_not_whole(ask, simulator, reset):
    got, was_reset = all_of(ask("/data/d?restype=directory&comp=list", CutBody(30, reset=reset)))
    assert was_reset == reset
    assert b"Transfer-Encoding: chunked" in got
    size, _, begun = body_of(got).partition(b"\r\n")
    assert int(size, 16) > 200
    assert len(begun) == 30


@pytest.mark.parametrize("by", [-5, -100, 7])
def test_a_wrong_length_is_told_and_the_whole_body_follows(ask, by):
    got, _ = all_of(ask("/data/f", WrongLength(by)))
    assert f"Content-Length: {max(0, len(CONTENT) + by)}\r\n".encode() in got
    assert body_of(got) == CONTENT


def test_the_connection_stays_for_faults_that_do_not_end_it(ask, simulator):
    for outcome in (FlipReplyBit(0), Refuse("ServerBusy"), DelayReply(3), Drip(100), DelayRequest(3)):
        client = ask("/data/f", outcome)
        client.receive()
        client.socket.settimeout(0.02)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        assert len(simulator.faults.diary) == 1


def test_where_the_clock_stands_still_waiting_moves_it_and_takes_no_time(ask, simulator):
    before, began = simulator.clock.time(), time.monotonic()
    for outcome in (DelayRequest(3600), DelayReply(3600), Drip(len(CONTENT) / 3600)):
        assert ask("/data/f", outcome).receive().body == CONTENT
    assert simulator.clock.time() - before == pytest.approx(3 * 3600)
    assert time.monotonic() - began < 5


def test_a_clock_that_was_frozen_stands_still_too():
    clock = OffsetClock()
    clock.freeze()
    simulator = Simulator(clock=clock, faults=lambda _: DelayReply(3600))
    with serve_in_thread(simulator) as served:
        began = clock.time()
        with azfiles.connect(served.connection_string, retry=None, clock=clock) as service:
            service.share("data").create()
        assert clock.time() - began == pytest.approx(3600)


def test_where_the_clock_runs_waiting_is_real_and_only_whoever_meets_it_waits():
    simulator = Simulator()
    simulator.control.plant(ACCOUNT, "data", {"f": CONTENT, "slow": CONTENT})
    with serve_in_thread(simulator) as served:
        service = azfiles.connect(served.connection_string, retry=None)
        share = service.share("data")
        simulator.faults.plan = Script((Rule(DelayRequest(0.4), path="data/slow"),))
        done = []
        waiting = threading.Thread(target=lambda: done.append(share.file("slow").get().content))
        began = time.monotonic()
        waiting.start()
        while not simulator.faults.diary and time.monotonic() - began < 10:
            pass
        assert share.file("f").get().content == CONTENT
        assert not done
        waiting.join()
        assert done == [CONTENT]
        assert time.monotonic() - began >= 0.4
        simulator.faults.plan = Script((Rule(Drip(len(CONTENT) / 0.2)),))
        began = time.monotonic()
        assert share.file("f").get().content == CONTENT
        assert time.monotonic() - began >= 0.2
        service.close()


def test_a_reply_that_comes_after_the_timeout_may_have_acted():
    simulator = Simulator()
    simulator.control.plant(ACCOUNT, "data", {"f": CONTENT})
    with serve_in_thread(simulator) as served:
        service = azfiles.connect(served.connection_string, retry=None, timeouts=azfiles.Timeouts(data_s=0.1))
        simulator.faults.plan = lambda _: DelayReply(0.3)
        file = service.share("data").file("f")
        with pytest.raises(azfiles.TransportError, match=r"no complete answer in 0\.1 s") as caught:
            file.put_range(0, b"H")
        assert caught.value.sent
        simulator.faults.plan = None
        with azfiles.connect(served.connection_string) as patient:
            assert patient.share("data").file("f").get().content == b"H" + CONTENT[1:]
        service.close()


def test_a_restart_ends_every_connection_and_refuses_new_ones_while_it_is_down():
    simulator = Simulator()
    simulator.control.plant(ACCOUNT, "data", {"f": CONTENT})
    with serve_in_thread(simulator) as served:
        idle = RawClient(served.port)
        service = azfiles.connect(served.connection_string, retry=None, circuit=None)
        file = service.share("data").file("f")
        assert file.get().content == CONTENT
        simulator.faults.plan = Script((Rule(Restart(down_s=0.5), times=1),))
        with pytest.raises(azfiles.TransportError) as caught:
            file.get()
        assert caught.value.sent
        assert all_of(idle)[0] == b""
        idle.close()
        with pytest.raises(azfiles.TransportError) as caught:
            file.get()
        assert not caught.value.sent
        patient = file.with_retry(azfiles.RetryPolicy(attempts=50, base_s=0.05, cap_s=0.1))
        assert patient.get().content == CONTENT
        service.close()


def test_a_server_can_be_stopped_while_it_is_down():
    simulator = Simulator(faults=lambda _: Restart(down_s=60))
    with serve_in_thread(simulator) as served:
        client = RawClient(served.port)
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert all_of(client)[0] == b""
        client.close()
    assert [str(entry.outcome) for entry in simulator.faults.diary] == ["service restarted, down for 60 s"]


@pytest.mark.parametrize("https", [False, True])
def test_the_same_seed_gives_the_same_diary_over_http_as_in_process(https, ca_dir):  # noqa: F811 - the fixture
    """In bytes, for a client that asks one after the other."""
    in_process = Simulator(clock=ManualClock())
    told = worked(3, in_process, in_process.faults)
    simulator = Simulator(clock=ManualClock())
    with serve_in_thread(simulator, https=https, ca_dir=ca_dir) as served:
        options = {"ca_file": served.ca_file} if https else {}
        service = azfiles.connect(served.connection_string, clock=simulator.clock, retry=None, circuit=None, **options)
        simulator.faults.plan = in_process.faults.plan
        for number in range(30):
            with contextlib.suppress(azfiles.AzureFilesError):
                service.share(f"data{number}").create()
        service.close()
    assert simulator.faults.diary_text.replace(f" /{ACCOUNT}/", " /").encode() == told.encode()


def test_linger_of_zero_is_what_this_platform_takes():
    """The two integers of SO_LINGER: on, and no time."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert struct.unpack("ii", one.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)) == (1, 0)
