"""Bare ranges over libraries and sockets: no client above them, a signature in the URL, the body in a buffer of the
caller's where the library lets it. niquests is not here: it replaces urllib3 for all that run beside it. ``raw`` ones are the limit of what Python can do here; the libraries are what a
transport could have been built on.

Each carrier is one connection: ``put(target, body)`` and ``get(target, length, room)``.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

KIB, MIB = 1024, 1024 * 1024
RANGE = 4 * MIB
SHARE = "bench"
VERSION = "2025-11-05"
Task = dict[str, Any]


def put_headers(offset: int, size: int) -> dict[str, str]:
    return {
        "x-ms-version": VERSION,
        "x-ms-write": "update",
        "x-ms-range": f"bytes={offset}-{offset + size - 1}",
        "Content-Length": str(size),
    }


def get_headers(offset: int, size: int) -> dict[str, str]:
    return {"x-ms-version": VERSION, "x-ms-range": f"bytes={offset}-{offset + size - 1}"}


class Place:
    """Where the server is, and the TLS context where it speaks TLS."""

    def __init__(self, task: Task) -> None:
        import azfiles

        service = azfiles.connect(task["connection_string"])
        url = urlsplit(service.url)
        service.close()
        self.scheme, self.host, self.port, self.base = (
            url.scheme,
            url.hostname or "",
            url.port or 0,
            url.path.rstrip("/"),
        )
        self.origin = f"{self.scheme}://{self.host}:{self.port}"
        self.ca_file = task["ca_file"]
        self.context = ssl.create_default_context(cafile=self.ca_file) if self.scheme == "https" else None
        self.signature = task["sas"]

    def target(self, name: str, query: str = "") -> str:
        return f"{self.base}/{SHARE}/{name}?{query}{self.signature}"


def _head(method: str, target: str, place: Place, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {place.host}:{place.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read_head(head: bytes) -> tuple[int, int]:
    """Status and Content-Length."""
    at = head.lower().find(b"content-length:")
    return int(head[9:12]), int(head[at + 15 : head.find(b"\r\n", at)]) if at >= 0 else 0


def _check(status: int) -> None:
    if status not in {200, 201, 206}:
        raise RuntimeError(f"the server said {status}")


class RawSocket:
    """A blocking socket: sendall and recv_into."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.socket = socket.create_connection((place.host, place.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if place.context is not None:
            self.socket = place.context.wrap_socket(self.socket, server_hostname=place.host)
        self.buffer = bytearray(64 * KIB)

    def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        self.socket.sendall(_head(method, target, self.place, headers))
        if body:
            self.socket.sendall(body)
        filled, view = 0, memoryview(self.buffer)
        while (end := self.buffer.find(b"\r\n\r\n", 0, filled)) < 0:
            filled += self._more(view[filled:])
        status, length = _read_head(bytes(view[: end + 2]))
        _check(status)
        came = filled - end - 4
        if room is None:
            room = memoryview(bytearray(length))
        room[:came] = view[end + 4 : filled]
        while came < length:
            came += self._more(room[came:length])

    def _more(self, place: memoryview) -> int:
        count = self.socket.recv_into(place)
        if not count:
            raise ConnectionError
        return count


class HttpClient:
    """http.client of the standard library, readinto."""

    def __init__(self, place: Place) -> None:
        import http.client

        if place.context is not None:
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                place.host, place.port, context=place.context
            )
        else:
            self.connection = http.client.HTTPConnection(place.host, place.port)

    def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        self.connection.request(method, target, body=body, headers=headers)
        if self.connection.sock is not None:
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reply = self.connection.getresponse()
        _check(reply.status)
        if room is None:
            reply.read()
            return
        while count := reply.readinto(room):
            room = room[count:]
            if not room:
                break
        reply.read()


class Httpx:
    """httpx's transport without its client: the body by parts into the buffer. What our default transport is built on."""

    def __init__(self, place: Place) -> None:
        import httpx

        self.httpx, self.place = httpx, place
        self.transport = httpx.HTTPTransport(verify=place.context or False)
        self.url = httpx.URL(place.origin + "/")

    def request(self, method: str, target: str, headers: dict[str, str], body: Any) -> Any:
        pairs = {"Host": f"{self.place.host}:{self.place.port}", **headers}
        extensions = {"target": target.encode()}
        return self.httpx.Request(method, self.url, headers=pairs, content=body or None, extensions=extensions)

    def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        reply = self.transport.handle_request(self.request(method, target, headers, body))
        _check(reply.status_code)
        _fill(room, reply.stream)
        reply.close()


class HttpxAsync(Httpx):
    """The same, async."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.transport = self.httpx.AsyncHTTPTransport(verify=place.context or False)

    async def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        reply = await self.transport.handle_async_request(self.request(method, target, headers, body))
        _check(reply.status_code)
        at = 0
        async for part in reply.stream:
            if room is not None:
                room[at : at + len(part)] = part
                at += len(part)
        await reply.aclose()


def _fill(room: memoryview | None, parts: Iterator[bytes]) -> None:
    at = 0
    for part in parts:
        if room is not None:
            room[at : at + len(part)] = part
            at += len(part)


class Urllib3:
    """urllib3, readinto."""

    def __init__(self, place: Place) -> None:
        import urllib3

        options: Task = {"ssl_context": place.context} if place.context is not None else {}
        kind: Any = urllib3.HTTPSConnectionPool if place.context is not None else urllib3.HTTPConnectionPool
        self.pool = kind(place.host, place.port, maxsize=1, **options)

    def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        reply = self.pool.urlopen(method, target, body=body, headers=headers, preload_content=False, redirect=False)
        _check(reply.status)
        if room is not None:
            while count := reply.readinto(room):
                room = room[count:]
                if not room:
                    break
        reply.read()
        reply.release_conn()


class Pycurl:
    """pycurl, one easy handle; the body by callbacks."""

    def __init__(self, place: Place) -> None:
        import pycurl

        self.pycurl, self.place, self.curl = pycurl, place, pycurl.Curl()

    def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        names, curl = self.pycurl, self.curl
        curl.reset()
        curl.setopt(names.URL, self.place.origin + target)
        curl.setopt(names.HTTPHEADER, [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"])
        curl.setopt(names.TCP_NODELAY, 1)
        curl.setopt(names.BUFFERSIZE, 512 * KIB)
        if self.place.ca_file:
            curl.setopt(names.CAINFO, self.place.ca_file)
        if method == "PUT":
            curl.setopt(names.UPLOAD, 1)
            curl.setopt(names.UPLOAD_BUFFERSIZE, MIB)
            curl.setopt(names.INFILESIZE_LARGE, len(body or b""))
            curl.setopt(names.READDATA, io.BytesIO(body or b""))
        at = 0

        def take(part: bytes) -> None:
            nonlocal at
            if room is not None:
                room[at : at + len(part)] = part
            at += len(part)

        curl.setopt(names.WRITEFUNCTION, take)
        curl.perform()
        _check(curl.getinfo(names.RESPONSE_CODE))


class Aiohttp:
    """aiohttp's client, by parts into the buffer."""

    def __init__(self, place: Place) -> None:
        import aiohttp
        import yarl

        self.place, self.url = place, yarl.URL
        connector = aiohttp.TCPConnector(limit=1, ssl=place.context or True)
        self.session = aiohttp.ClientSession(
            connector=connector, skip_auto_headers=("Content-Type",), auto_decompress=False
        )

    async def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        url = self.url(self.place.origin + target, encoded=True)
        async with self.session.request(method, url, data=body, headers=headers) as reply:
            _check(reply.status)
            at = 0
            async for part in reply.content.iter_any():
                if room is not None:
                    room[at : at + len(part)] = part
                    at += len(part)


class Pyreqwest:
    """pyreqwest (Rust), async; it gives the body as its own buffer."""

    def __init__(self, place: Place) -> None:
        from pyreqwest.client import ClientBuilder

        builder = ClientBuilder().max_connections(1)
        if place.ca_file:
            from pathlib import Path

            builder = builder.add_root_certificate_pem(Path(place.ca_file).read_bytes())
        self.place, self.client = place, builder.build()

    async def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        request = self.client.request(method, self.place.origin + target).headers(headers)
        if body is not None:
            request = request.body_bytes(body)
        reply = await request.build().send()
        _check(reply.status)
        content = await reply.bytes()
        if room is not None:
            room[: len(content)] = memoryview(content)


class RawAsync(asyncio.BufferedProtocol):
    """asyncio's BufferedProtocol, with the room for the body as its buffer."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.transport: Any = None
        self.buffer = bytearray(64 * KIB)
        self.view = memoryview(self.buffer)
        self._writable = asyncio.Event()
        self._writable.set()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, self.place.host, self.place.port, ssl=self.place.context)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the room is known
        return self.view[self.filled :] if self.length < 0 else self.room[self.came : self.length]

    def buffer_updated(self, count: int) -> None:
        if self.length >= 0:
            self.came += count
        else:
            self.filled += count
            end = self.buffer.find(b"\r\n\r\n", 0, self.filled)
            if end < 0:
                return
            self.status, self.length = _read_head(bytes(self.view[: end + 2]))
            self.came = self.filled - end - 4
            if len(self.room) < self.length:
                self.room = memoryview(bytearray(self.length))
            self.room[: self.came] = self.view[end + 4 : self.filled]
        if self.came == self.length and not self.done.done():
            self.filled, self.length = 0, -1  # asyncio asks for a buffer again before the next request is made
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError())

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        self.filled, self.length, self.came = 0, -1, 0
        self.room = room if room is not None else memoryview(bytearray())
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.transport is None:
            await self._connect()
        self.transport.write(_head(method, target, self.place, headers))
        if body:
            self.transport.write(body)
            await self._writable.wait()
        await self.done
        _check(self.status)


class OurTransport:
    """This project's fast transport, without the client above it."""

    def __init__(self, place: Place, kind: str = "FastTransport") -> None:
        import azfiles

        self.place, self.request = place, azfiles.Request
        self.transport = getattr(azfiles, kind)(ca_file=place.ca_file, connections=1)

    def _made(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> Any:
        pairs = (("Host", f"{self.place.host}:{self.place.port}"), *headers.items())
        return self.request(method, target, pairs, (body,) if body else (), self.place.origin, room)

    def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> Any:
        _check(self.transport.send(self._made(method, target, headers, body, room), 60).status)


class OurTransportAsync(OurTransport):
    """The same, async."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, "AsyncFastTransport")

    async def ask(self, method: str, target: str, headers: dict[str, str], body: Any, room: memoryview | None) -> None:
        _check((await self.transport.send_async(self._made(method, target, headers, body, room), 60)).status)


CARRIERS: dict[str, Any] = {
    "raw sockets": RawSocket,
    "raw asyncio": RawAsync,
    "own transport": OurTransport,
    "own transport, async": OurTransportAsync,
    "http.client": HttpClient,
    "bare httpx": Httpx,
    "bare httpx, async": HttpxAsync,
    "urllib3": Urllib3,
    "pycurl": Pycurl,
    "aiohttp": Aiohttp,
    "pyreqwest, async": Pyreqwest,
}


def job(name: str, task: Task) -> Any:
    """Ranges of a whole file, or one small operation again and again, over as many connections as are asked for."""
    make = CARRIERS[name]
    return _job_async(make, task) if inspect.iscoroutinefunction(make.ask) else _job(make, task)


class _Work:
    """What is to be asked: as arguments of ``ask``, made one by one."""

    def __init__(self, task: Task) -> None:
        import clients

        self.task, self.place, self.size = task, Place(task), task.get("size", KIB)
        content = clients.content_of(self.size)
        # bytes, not views: some libraries take nothing else
        self.pieces = {offset: content[offset : offset + RANGE] for offset in range(0, self.size, RANGE)}
        self.room = memoryview(bytearray(content))
        self.create = ("PUT", self.place.target(task.get("file", "big"), ""), self._create_headers(), None, None)

    def _create_headers(self) -> dict[str, str]:
        return {
            "x-ms-version": VERSION,
            "x-ms-type": "file",
            "x-ms-content-length": str(self.size),
            "Content-Length": "0",
        }

    def calls(self) -> Iterator[tuple[Any, ...]]:
        name = self.task.get("file", "big")
        put = self.task["job"] == "upload" or self.task.get("kind") == "put"
        target = self.place.target(name, "comp=range&" if put else "")
        times = self.task["count"] if self.task["job"] == "small" else 1
        for _ in range(times):
            for offset in range(0, self.size, RANGE):
                part = slice(offset, min(offset + RANGE, self.size))
                length = part.stop - part.start
                if put:
                    yield "PUT", target, put_headers(offset, length), self.pieces[offset], None
                else:
                    yield "GET", target, get_headers(offset, length), None, self.room[part]


def _result(task: Task, sample: Task, count: int) -> Task:
    if task["job"] == "small":
        sample |= {"rate": count / sample["wall_s"], "cpu_us": sample["cpu_s"] / count * 1e6}
    return sample


def _job(make: Callable[[Place], Any], task: Task) -> Task:
    from running import Meter

    work, meter, failures = _Work(task), Meter(), list[BaseException]()
    carriers = [make(work.place) for _ in range(task.get("concurrency", 1))]
    if task["job"] != "download":
        carriers[0].ask(*work.create)
    calls, lock = work.calls(), threading.Lock()
    first = list(calls) if task["job"] == "small" else None
    if first is not None:
        for carrier in carriers:
            carrier.ask(
                "PUT",
                work.place.target(task.get("file", "big"), "comp=range&"),
                put_headers(0, work.size),
                work.pieces[0],
                None,
            )
        calls = iter(first)

    def loop(carrier: Any) -> None:
        try:
            while True:
                with lock:
                    call = next(calls, None)
                if call is None:
                    return
                carrier.ask(*call)
        except BaseException as error:  # noqa: BLE001 - raised below, in the main thread
            failures.append(error)

    threads = [threading.Thread(target=loop, args=(carrier,)) for carrier in carriers]
    meter.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sample = meter.stop()
    if failures:
        raise failures[0]
    return _result(task, sample, task.get("count", 1))


async def _job_async(make: Callable[[Place], Any], task: Task) -> Task:
    from running import Meter

    work, meter = _Work(task), Meter()
    carriers = [make(work.place) for _ in range(task.get("concurrency", 1))]
    if task["job"] != "download":
        await carriers[0].ask(*work.create)
    if task["job"] == "small":
        for carrier in carriers:
            await carrier.ask(
                "PUT",
                work.place.target(task.get("file", "big"), "comp=range&"),
                put_headers(0, work.size),
                work.pieces[0],
                None,
            )
    calls = work.calls()

    async def loop(carrier: Any) -> None:
        for call in calls:
            await carrier.ask(*call)

    meter.start()
    await asyncio.gather(*map(loop, carriers))
    return _result(task, meter.stop(), task.get("count", 1))
