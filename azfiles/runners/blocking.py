"""Runs flows in the calling thread, and the branches of a ``Gather`` in worker threads beside it.

All flows of one run are advanced under one lock, so branches share plain state without locks of their own; effects are
performed outside it, so they run side by side.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, TypeVar

from azfiles.flows.disk import Disk
from azfiles.flows.effects import (
    Effect,
    Flow,
    Gather,
    Item,
    Read,
    Send,
    Sleep,
    Token,
    Until,
    Work,
    Write,
)
from azfiles.messages import Transport, close_after
from azfiles.runners.answers import (
    FlowCancelled,
    Instant,
    Sources,
    VirtualClock,
    advance,
    fetch_token,
    instant_answers,
    unknown_effect,
    workers_of,
    write,
)
from azfiles.runners.aside import Asides
from azfiles.runners.disk import LOCAL_DISK

T = TypeVar("T")

_WAIT_SLICE_S: Final = 0.2
"""Threads wait in slices: a signal that comes just before a wait begins is only seen when the wait ends."""


class BlockingRunner:
    """Carries flows out with a blocking transport. One runner may be used by many threads at once.

    With ``clock``, time is read from there, and a flow that waits moves it on instead of waiting. Local files are those
    of ``disk``.
    """

    def __init__(self, transport: Transport, *, clock: VirtualClock | None = None, disk: Disk = LOCAL_DISK) -> None:
        self._transport = transport
        self._clock = clock
        self._disk = disk
        self._instant = instant_answers(clock, time.monotonic if clock is None else clock.time)
        self._asides = Asides()

    def run(self, flow: Flow[T]) -> T:
        """Carry out ``flow`` and return its result, or raise its error."""
        return self._new_run().drive(self._asides.accompany(flow), _Scope())

    @contextmanager
    def beside(self, flow: Flow[None]) -> Generator[None]:
        """Carry out ``flow`` beside the body of the ``with`` statement, and cancel it at the end: in a thread, or with
        ``clock`` whenever something is done whose time has come to where it sleeps until.
        """
        if self._clock is not None:
            with self._asides.during(flow, self):
                yield
            return
        with self._new_run().beside(flow):
            yield

    def monotonic(self) -> float:
        """Seconds on the clock that flows see."""
        return time.monotonic() if self._clock is None else self._clock.time()

    def _new_run(self) -> _Run:
        return _Run(self._transport, self._clock, self._disk, self._instant)

    def close(self, error: BaseException | None = None) -> None:
        """Close the transport; ``error`` is that in which a ``with`` statement ends."""
        close_after(self._transport, error)

    def __repr__(self) -> str:
        return f"<BlockingRunner over {self._transport!r}>"


class _Scope:
    """Branches that end together: stopped when one of them fails, or when the branch around them is stopped."""

    __slots__ = ("_parent", "_stopped")

    def __init__(self, parent: _Scope | None = None) -> None:
        self._parent = parent
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def is_stopped(self) -> bool:
        return self._stopped or (self._parent is not None and self._parent.is_stopped())


class _Run:
    """One call of ``run``: the lock under which its flows advance, and the user's sources that it reads."""

    def __init__(
        self,
        transport: Transport,
        clock: VirtualClock | None,
        disk: Disk,
        instant: Instant,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._disk = disk
        self._instant = instant
        self._turn = threading.Lock()
        self._waiters = 0

    # Most runs are one request, and need none of these. Whoever needs one first makes it, in its turn.

    @cached_property
    def _changed(self) -> threading.Condition:
        return threading.Condition(self._turn)

    @cached_property
    def _sources(self) -> Sources:
        return Sources()

    def drive(self, flow: Flow[T], scope: _Scope) -> T:
        value: Any = None
        error: BaseException | None = None
        try:
            while True:
                with self._turn:
                    if scope.is_stopped():
                        # From here on the flow unwinds, and nothing stops what it does to clean up.
                        error, scope = FlowCancelled(), _Scope()
                    try:
                        effect = advance(flow, value, error, self._instant)
                    except StopIteration as end:
                        result: T = end.value
                        return result
                    finally:
                        if self._waiters:
                            self._changed.notify_all()
                try:
                    value, error = self._perform(effect, scope), None
                except BaseException as raised:  # noqa: BLE001 - whatever happened is the flow's to handle
                    value, error = None, raised
        finally:
            error = None  # an error holds its traceback, which holds this frame, which holds the error

    def _perform(self, effect: Effect, scope: _Scope) -> Any:
        if isinstance(effect, Send):
            return self._transport.send(effect.request, effect.timeout_s)
        match effect:
            case Sleep(seconds):
                self._sleep(seconds, scope)
                return None
            case Token(credential, scope_name):
                return fetch_token(credential, scope_name)
            case Read(source, into):
                return self._sources.read(source, into)
            case Write(target, data):
                write(target, data)
                return None
            case Item(source):
                return self._sources.item(source)
            case Until(condition):
                self._until(condition, scope)
                return None
            case Work(_, function):
                return function(self._disk)
            case Gather():
                return self._gather(effect, scope)
            case _:
                raise unknown_effect(effect, "blocking")

    def _sleep(self, seconds: float, scope: _Scope) -> None:
        with self._turn:
            if self._clock is not None:
                self._clock.advance(seconds)
            else:
                self._changed.wait_for(scope.is_stopped, seconds)

    def _until(self, condition: Callable[[], bool], scope: _Scope) -> None:
        with self._turn:
            self._waiters += 1
            try:
                while not (scope.is_stopped() or condition()):
                    self._changed.wait(_WAIT_SLICE_S)
            finally:
                self._waiters -= 1

    def _gather(self, effect: Gather, outer: _Scope) -> list[Any]:
        scope = _Scope(outer)
        results: list[Any] = [None] * len(effect.flows)
        waiting = iter(list(enumerate(effect.flows)))
        failures: list[BaseException] = []

        def work() -> None:
            while True:
                with self._turn:
                    taken = None if scope.is_stopped() else next(waiting, None)
                if taken is None:
                    return
                index, flow = taken
                try:
                    results[index] = self.drive(flow, scope)
                except FlowCancelled:
                    return
                except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
                    failures.append(error)
                    self._stop(scope)
                    return

        context = contextvars.copy_context()
        threads = [
            threading.Thread(target=context.copy().run, args=(work,), name="azfiles-branch", daemon=True)
            for _ in range(workers_of(effect) - 1)
        ]
        try:
            for thread in threads:
                thread.start()
            work()
            _join(threads)
        except BaseException:
            self._stop(scope)
            _join(threads)
            raise
        finally:
            for _, flow in waiting:
                flow.close()
        if failures:
            raise failures[0]
        return results

    @contextmanager
    def beside(self, flow: Flow[None]) -> Generator[None]:
        """Drive ``flow`` in a thread of its own until the ``with`` statement ends."""
        scope = _Scope()
        failures: list[BaseException] = []

        def work() -> None:
            try:
                self.drive(flow, scope)
            except FlowCancelled:
                return
            except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
                failures.append(error)

        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(work,), name="azfiles-beside", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop(scope)
            _join([thread])
        if failures:
            raise failures[0]

    def _stop(self, scope: _Scope) -> None:
        with self._turn:
            scope.stop()
            self._changed.notify_all()


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_WAIT_SLICE_S)


__all__ = ["BlockingRunner"]
