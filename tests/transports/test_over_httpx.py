"""What is httpx's own: how its pools are cut, and where it looks for its timeouts."""

from __future__ import annotations

import contextlib

import pytest

from azfiles.errors import RequestNotSent
from azfiles.transports import over_httpx
from azfiles.transports.over_httpx import HttpxTransport


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


def test_a_pool_holds_eight_connections_at_most_and_more_pools_are_made():
    limits = list(over_httpx._limits(20, over_httpx.CONNECTIONS_PER_POOL))
    assert [limit.max_connections for limit in limits] == [8, 8, 4]
    with pytest.raises(RequestNotSent, match="at least 1"):
        HttpxTransport(connections=0)


def test_nothing_is_made_before_it_is_needed():
    """A client object costs next to nothing; thirty transports of httpx cost as much as a request."""
    with HttpxTransport(connections=30) as transport:
        assert transport._connections.made == []
        assert transport._connections.limit == 30


def test_requests_fill_one_pool_before_the_next_and_then_the_least_busy():
    pools = over_httpx._Pools([lambda: "a", lambda: "b"])
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(pools.borrow()) for _ in range(18)]
        assert taken == ["a"] * 8 + ["b"] * 8 + ["a", "b"]
    with pools.borrow() as again:
        assert again == "a"


def test_a_request_has_a_connection_to_itself_and_gets_the_one_that_last_spoke_to_its_origin():
    connections = over_httpx._Connections([lambda: "a", lambda: "b", lambda: "c"])
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
