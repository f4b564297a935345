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
from azfiles.transports.readiness import Readiness
from azfiles.transports.room import enter_async

T = TypeVar("T")


class AsyncFastTransport:
    """``FastTransport`` for asyncio and trio; many tasks of one event loop may use one."""

    def __init__(self, *, ca_file: str | Path | None = None, connections: int = 32) -> None:
        self._readiness = Readiness()
        self._links = Links(connections, ca_file, closing=self._readiness.forget)
        self._free = anyio.Semaphore(connections)

    async def send_async(self, request: Request, timeout_s: float) -> Response:
        """Send one request. Raises ``TransportError`` where no complete response came in ``timeout_s`` seconds."""
        end_s = time.monotonic() + timeout_s
        await enter_async(self._free, request, timeout_s)
        try:
            return await self._drive(self._links.carry(request, timeout_s), end_s)
        finally:
            self._free.release()

    async def aclose(self) -> None:
        """Close all connections."""
        self._links.close()

    async def _drive(self, steps: Steps[T], end_s: float) -> T:
        try:
            step = next(steps)
            while True:
                try:
                    answer = await self._carry_out(step, time_left(step, end_s))
                except BaseException as error:  # noqa: BLE001 - cancelled or failed: the steps close their connection
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return cast(T, end.value)
        finally:
            steps.close()

    async def _carry_out(self, step: Step, left_s: float) -> Any:
        if isinstance(step, Ready) and _is_watched_by_asyncio():
            wait = self._readiness.writable if step.to_write else self._readiness.readable
            return await wait(step.socket, left_s)
        if step is None:
            return await anyio.lowlevel.checkpoint()
        with anyio.fail_after(left_s):
            match step:
                case Ready(socket, to_write):
                    await (anyio.wait_writable if to_write else anyio.wait_readable)(socket)
                case Resolve(host, port):
                    return await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncFastTransport with up to {self._links.limit} connections>"


def _is_watched_by_asyncio() -> bool:
    """Whether a task of asyncio asks, whose loop can watch sockets: on Windows one of the two kinds cannot. A task of
    trio may have a loop of asyncio around it, where it is a guest.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return False
    return asyncio.current_task(loop) is not None and not hasattr(loop, "_proactor")


__all__ = ["AsyncFastTransport"]
