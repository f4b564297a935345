"""The fast transport for asyncio and trio: the same steps, with a task that waits instead of a thread."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from socket import SOCK_STREAM
from typing import Any, Self, TypeVar, cast

import anyio
import anyio.lowlevel

from azfiles.messages import Request, Response
from azfiles.transports.links import Links, Ready, Resolve, Step, Steps, time_left
from azfiles.transports.over_sockets import no_room

T = TypeVar("T")


class AsyncFastTransport:
    """``FastTransport`` for asyncio and trio; many tasks of one event loop may use one."""

    def __init__(self, *, ca_file: str | Path | None = None, connections: int = 32) -> None:
        self._links = Links(connections, ca_file)
        self._free = anyio.Semaphore(connections)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        end_s = time.monotonic() + timeout_s
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            with anyio.move_on_after(timeout_s) as waiting:
                await self._free.acquire()
            if waiting.cancelled_caught:
                raise no_room(request, timeout_s) from None
        try:
            return await _drive(self._links.carry(request, timeout_s), end_s)
        finally:
            self._free.release()

    async def aclose(self) -> None:
        """Close all connections."""
        self._links.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncFastTransport with up to {self._links.limit} connections>"


async def _drive(steps: Steps[T], end_s: float) -> T:
    try:
        step = next(steps)
        while True:
            try:
                answer = await _carry_out(step, end_s)
            except BaseException as error:  # noqa: BLE001 - cancelled or failed: the steps close their connection
                step = steps.throw(error)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        return cast(T, end.value)
    finally:
        steps.close()


async def _carry_out(step: Step, end_s: float) -> Any:
    left_s = time_left(step, end_s)
    if isinstance(step, Ready):
        try:
            return await _ready_in_asyncio(step, left_s)
        except (RuntimeError, NotImplementedError):
            pass  # trio, or asyncio on Windows, whose loop waits for sockets in its own way
    with anyio.fail_after(left_s):
        match step:
            case Ready(socket, to_write):
                await (anyio.wait_writable if to_write else anyio.wait_readable)(socket)
            case Resolve(host, port):
                return await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
            case None:
                await anyio.lowlevel.checkpoint()
    return None


async def _ready_in_asyncio(step: Ready, left_s: float) -> None:
    """What anyio does in asyncio, without asking at each of its steps which library runs: a wait is most of what a small
    request costs. ``RuntimeError`` where no loop of asyncio runs.
    """
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    if step.to_write:
        watch, forget = loop.add_writer, loop.remove_writer
    else:
        watch, forget = loop.add_reader, loop.remove_reader
    watch(step.socket, _settle, ready, None)
    timer = loop.call_later(left_s, _settle, ready, TimeoutError())
    try:
        await ready
    finally:
        timer.cancel()
        forget(step.socket)


def _settle(ready: asyncio.Future[None], error: Exception | None) -> None:
    if ready.done():
        return
    if error is None:
        ready.set_result(None)
    else:
        ready.set_exception(error)


__all__ = ["AsyncFastTransport"]
