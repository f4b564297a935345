"""A handler around a handler that lets a plan's faults happen, and keeps a diary of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial
from typing import Final, TypeAlias

from azfiles_sim.clock import Clock, SystemClock
from azfiles_sim.faults.backstage import AnyHandler, Backstage, Telling
from azfiles_sim.faults.carrying import CLIENT_REQUEST_ID, first_value
from azfiles_sim.faults.delivery import Ended, time_on_the_way_s
from azfiles_sim.faults.diary import DiaryEntry, describe
from azfiles_sim.faults.encounter import Encounter, Handle
from azfiles_sim.faults.outcomes import Outcome
from azfiles_sim.faults.plan import Call, Plan
from azfiles_sim.faults.recognizing import recognize
from azfiles_sim.faults.script import Progress, Script
from azfiles_sim.ids import SeededIds
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, RequestLike
from azfiles_sim.model.entities import TICKS_PER_SECOND, Ticks

DIARY_LIMIT: Final = 100_000
"""So many of the newest entries are kept."""

AnyPlan: TypeAlias = Plan | Script


class Faulty:
    """Answers as ``inside`` does, but for what ``plan`` says of each call. May be used from several threads.

    In process a fault that takes time moves ``clock`` on; without a clock, or with one that cannot be moved, it really
    takes it. ``backstage`` is for a simulator's own use: without it, what happens inside the service (a lease lost, a
    clock that is off, memory forgotten) raises FaultImpossible.
    """

    def __init__(
        self,
        inside: Handle,
        plan: AnyPlan | None,
        *,
        clock: Telling | Clock | None = None,
        backstage: Backstage | None = None,
    ) -> None:
        self._inside = inside
        self._clock = clock
        self._backstage: Backstage = AnyHandler(clock) if backstage is None else backstage
        self._lock = threading.Lock()
        self._begun = 0
        self._begin(plan)

    def _begin(self, plan: AnyPlan | None) -> None:
        self._begun += 1
        self._plan = plan
        self._progress: Progress | None = plan.begin() if isinstance(plan, Script) else None
        self._began = self._backstage.now()
        self._down_until: Ticks = 0
        self._calls = 0
        self._diary: OrderedDict[int, DiaryEntry] = OrderedDict()
        self._ids = SeededIds(0)

    @property
    def clock(self) -> Telling | Clock:
        """The clock it was given, or the machine's."""
        return SystemClock() if self._clock is None else self._clock

    @property
    def plan(self) -> AnyPlan | None:
        """The plan; None for no faults. A new one begins anew: with the first call, and an empty diary."""
        return self._plan

    @plan.setter
    def plan(self, plan: AnyPlan | None) -> None:
        with self._lock:
            self._begin(plan)

    def restart_plan(self) -> None:
        """Begin anew with the plan that there is."""
        with self._lock:
            self._begin(self._plan)

    @property
    def begun(self) -> int:
        """How many plans, or none, began here: another number says that calls and diary began anew."""
        return self._begun

    @property
    def calls(self) -> int:
        """How many requests came since the plan began."""
        return self._calls

    @property
    def diary(self) -> tuple[DiaryEntry, ...]:
        """The faults that happened so far, in the order in which their requests came."""
        with self._lock:
            return tuple(self._diary.values())

    @property
    def diary_text(self) -> str:
        """The diary, a line for each entry. The same plan and the same requests give the same text."""
        return "".join(f"{entry.line}\n" for entry in self.diary)

    def handle(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply | Dropped:
        """The answer of the handler inside, but for what the plan says of this call."""
        if self._down_until and self._backstage.now() < self._down_until:
            return Ended(applied=False, sent=False)
        met = self.meet(request, connection)
        if met is None:
            return self._inside(request, connection)
        if met.hold_s:
            self._backstage.wait(met.hold_s)
        answer = met.answer()
        if isinstance(answer, Ended) and answer.restart is not None:
            self._down_until = self._backstage.now() + round(answer.restart.down_s * TICKS_PER_SECOND)
        on_the_way_s = time_on_the_way_s(answer)
        if on_the_way_s:
            self._backstage.wait(on_the_way_s)
        return answer

    def meet(self, request: RequestLike, connection: Connection) -> Encounter | None:
        """Decide what happens to a request, for one who waits in another way than ``handle``: first ``hold_s``
        seconds, then for what ``delivery_of`` says of the ``answer``. The head of the request is enough. None where there
        is no plan.
        """
        plan = self._plan
        if plan is None:
            return None
        found = recognize(request, self._backstage.accounts())
        name = first_value(request.headers, CLIENT_REQUEST_ID) or ""
        with self._lock:
            self._calls += 1
            now = self._backstage.now()
            at_s = (now - self._began) / TICKS_PER_SECOND
            call = Call(self._calls, name, request, found.operation, found.title, found.account, found.path, at_s)
            outcome = self._decide(plan, call)
            if outcome is not None:
                after = self._backstage.journaled()
                self._diary[call.number] = DiaryEntry(call.number, name, describe(request), outcome, now, after)
                if len(self._diary) > DIARY_LIMIT:
                    self._diary.popitem(last=False)
        undo = partial(self._take_back, call.number)
        return Encounter(call, outcome, connection, self._inside, self._backstage, self._ids, undo)

    def skip(self, seconds: float) -> bool:
        """Move the clock on where it stands still until it is told to; false where time goes by of itself."""
        still = self._backstage.stands_still()
        if still:
            self._backstage.wait(seconds)
        return still

    def _decide(self, plan: AnyPlan, call: Call) -> Outcome | None:
        if isinstance(plan, Script):
            progress = plan.begin() if self._progress is None else self._progress
            outcome, self._progress = progress.step(call)
            return outcome
        return plan(call)

    def _take_back(self, number: int) -> None:
        """Nothing came of a fault: there was nothing to spoil, or no lease to lose."""
        with self._lock:
            self._diary.pop(number, None)

    def copy_to(self, other: Faulty) -> None:
        """Let another one go on from here: the same plan, as far as it has come, and the same diary."""
        with self._lock:
            other._plan, other._progress = self._plan, self._progress
            other._began, other._down_until = self._began, self._down_until
            other._calls, other._diary, other._ids = self._calls, self._diary.copy(), self._ids.copy()

    def __repr__(self) -> str:
        return f"<Faulty, {self._calls} calls, {len(self._diary)} faults>"


__all__ = ["DIARY_LIMIT", "AnyPlan", "Faulty"]
