"""The fast transport for asyncio and trio: the same steps, with a task that waits instead of a thread."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from typing import Any, Self, TypeVar

import anyio
import anyio.lowlevel

from azfiles.messages import Request, Response
from azfiles.transports.links import CONNECT_TIMEOUT_S, Links, Ready, Resolve, Step, Steps
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
    answer: Any = None
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
        result: T = end.value
        return result
    finally:
        steps.close()


async def _carry_out(step: Step, end_s: float) -> Any:
    left_s = end_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    match step:
        case Ready():
            if step.limit_s is not None:
                left_s = min(left_s, step.limit_s)
            if not await (_ready_in_asyncio(step, left_s) if _is_asyncio() else _ready(step, left_s)):
                raise TimeoutError
        case Resolve(host, port):
            with anyio.fail_after(min(left_s, CONNECT_TIMEOUT_S)):
                return await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        case None:
            await anyio.lowlevel.checkpoint()
    return None


async def _ready(wanted: Ready, left_s: float) -> bool:
    with anyio.move_on_after(left_s) as waiting:
        await (anyio.wait_writable if wanted.to_write else anyio.wait_readable)(wanted.socket)
    return not waiting.cancelled_caught


async def _ready_in_asyncio(wanted: Ready, left_s: float) -> bool:
    """The same, at a third of the cost: small requests wait once each."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bool] = loop.create_future()
    number = wanted.socket.fileno()
    begin, end = (loop.add_writer, loop.remove_writer) if wanted.to_write else (loop.add_reader, loop.remove_reader)
    try:
        begin(number, _settle, ready, True)
    except NotImplementedError:  # Windows' default loop; anyio has a thread for it
        return await _ready(wanted, left_s)
    timer = loop.call_later(left_s, _settle, ready, False)
    try:
        return await ready
    finally:
        timer.cancel()
        end(number)


def _settle(ready: asyncio.Future[bool], answer: bool) -> None:
    if not ready.done():
        ready.set_result(answer)


def _is_asyncio() -> bool:
    # A task, not only a loop: under trio in guest mode there may be a loop of asyncio's below.
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False


__all__ = ["AsyncFastTransport"]
