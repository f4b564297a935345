"""All transports over HTTP, each driven in the same way: blocking, or on an event loop of its own."""

from __future__ import annotations

import contextlib

import anyio
import anyio.from_thread

import azfiles
from azfiles.messages import Request

BLOCKING = {"httpx": azfiles.HttpxTransport, "fast": azfiles.FastTransport}
AWAITED = {"httpx": azfiles.AsyncHttpxTransport, "fast": azfiles.AsyncFastTransport}


class Blocking:
    """A blocking transport."""

    def __init__(self, transport):
        self.transport = transport

    def send(self, request, timeout_s=10.0):
        return self.transport.send(request, timeout_s)

    def close(self):
        self.transport.close()


class Awaited:
    """An async transport, one event loop for all its requests."""

    def __init__(self, backend, make):
        self.stack = contextlib.ExitStack()
        self.portal = self.stack.enter_context(anyio.from_thread.start_blocking_portal(backend))
        self.transport = self.portal.call(make)

    def send(self, request, timeout_s=10.0):
        return self.portal.call(self.transport.send_async, request, timeout_s)

    def close(self):
        self.portal.call(self.transport.aclose)
        self.stack.close()


CARRIERS = [f"{library}-{colour}" for library in BLOCKING for colour in ("blocking", "asyncio", "trio")]


def carrier(name, **options):
    library, _, colour = name.partition("-")
    if colour == "blocking":
        return Blocking(BLOCKING[library](**options))
    return Awaited(colour, lambda: AWAITED[library](**options))


def get(server, target="/", **options):
    host = server.origin.partition("://")[2]
    headers = options.pop("headers", (("Host", host),))
    return Request(options.pop("method", "GET"), target, headers, origin=server.origin, **options)
