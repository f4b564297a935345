"""Runs flows in one thread under a virtual clock; a number decides how the branches of a ``Gather`` interleave.

The same number, flow and service give the same trace, so a failure that a search has found is a number to keep.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Any, TypeVar

from azfiles.flows.disk import Disk
from azfiles.flows.effects import (
    Effect,
    Flow,
    Gather,
    Item,
    Monotonic,
    NewId,
    Read,
    Send,
    Sleep,
    Token,
    Until,
    WallClock,
    Work,
    Write,
)
from azfiles.messages import Transport, close_after
from azfiles.records import dataclass
from azfiles.redaction import redact_target
from azfiles.runners.answers import (
    FlowCancelled,
    Sources,
    VirtualClock,
    fetch_token,
    time_of_day,
    unknown_effect,
    workers_of,
    write,
)
from azfiles.runners.aside import Asides
from azfiles.runners.disk import LOCAL_DISK

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One effect that was performed: when, in which branch (0 is the flow itself), and what, without secrets."""

    time_s: float
    branch: int
    effect: str


class SeededRunner:
    """Carries flows out in one thread. ``trace`` holds the last ``trace_limit`` steps of all runs; local files are those
    of ``disk``.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        seed: int,
        clock: VirtualClock,
        disk: Disk = LOCAL_DISK,
        trace_limit: int = 10_000,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._disk = disk
        self._random = random.Random(seed)  # noqa: S311 - repeatability is the point; ids need only differ
        self._seed = seed
        self._asides = Asides()
        self.trace: deque[Step] = deque(maxlen=trace_limit)

    def run(self, flow: Flow[T]) -> T:
        """Carry out ``flow`` and return its result, or raise its error."""
        run = _Run(self._transport, self._clock, self._disk, self._random, self.trace)
        return run.run(self._asides.accompany(flow))

    @contextmanager
    def beside(self, flow: Flow[None]) -> Generator[None]:
        """Carry out ``flow`` beside the body of the ``with`` statement, whenever something is done whose time has come to
        where it sleeps until, and cancel it at the end.
        """
        with self._asides.during(flow, self):
            yield

    def monotonic(self) -> float:
        """Seconds on the clock that flows see."""
        return self._clock.time()

    def close(self, error: BaseException | None = None) -> None:
        """Close the transport; ``error`` is that in which a ``with`` statement ends."""
        close_after(self._transport, error)

    def __repr__(self) -> str:
        return f"<SeededRunner seed={self._seed} over {self._transport!r}>"


@dataclass(eq=False, slots=True)
class _Branch:
    """A flow in progress: the effect it waits for, or the gathering it waits for, or when it wakes."""

    number: int
    flow: Flow[Any]
    gathering: _Gathering | None
    index: int = 0
    effect: Effect | None = None
    wake_s: float = 0.0
    waits_for: _Gathering | None = None
    unwinding: bool = False


@dataclass(eq=False, slots=True)
class _Gathering:
    """A ``Gather`` in progress."""

    owner: _Branch
    waiting: Iterator[tuple[int, Flow[Any]]]
    results: list[Any]
    running: list[_Branch] = field(default_factory=list["_Branch"])
    failure: BaseException | None = None
    stopped: bool = False
    closed: bool = False


class _Run:
    """One call of ``run``: a scheduler whose every choice is drawn from the seeded source."""

    def __init__(
        self,
        transport: Transport,
        clock: VirtualClock,
        disk: Disk,
        source: random.Random,
        trace: deque[Step],
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._disk = disk
        self._random = source
        self._trace = trace
        self._sources = Sources()
        self._branches: list[_Branch] = []
        self._started = 0
        self._end: list[Any] = []

    def run(self, flow: Flow[T]) -> T:
        self._start(flow, None, 0)
        while self._branches:
            branch = self._choose()
            if branch.effect is None:
                self._advance(branch, None, None)
            else:
                self._step(branch, branch.effect)
        result: T = self._end[0]
        return result

    def _start(self, flow: Flow[Any], gathering: _Gathering | None, index: int) -> None:
        branch = _Branch(self._started, flow, gathering, index)
        self._started += 1
        self._branches.append(branch)
        if gathering is not None:
            gathering.running.append(branch)

    def _choose(self) -> _Branch:
        """One of the branches that can go on now; where all sleep, the clock moves to the first that wakes."""
        able = [branch for branch in self._branches if branch.waits_for is None and _may_go_on(branch)]
        if not able:
            raise RuntimeError("all branches wait for each other, so none of them will ever go on")
        now = self._clock.time()
        awake = [branch for branch in able if branch.wake_s <= now]
        if not awake:
            first = min(branch.wake_s for branch in able)
            self._clock.advance(first - now)
            # A clock that counts in coarser steps than a float may stop just short of the instant asked for.
            awake = [branch for branch in able if branch.wake_s <= max(first, self._clock.time())]
        return awake[0] if len(awake) == 1 else self._random.choice(awake)

    def _step(self, branch: _Branch, effect: Effect) -> None:
        if isinstance(effect, Gather):
            self._note(branch, effect)
            self._open(branch, effect)
            return
        try:
            value = self._perform(branch, effect)
        except BaseException as error:  # noqa: BLE001 - whatever happened is the flow's to handle
            self._advance(branch, None, error)
        else:
            self._advance(branch, value, None)

    def _advance(self, branch: _Branch, value: Any, error: BaseException | None) -> None:
        try:
            effect = branch.flow.send(value) if error is None else branch.flow.throw(error)
        except StopIteration as end:
            self._finish(branch, end.value, None)
        except BaseException as raised:
            if branch.gathering is None:
                raise
            self._finish(branch, None, raised)
        else:
            branch.effect = effect
            # A sleeper is put aside at once: time that passes before its turn counts.
            branch.wake_s = self._clock.time() + effect.seconds if isinstance(effect, Sleep) else 0.0

    def _finish(self, branch: _Branch, value: Any, error: BaseException | None) -> None:
        self._branches.remove(branch)
        gathering = branch.gathering
        if gathering is None:
            self._end.append(value)
            return
        gathering.running.remove(branch)
        gathering.results[branch.index] = value
        if error is not None and not isinstance(error, FlowCancelled) and not gathering.stopped:
            gathering.failure = error
            self._stop(gathering)
        if not gathering.stopped:
            following = next(gathering.waiting, None)
            if following is not None:
                self._start(following[1], gathering, following[0])
        if not gathering.running and not gathering.closed:
            self._close(gathering)

    def _open(self, branch: _Branch, effect: Gather) -> None:
        try:
            workers = workers_of(effect)
        except ValueError as error:
            self._advance(branch, None, error)
            return
        gathering = _Gathering(branch, iter(list(enumerate(effect.flows))), [None] * len(effect.flows))
        branch.waits_for = gathering
        for _ in range(workers):
            index, flow = next(gathering.waiting)
            self._start(flow, gathering, index)
        if not gathering.running:
            self._close(gathering)

    def _close(self, gathering: _Gathering) -> None:
        """All branches have ended: their owner goes on."""
        gathering.closed = True
        for _, flow in gathering.waiting:
            flow.close()
        owner = gathering.owner
        owner.waits_for = None
        if owner.gathering is not None and owner.gathering.stopped and not owner.unwinding:
            self._unwind(owner)
        else:
            self._advance(owner, gathering.results, gathering.failure)

    def _stop(self, gathering: _Gathering) -> None:
        """Cancel the branches that still run, innermost first; what they yield while unwinding is performed."""
        gathering.stopped = True
        for branch in list(gathering.running):
            if branch.unwinding:
                continue
            inner = branch.waits_for
            if inner is None:
                self._abandon(branch)
            elif not inner.stopped:
                self._stop(inner)  # when its last branch has ended, this one unwinds

    def _abandon(self, branch: _Branch) -> None:
        # A request in flight may still reach the service, whose answer then finds nobody: both are tried.
        if isinstance(branch.effect, Send) and self._random.random() < 0.5:
            try:
                self._perform(branch, branch.effect)
            except Exception as error:  # noqa: BLE001 - nobody is left to be told, but the trace tells
                self._trace.append(Step(self._clock.time(), branch.number, f"abandoned: {type(error).__name__}"))
        self._unwind(branch)

    def _unwind(self, branch: _Branch) -> None:
        branch.unwinding = True
        self._advance(branch, None, FlowCancelled())

    def _perform(self, branch: _Branch, effect: Effect) -> Any:
        self._note(branch, effect)
        match effect:
            case Send(request, timeout_s):
                return self._transport.send(request, timeout_s)
            case WallClock():
                return time_of_day(self._clock)
            case NewId():
                return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            case Monotonic():
                return self._clock.time()
            case Sleep():
                return None  # it has passed: the branch is awake
            case Token(credential, scope):
                return fetch_token(credential, scope)
            case Read(source, into):
                return self._sources.read(source, into)
            case Write(target, data):
                write(target, data)
                return None
            case Item(source):
                return self._sources.item(source)
            case Until():
                return None  # it holds: the branch has been chosen
            case Work(_, function):
                return function(self._disk)
            case _:
                raise unknown_effect(effect, "seeded")

    def _note(self, branch: _Branch, effect: Effect) -> None:
        text = type(effect).__name__
        if isinstance(effect, Send):
            text = f"{text} {effect.request.method} {redact_target(effect.request.target)}"
        elif isinstance(effect, Work):
            text = f"{text} {effect.name}"
        self._trace.append(Step(self._clock.time(), branch.number, text))


def _may_go_on(branch: _Branch) -> bool:
    return not isinstance(branch.effect, Until) or branch.effect.condition()


__all__ = ["SeededRunner", "Step"]
