"""What is httpx's own: which connection carries a request, and where it looks for its timeouts."""

from __future__ import annotations

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
    with pytest.raises(over_httpx.httpcore.ReadTimeout, match="still coming in"):
        deadline.check()


def test_a_transport_without_a_connection_is_refused():
    with pytest.raises(RequestNotSent, match="at least 1"):
        HttpxTransport(connections=0)


def test_nothing_is_made_before_it_is_needed():
    """A client object costs next to nothing, however many connections it may open."""
    with HttpxTransport(connections=30) as transport:
        assert transport._connections.drop() == []
        assert transport._connections.limit == 30


class Connection:
    """The part of httpcore's connections that tells what has become of one."""

    def __init__(self, origin, **_options):
        self.origin = origin
        self.expired, self.available = False, True

    def has_expired(self):
        return self.expired

    def is_available(self):
        return self.available


def connections(limit):
    return over_httpx._Connections(Connection, None, limit)


def test_a_request_has_a_connection_to_itself_and_gets_the_one_that_last_spoke_to_its_origin():
    pool = connections(3)
    first, second, other = pool.take("http://x")[0], pool.take("http://x")[0], pool.take("http://y")[0]
    assert len({first, second, other}) == 3
    assert pool.leave("http://x", first)
    assert pool.leave("http://y", other)
    assert pool.leave("http://x", second)
    assert pool.take("http://x") == (second, [])
    assert pool.take("http://x") == (first, [])
    assert pool.take("http://y") == (other, [])


def test_one_connection_too_many_ends_the_one_that_idles_longest():
    pool = connections(2)
    first, second = pool.take("http://x")[0], pool.take("http://y")[0]
    pool.leave("http://x", first)
    pool.leave("http://y", second)
    third, ended = pool.take("http://z")
    assert ended == [first]
    assert set(pool.drop()) == {second, third}


def test_a_connection_that_has_ended_is_used_no_more():
    pool = connections(2)
    first = pool.take("http://x")[0]
    pool.leave("http://x", first)
    first.expired = True
    second, ended = pool.take("http://x")
    assert second is not first
    assert ended == [first]
    second.available = False
    assert not pool.leave("http://x", second)
    assert pool.drop() == []
