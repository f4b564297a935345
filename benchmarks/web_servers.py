"""Which web server should the simulator stand on? Measures the candidates with one trivial application each.

    python benchmarks/web_servers.py [--rounds 3] [--only ours,aiohttp]

"ours" is ``azfiles_sim.server.connection``, a protocol of our own over httptools; the others are why there is one. What
is asked of each: processor time of the server for one request (1 KiB and 4 MiB, in and out), as a ratio to aiohttp in
the same round, because processor time is what holds on a busy machine; operations per second for
orientation; seconds from start to the first answer; and whether it can say what the service says: an error message as
reason phrase, the request target as it was sent, header bytes as they came.
Candidates that are not installed are named and left out. Linux only: processor time is read off the server's own clock.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import random
import select
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

KIB = 1024
MIB = 1024 * KIB
REASON = "The specified resource may be in use by an SMB client."
CANDIDATES = {  # name -> modules that it needs
    "ours": ("httptools",),
    "ours, uvloop": ("httptools", "uvloop"),
    "aiohttp": ("aiohttp",),
    "aiohttp, uvloop": ("aiohttp", "uvloop"),
    "uvicorn": ("uvicorn", "httptools"),
    "uvicorn, uvloop": ("uvicorn", "httptools", "uvloop"),
    "granian rsgi": ("granian",),
    "hypercorn": ("hypercorn",),
    "http.server": (),
}
PEER = "aiohttp"
HEADERS = [
    ("ETag", '"0x8DCB7A1B2C3D4E5"'),
    ("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT"),
    ("Server", "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0"),
    ("x-ms-request-id", "dff22ea4-f01a-005d-0f07-063f2f000000"),
    ("x-ms-version", "2025-11-05"),
    ("x-ms-request-server-encrypted", "true"),
    ("Date", "Wed, 01 Jan 2025 00:00:00 GMT"),
]
PAGES = {"/1k": memoryview(bytes(KIB)), "/4m": memoryview(bytes(4 * MIB))}


# --- the candidates, each run in a process of its own -----------------------------------------------------------------


def serve_ours(port: int, *, uvloop: bool) -> None:
    from azfiles_sim.messages import Connection, Dropped, Reply, Request
    from azfiles_sim.server.serving import HttpServer

    def handle(request: Request, _connection: Connection) -> Reply | Dropped:
        if request.target == "/a%2Fb?c=%2F":
            echo = dict(request.headers).get("x-ms-meta-a", "")
            return Reply(409, REASON, [*HEADERS, ("x-ms-meta-a", echo), ("x-target", request.target)])
        if request.method == "PUT":
            return Reply(201, "Created", [*HEADERS, ("Content-Length", "0")])
        page = PAGES[request.target]
        return Reply(200, "OK", [*HEADERS, ("Content-Length", str(len(page)))], [page])

    async def run() -> None:
        server = HttpServer(handle, hashes_bodies=False)
        await server.start("127.0.0.1", port)
        await asyncio.Event().wait()

    run_on(uvloop, run())


def run_on(uvloop: bool, main: Coroutine[Any, Any, None]) -> None:
    if uvloop:
        import uvloop as loops

        loops.run(main)
    else:
        asyncio.run(main)


def serve_aiohttp(port: int, *, uvloop: bool) -> None:
    """The low-level server of aiohttp. Replies are laid out by hand, as its own would add headers and speak other reasons."""
    from aiohttp import web

    class Answered(web.StreamResponse):
        def __init__(self) -> None:
            super().__init__()
            self._keep_alive = True

        async def prepare(self, request: web.BaseRequest) -> None: ...
        async def write_eof(self, data: bytes = b"") -> None: ...

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.can_read_body:
            async for _ in request.content.iter_chunks():
                pass
        target, content = request.raw_path, memoryview(b"")
        status, reason, headers = 200, "OK", [*HEADERS]
        if target == "/a%2Fb?c=%2F":
            echo = next((value for name, value in request.raw_headers if name.lower() == b"x-ms-meta-a"), b"")
            status, reason = 409, REASON
            headers += [("x-ms-meta-a", echo.decode("latin-1")), ("x-target", target)]
        elif request.method == "PUT":
            status, reason = 201, "Created"
        else:
            content = PAGES[target]
        headers.append(("Content-Length", str(len(content))))
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if len(content) <= 32 * KIB:
            await request.writer.write(head + content)
        else:
            await request.writer.write(head)
            for start in range(0, len(content), 256 * KIB):
                await request.writer.write(content[start : start + 256 * KIB])
        return Answered()

    async def run() -> None:
        await asyncio.get_running_loop().create_server(web.Server(answer, access_log=None), "127.0.0.1", port)
        await asyncio.Event().wait()

    run_on(uvloop, run())


def encoded_headers() -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in HEADERS]


def asgi_application():
    async def application(scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body, more = [], True
        while more:
            message = await receive()
            body.append(message.get("body", b""))
            more = message.get("more_body", False)
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        headers, status, content = encoded_headers(), 200, b""
        if target.startswith(b"/a"):
            status = 409  # ASGI has no place for a reason phrase
            headers += [(b"x-ms-meta-a", dict(scope["headers"]).get(b"x-ms-meta-a", b"")), (b"x-target", target)]
        elif scope["method"] == "PUT":
            status = 201
        else:
            content = bytes(PAGES[target.decode()])  # ASGI wants bytes
        headers.append((b"content-length", b"%d" % len(content)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return application


def serve_uvicorn(port: int, *, uvloop: bool) -> None:
    import uvicorn

    loop = "uvloop" if uvloop else "asyncio"
    uvicorn.run(
        asgi_application(), host="127.0.0.1", port=port, http="httptools", loop=loop, lifespan="off",
        log_level="error", access_log=False, server_header=False, date_header=False,
    )  # fmt: skip


def serve_hypercorn(port: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.include_server_header = config.include_date_header = False
    config.loglevel = "ERROR"
    asyncio.run(serve(asgi_application(), config))


async def rsgi_application(scope, proto) -> None:
    await proto()  # the body, joined
    target = scope.path + (f"?{scope.query_string}" if scope.query_string else "")
    headers = [*HEADERS]
    if target.startswith("/a"):
        try:
            echo = scope.headers.get("x-ms-meta-a") or ""
            proto.response_empty(409, [*headers, ("x-ms-meta-a", echo), ("x-target", target)])
        except Exception:  # noqa: BLE001 - whatever it cannot say, it cannot say
            proto.response_empty(409, [*headers, ("x-target", target)])
    elif scope.method == "PUT":
        proto.response_empty(201, headers)
    else:
        proto.response_bytes(200, headers, bytes(PAGES[target]))


def serve_granian(port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    server = Server(rsgi_application, address="127.0.0.1", port=port, interface=Interfaces.RSGI, log_enabled=False)
    asyncio.run(server.serve())


def serve_stdlib(port: int) -> None:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 64 * KIB

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers, content = [*HEADERS], b""
            if self.path.startswith("/a"):
                self.send_response_only(409, REASON)
                headers += [("x-ms-meta-a", self.headers["x-ms-meta-a"]), ("x-target", self.path)]
            elif self.command == "PUT":
                self.send_response_only(201)
            else:
                self.send_response_only(200)
                content = PAGES[self.path]
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        do_GET = do_PUT = answer  # noqa: N815 - http.server looks for these names

    ThreadingHTTPServer.request_queue_size = 128
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def serve(name: str, port: int) -> None:
    if name.startswith("ours"):
        serve_ours(port, uvloop="uvloop" in name)
    elif name.startswith("aiohttp"):
        serve_aiohttp(port, uvloop="uvloop" in name)
    elif name.startswith("uvicorn"):
        serve_uvicorn(port, uvloop="uvloop" in name)
    else:
        {"granian rsgi": serve_granian, "hypercorn": serve_hypercorn, "http.server": serve_stdlib}[name](port)


# --- the load, from this process ---------------------------------------------------------------------------------------


def ask(connection: socket.socket, message: bytes, buffer: bytearray) -> bytes:
    """One exchange; returns the reply's head."""
    connection.sendall(message)
    filled = 0
    while (end := buffer.find(b"\r\n\r\n", 0, filled)) < 0:
        filled += connection.recv_into(memoryview(buffer)[filled:])
    head = bytes(buffer[:end])
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    left = length - (filled - end - 4)
    view = memoryview(buffer)
    while left > 0:
        left -= connection.recv_into(view, min(left, len(view)))
    return head


def exchange_many(port: int, message: bytes, count: int, connections: int) -> float:
    """Send ``message`` ``count`` times over ``connections`` at once; returns seconds."""
    buffer = bytearray(MIB)
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    for one in opened:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    begin = time.perf_counter()
    if connections == 1:
        for _ in range(count):
            ask(opened[0], message, buffer)
    else:
        poll = select.epoll()
        by_number = {one.fileno(): one for one in opened}
        for one in opened:
            poll.register(one, select.EPOLLIN)
            one.sendall(message)
        sent, done = connections, 0
        while done < sent:
            for number, _ in poll.poll():
                one = by_number[number]
                one.recv_into(buffer)  # small replies arrive whole
                done += 1
                if sent < count:
                    one.sendall(message)
                    sent += 1
        poll.close()
    took = time.perf_counter() - begin
    for one in opened:
        one.close()
    return took


def put(target: str, size: int) -> bytes:
    return f"PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n".encode() + AS_SENT + bytes(size)


AS_SENT = b"".join(
    b"x-ms-header-%d: some value of ordinary length\r\n" % number for number in range(8)
) + b"\r\n"  # fmt: skip
LOADS = {  # column -> message, exchanges in a round, connections
    "put 1 KiB": (put("/1k", KIB), 4000, 16),
    "get 1 KiB": (b"GET /1k HTTP/1.1\r\nHost: a\r\n" + AS_SENT, 4000, 16),
    "put 4 MiB": (put("/4m", 4 * MIB), 80, 1),
    "get 4 MiB": (b"GET /4m HTTP/1.1\r\nHost: a\r\n" + AS_SENT, 80, 1),
}


@dataclass
class Measured:
    start_s: list[float] = field(default_factory=list)
    processor_us: dict[str, list[float]] = field(default_factory=lambda: {column: [] for column in LOADS})
    per_second: dict[str, list[float]] = field(default_factory=lambda: {column: [] for column in LOADS})
    says: str = ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def first_answer(port: int) -> None:
    """Wait until the port answers; the pauses are part of what starting means here."""
    deadline = time.monotonic() + 15
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                ask(connection, LOADS["get 1 KiB"][0], bytearray(MIB))
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def what_it_says(port: int) -> str:
    """Three letters, each a dash where the candidate cannot: reason, target, header bytes."""
    message = b"GET /a%2Fb?c=%2F HTTP/1.1\r\nHost: a\r\nx-ms-meta-a: \xe9\xc3\xa9\r\n" + AS_SENT
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            head = ask(connection, message, bytearray(MIB))
    except (OSError, StopIteration):
        return "---"
    lowered = head.lower()
    reason = "R" if REASON.encode() in head else "-"
    target = "T" if b"x-target: /a%2fb?c=%2f" in lowered else "-"
    bytes_kept = "B" if b"x-ms-meta-a: \xe9\xc3\xa9" in head else "-"
    return reason + target + bytes_kept


def measure(name: str, measured: Measured) -> None:
    from serving import processor_s  # here, so that no server under test has the client in its memory

    port = free_port()
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve", name, "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        first_answer(port)
        measured.start_s.append(time.perf_counter() - begin)
        measured.says = what_it_says(port)
        for column, (message, count, connections) in LOADS.items():
            before = processor_s(process.pid)
            took = exchange_many(port, message, count, connections)
            measured.processor_us[column].append((processor_s(process.pid) - before) / count * 1e6)
            measured.per_second[column].append(count / took)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def report(results: dict[str, Measured]) -> None:
    print(f"processor time of the server for one request in us (ratio to {PEER} in the same run), requests per second")
    print("says: R reason phrase, T raw target, B raw header bytes; '-' where it cannot\n")
    print(f"{'server':<16} {'says':<5} {'start s':>7}  " + "  ".join(f"{column:>24}" for column in LOADS))
    for name, measured in results.items():
        cells = []
        for column in LOADS:
            mine = statistics.median(measured.processor_us[column])
            ratio = ""
            if PEER in results:
                peers = results[PEER].processor_us[column]
                pairs = zip(measured.processor_us[column], peers, strict=True)
                ratio = f"({statistics.median(a / b if b else 0 for a, b in pairs):.2f})"
            cells.append(f"{mine:>9.0f} {ratio:>6} {statistics.median(measured.per_second[column]):>7.0f}")
        start = statistics.median(measured.start_s)
        print(f"{name:<16} {measured.says:<5} {start:>7.2f}  " + "  ".join(f"{cell:>24}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(CANDIDATES).replace(", uvloop", "+uvloop"))
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port)
        return
    results = wanted(options.only)
    for _ in range(options.rounds):
        for name in random.sample(list(results), len(results)):
            try:
                measure(name, results[name])
            except OSError as error:
                print(f"{name}: left out, {error}")
                del results[name]
    report(results)


def wanted(only: str) -> dict[str, Measured]:
    chosen = {name.strip().replace("+", ", ") for name in only.split(",")}
    results = {}
    for name, modules in CANDIDATES.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        if missing:
            print(f"{name}: left out, {', '.join(missing)} not installed")
        elif name in chosen:
            results[name] = Measured()
    return results


if __name__ == "__main__":
    main()
