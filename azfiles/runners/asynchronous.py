"""Runs flows as tasks of an event loop: asyncio or trio, through anyio.

When a flow is cancelled, the cancellation is thrown into it, and effects that it yields while it unwinds are performed
shielded: else the request that gives a lease back would itself be cancelled.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from azfiles.errors import InvalidArgument
from azfiles.flows.disk import Disk
from azfiles.flows.effects import (
    Effect,
    Flow,
    Gather,
    Item,
    Read,
    Readable,
    Send,
    Sleep,
    Token,
    Until,
    Work,
    Writable,
    Write,
)
from azfiles.messages import AsyncTransport, Buffer, aclose_after
from azfiles.runners.answers import (
    Instant,
    VirtualClock,
    advance,
    instant_answers,
    reading,
    taken,
    token_text,
    unknown_effect,
    workers_of,
    written,
)
from azfiles.runners.aside import Aside, Asides
from azfiles.runners.disk import LOCAL_DISK

T = TypeVar("T")


class AsyncRunner:
    """Carries flows out with an async transport. One runner may be used by many tasks of one event loop.

    With ``clock``, time is read from there, and a flow that waits moves it on instead of waiting. Local files are those
    of ``disk``, which is used in worker threads.
    """

    def __init__(
        self, transport: AsyncTransport, *, clock: VirtualClock | None = None, disk: Disk = LOCAL_DISK
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._disk = disk
        self._instant = instant_answers(clock, self.monotonic)
        self._asides = Asides()

    async def run(self, flow: Flow[T]) -> T:
        """Carry out ``flow`` and return its result, or raise its error."""
        run = _Run(self._transport, self._clock, self._disk, self._instant)
        return await run.drive(self._asides.accompany(flow))

    @asynccontextmanager
    async def beside(self, flow: Flow[None]) -> AsyncGenerator[None]:
        """Carry out ``flow`` beside the body of the ``async with`` statement, and cancel it at the end: in a task, or with
        ``clock`` whenever something is done whose time has come to where it sleeps until.
        """
        if self._clock is not None:
            aside = self._asides.begin(flow)
            try:
                yield
            except GeneratorExit:  # there is no event loop left to perform effects
                self._asides.drop(aside)
                raise
            except BaseException:
                await self._end(aside)
                raise
            await self._end(aside)
            return
        failure: BaseException | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(self.run, flow)
            try:
                yield
            except BaseException as error:  # noqa: BLE001 - raised again below: out of the group it would be in a group
                failure = error
            group.cancel_scope.cancel()
        if failure is not None:
            try:
                raise failure
            finally:
                del failure  # an error holds its traceback, which holds this frame, which would hold the error

    async def _end(self, aside: Aside) -> None:
        with anyio.CancelScope(shield=True):
            await self.run(self._asides.end(aside))

    def monotonic(self) -> float:
        """Seconds on the clock that flows see."""
        if self._clock is not None:
            return self._clock.time()
        try:
            return asyncio.get_running_loop().time()  # what anyio would find out in some ten steps
        except RuntimeError:
            return anyio.current_time()

    async def aclose(self, error: BaseException | None = None) -> None:
        """Close the transport; ``error`` is that in which an ``async with`` statement ends."""
        await aclose_after(self._transport, error)

    def __repr__(self) -> str:
        return f"<AsyncRunner over {self._transport!r}>"


class _Run:
    """One call of ``run``, and the user's sources that it reads."""

    def __init__(
        self,
        transport: AsyncTransport,
        clock: VirtualClock | None,
        disk: Disk,
        instant: Instant,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._disk = disk
        self._instant = instant
        self._waiting: set[anyio.Event] = set()
        self._iterators: dict[int, tuple[object, Callable[[], Awaitable[Any]], anyio.Lock]] = {}
        self._readers: dict[int, tuple[object, anyio.Lock]] = {}

    async def drive(self, flow: Flow[T]) -> T:
        value: Any = None
        error: BaseException | None = None
        cancelled: BaseException | None = None
        try:
            while True:
                try:
                    effect = advance(flow, value, error, self._instant)
                except StopIteration as end:
                    if cancelled is not None:
                        # Swallowing a cancellation would leave the caller waiting for a task that was told to end.
                        raise cancelled from None
                    result: T = end.value
                    return result
                finally:
                    if self._waiting:
                        self._wake()
                try:
                    if cancelled is None:
                        value = await self._perform(effect)
                    else:
                        with anyio.CancelScope(shield=True):
                            value = await self._perform(effect)
                    error = None
                except GeneratorExit:
                    flow.close()  # this coroutine is being closed: there is no event loop left to perform effects
                    raise
                except BaseException as raised:  # noqa: BLE001 - whatever happened is the flow's to handle
                    value, error = None, raised
                    if cancelled is None and isinstance(raised, anyio.get_cancelled_exc_class()):
                        cancelled = raised
        finally:
            error = cancelled = None  # an error holds its traceback, which holds this frame, which holds the error

    async def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return await self._transport.send_async(effect.request, effect.timeout_s)
        match effect:
            case Sleep(seconds):
                await self._sleep(seconds)
                return None
            case Token(credential, scope):
                return token_text(await _call(credential.get_token, scope))
            case Read(source, into):
                return await self._read(source, into)
            case Write(target, data):
                await _write(target, data)
                return None
            case Item(source):
                return await self._item(source)
            case Until(condition):
                await self._until(condition)
                return None
            case Work(_, function):
                return await anyio.to_thread.run_sync(function, self._disk)
            case Gather():
                return await self._gather(effect)
            case _:
                raise unknown_effect(effect, "async")

    async def _sleep(self, seconds: float) -> None:
        if self._clock is not None:
            self._clock.advance(seconds)
            seconds = 0.0  # other tasks still get their turn
        await anyio.sleep(seconds)

    async def _gather(self, effect: Gather) -> list[Any]:
        workers = workers_of(effect)
        results: list[Any] = [None] * len(effect.flows)
        waiting = iter(list(enumerate(effect.flows)))
        if workers == 1:  # a task of its own would only be waited for
            try:
                for index, flow in waiting:
                    results[index] = await self.drive(flow)
            finally:
                for _, flow in waiting:
                    flow.close()
            return results
        failures: list[BaseException] = []
        cancelled = anyio.get_cancelled_exc_class()

        async def work() -> None:
            for index, flow in waiting:
                try:
                    results[index] = await self.drive(flow)
                except cancelled:
                    raise
                except BaseException as error:  # noqa: BLE001 - raised again below, out of the task group
                    failures.append(error)
                    group.cancel_scope.cancel()
                    return

        try:
            async with anyio.create_task_group() as group:
                for _ in range(workers):
                    group.start_soon(work)
        finally:
            for _, flow in waiting:
                flow.close()
        if failures:
            raise failures[0]
        return results

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            event = anyio.Event()
            self._waiting.add(event)
            try:
                await event.wait()
            finally:
                self._waiting.discard(event)

    def _wake(self) -> None:
        """Have all who wait look again."""
        for event in self._waiting:
            event.set()

    async def _read(self, source: Readable, into: memoryview) -> int:
        _, lock = self._readers.setdefault(id(source), (source, anyio.Lock()))
        async with lock:
            return taken(await _call(*reading(source, into)), into)

    async def _item(self, source: object) -> Any:
        # The source is kept beside its iterator, so that its id is not given to another object meanwhile.
        _, advance, lock = self._iterators.setdefault(id(source), (source, _advancing(source), anyio.Lock()))
        async with lock:
            return await advance()


def _advancing(source: Any) -> Callable[[], Awaitable[Any]]:
    """A function that gives the next item of any iterable, ``None`` at its end, and never blocks the event loop."""
    if hasattr(source, "__aiter__"):
        waited: AsyncIterator[Any] = aiter(source)
        return lambda: anext(waited, None)
    if not hasattr(source, "__iter__"):
        raise InvalidArgument(f"{type(source).__name__} is neither an iterable nor an async iterable")
    items: Iterator[Any] = iter(source)
    if isinstance(source, Sequence):
        return lambda: _at_once(items)
    return lambda: anyio.to_thread.run_sync(next, items, None)


async def _write(target: Writable, data: Buffer) -> None:
    view = memoryview(data)
    while view:
        view = view[written(await _call(target.write, view), view) :]


async def _at_once(items: Iterator[Any]) -> Any:
    return next(items, None)


async def _call(function: Callable[..., Any], argument: object) -> Any:
    """Call the user's function: awaited where it is async, in a thread where it may block."""
    if inspect.iscoroutinefunction(function):
        return await function(argument)
    # In a list, because trio refuses a thread that returns something to await.
    [answer] = await anyio.to_thread.run_sync(lambda: [function(argument)])
    return await answer if inspect.isawaitable(answer) else answer


__all__ = ["AsyncRunner"]
