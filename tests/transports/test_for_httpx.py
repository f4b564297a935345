"""A user's own httpx client on a recording, a replay or a simulator."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import anyio
import httpx
import pytest

import azfiles
from azfiles import TransportError
from azfiles.messages import Headers, Request, Response
from azfiles_sim import Simulator

ROOT = "https://devstoreaccount1.file.core.windows.net"
SAS = "sv=2025-01-05&ss=f&srt=sco&sp=rwdlc&se=2099-01-01T00:00:00Z&sig=bm8gc2lnbmF0dXJl"


class Answering:
    """A transport, blocking and async, with one answer for all."""

    def __init__(self, answer: Response | TransportError) -> None:
        self.answer = answer
        self.asked: list[tuple[Request, float]] = []
        self.closed = 0

    def send(self, request: Request, timeout_s: float) -> Response:
        self.asked.append((request, timeout_s))
        if isinstance(self.answer, TransportError):
            raise self.answer
        return self.answer

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        return self.send(request, timeout_s)

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


def answer(status: int = 200, body: bytes = b"") -> Response:
    headers = [("Content-Length", str(len(body))), ("x-ms-meta-a", "ü"), ("x-ms-meta-a", "2")]
    return Response(status, "As It Was", Headers(headers), memoryview(body))


def test_a_request_and_its_answer_come_through_as_they_were() -> None:
    inside = Answering(answer(206, b"hello"))
    with httpx.Client(transport=azfiles.httpx_transport(inside)) as client:
        reply = client.put(f"{ROOT}/s/a%20b?comp=range", headers=[(b"x-ms-meta-a", "é".encode())], content=b"x")
        assert (reply.status_code, reply.reason_phrase, reply.content) == (206, "As It Was", b"hello")
        assert reply.headers.get_list("x-ms-meta-a") == ["ü", "2"]
        assert reply.http_version == "HTTP/1.1"
    [(asked, _)] = inside.asked
    assert (asked.method, asked.origin, asked.target) == ("PUT", ROOT, "/s/a%20b?comp=range")
    assert dict(asked.headers)["x-ms-meta-a"] == "é"
    assert b"".join(asked.body) == b"x"
    assert inside.closed == 1


def test_a_streamed_request_is_read_and_headers_of_any_bytes_are_taken() -> None:
    inside = Answering(answer())
    with httpx.Client(transport=azfiles.httpx_transport(inside)) as client:
        client.put(f"{ROOT}:8443/s/f", content=iter([b"a", b"b"]), headers=[(b"x-ms-meta-b", b"\xff")])
    [(asked, _)] = inside.asked
    assert (b"".join(asked.body), asked.origin) == (b"ab", f"{ROOT}:8443")
    assert dict(asked.headers)["x-ms-meta-b"] == "\xff"


PLAIN = b"one\ntwo\nthree"
BODIES = [((), PLAIN), (((b"Content-Encoding", b"gzip"),), gzip.compress(PLAIN, mtime=0)), ((), b"")]
WAYS_TO_READ: list[Callable[[httpx.Response], object]] = [
    lambda reply: reply.read(),
    lambda reply: (reply.read(), list(reply.iter_bytes(4)), reply.text),
    lambda reply: list(reply.iter_raw(5)),
    lambda reply: list(reply.iter_bytes(5)),
    lambda reply: list(reply.iter_lines()),
    lambda reply: reply.close(),
]


class Streaming(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The same answer, from httpx's own response."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        self._headers, self._body = list(headers), body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=self._headers, stream=httpx.ByteStream(self._body))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def told_by(reply: httpx.Response) -> tuple[object, ...]:
    """What a response says of itself once it was read or closed."""
    assert reply.elapsed >= timedelta(0)
    return reply.is_closed, reply.is_stream_consumed, reply.num_bytes_downloaded, getattr(reply, "content", None)


def read_as(transport: httpx.BaseTransport, way: Callable[[httpx.Response], object]) -> list[object]:
    """What reading gives, and what reading again does."""
    with httpx.Client(transport=transport) as client, client.stream("GET", ROOT) as reply:
        found: list[object] = [way(reply), reply.is_closed, reply.num_bytes_downloaded]
        try:
            found.append(b"".join(reply.iter_raw()))
        except httpx.StreamError as error:
            found.append(type(error))
        return found


@pytest.mark.parametrize(("headers", "body"), BODIES, ids=["plain", "compressed", "empty"])
def test_a_response_is_read_as_one_of_httpx_itself(headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
    own = Streaming(headers, body)
    pairs = [(name.decode(), value.decode()) for name, value in headers]
    ours = azfiles.httpx_transport(Answering(Response(200, "OK", Headers(pairs), body)))
    for way in WAYS_TO_READ:
        assert read_as(ours, way) == read_as(own, way)
    with httpx.Client(transport=ours) as client, httpx.Client(transport=own) as peer:
        assert told_by(client.get(ROOT)) == told_by(peer.get(ROOT))
        kept = pickle.loads(pickle.dumps(client.get(ROOT)))
        assert kept.content == peer.get(ROOT).content

    async def ask(transport: httpx.AsyncBaseTransport) -> tuple[object, ...]:
        async with httpx.AsyncClient(transport=transport) as client:
            async with client.stream("GET", ROOT) as reply:
                parts = [part async for part in reply.aiter_bytes(5)]
            return parts, told_by(await client.get(ROOT))

    assert anyio.run(ask, ours) == anyio.run(ask, own)


@pytest.mark.parametrize(("timeout", "seconds"), [(3.5, 3.5), (None, 60.0)])
def test_the_read_timeout_counts(timeout: float | None, seconds: float) -> None:
    inside = Answering(answer())
    with httpx.Client(transport=azfiles.httpx_transport(inside), timeout=timeout) as client:
        client.get(ROOT)
    assert inside.asked[0][1] == seconds


@pytest.mark.parametrize(("sent", "kind"), [(True, httpx.ReadError), (False, httpx.ConnectError)])
def test_a_request_without_an_answer_is_httpx_own_error(sent: bool, kind: type[httpx.TransportError]) -> None:
    transport = azfiles.httpx_transport(Answering(TransportError("reset", sent=sent)))
    with httpx.Client(transport=transport) as client, pytest.raises(kind, match="reset") as told:
        client.get(ROOT)
    assert told.value.request.method == "GET"

    async def ask() -> None:
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get(ROOT)

    with pytest.raises(kind, match="reset"):
        anyio.run(ask)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_session_is_recorded_and_replayed_blocking_and_async(tmp_path: Path, backend: str) -> None:
    path = tmp_path / "session.yaml"
    recorder = azfiles.use_cassette(path, azfiles.InProcessTransport(Simulator().handle), mode="all")

    async def session(url: str, transport: azfiles.AsyncTransport) -> list[int]:
        async with httpx.AsyncClient(transport=azfiles.httpx_transport(transport)) as client:
            return [(await client.get(f"{url}/data?restype=share&{SAS}")).status_code]

    told = anyio.run(session, ROOT, recorder, backend=backend)
    assert told == [403]  # nobody signed that
    assert "bm8gc2lnbmF0dXJl" not in path.read_text()
    assert (
        anyio.run(session, ROOT.replace("devstoreaccount1", "other"), azfiles.replaying(path), backend=backend) == told
    )
    with httpx.Client(transport=azfiles.httpx_transport(azfiles.replaying(path))) as client:
        assert client.get(f"{ROOT}/data?restype=share&{SAS}").status_code == told[0]
        with pytest.raises(azfiles.NotRecorded, match="played already"):
            client.get(f"{ROOT}/data?restype=share&{SAS}")


def test_what_was_not_asked_for_is_an_error_when_the_client_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "session.yaml"
    with azfiles.recording(Answering(answer()), path) as recorder:
        recorder.send(Request("GET", "/s/f", (), (), ROOT), 1.0)
    with (
        pytest.raises(azfiles.CassetteError, match="not asked for"),
        httpx.Client(transport=azfiles.httpx_transport(azfiles.replaying(path))),
    ):
        pass


class OnlyBlocking:
    def send(self, request: Request, timeout_s: float) -> Response:
        return answer()

    def close(self) -> None:
        raise AssertionError("an async client closes async transports only")


class OnlyAsync:
    async def send_async(self, request: Request, timeout_s: float) -> Response:
        return answer()

    async def aclose(self) -> None:
        raise AssertionError("a blocking client closes blocking transports only")


def test_a_transport_of_the_other_colour_is_refused() -> None:
    client = httpx.Client(transport=azfiles.httpx_transport(OnlyAsync()))
    with client, pytest.raises(azfiles.RequestNotSent, match=r"httpx\.AsyncClient"):
        client.get(ROOT)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=azfiles.httpx_transport(OnlyBlocking())) as client:
            await client.get(ROOT)

    with pytest.raises(azfiles.RequestNotSent, match=r"httpx\.Client"):
        anyio.run(ask)
    assert "OnlyBlocking" in repr(azfiles.httpx_transport(OnlyBlocking()))
