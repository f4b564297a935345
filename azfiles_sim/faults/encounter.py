"""One request and what it meets: carried out in two steps, so that a server can wait between them in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from azfiles_sim.faults import carrying, outcomes
from azfiles_sim.faults.backstage import Backstage, FaultImpossible
from azfiles_sim.faults.delivery import Ended
from azfiles_sim.faults.outcomes import Outcome
from azfiles_sim.faults.plan import Call
from azfiles_sim.ids import SeededIds
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, RequestLike

T = TypeVar("T")


class Handle(Protocol):
    """What answers requests: ``Simulator.handle`` is one, ``Faulty.handle`` another."""

    def __call__(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply | Dropped: ...


@dataclass(frozen=True, slots=True)
class Encounter:
    """One request and what it meets. ``undo`` says that nothing came of the fault: there was nothing to spoil, or no
    lease to lose.
    """

    call: Call
    outcome: Outcome | None
    connection: Connection
    inside: Handle
    backstage: Backstage
    ids: SeededIds
    undo: Callable[[], None]

    @property
    def ends_at_head(self) -> bool:
        """Whether a server ends the connection before it has read the request's body."""
        return isinstance(self.outcome, outcomes.Reset) and not self.outcome.acts

    def with_request(self, request: RequestLike) -> Encounter:
        """The same for the whole request, where only its head was there to decide by."""
        return replace(self, call=replace(self.call, request=request))

    @property
    def hold_s(self) -> float:
        """How long the request is held up before it may be answered."""
        return self.outcome.seconds if isinstance(self.outcome, outcomes.DelayRequest) else 0.0

    def answer(self) -> Reply | Dropped:
        """Ask the handler inside, or not, and spoil its answer."""
        try:
            return self._answer()
        except FaultImpossible:
            self.undo()
            raise

    def _answer(self) -> Reply | Dropped:
        outcome, request = self.outcome, self.call.request
        match outcome:
            case None | outcomes.DelayRequest():
                return self._ask(request)
            case outcomes.LoseRequest():
                return Dropped(applied=False)
            case outcomes.Reset(acts=False):
                return Ended(applied=False, reset=True)
            case outcomes.Refuse(acts=False):
                return self._refuse(outcome)
            case outcomes.Restart():
                if outcome.forget:
                    self.backstage.forget()
                return Ended(applied=False, restart=outcome)
            case outcomes.FlipRequestBit(bit):
                spoiled = carrying.with_bit_flipped(request, bit, self.call.number)
                return self._ask(self._or_nothing(spoiled, request))
            case outcomes.LoseLease():
                path = self.call.path if outcome.of is None else outcome.of
                if not self.backstage.lose_lease(outcome, self.call.account, path):
                    self.undo()
                return self._ask(request)
            case outcomes.SkewClock(seconds):
                return self.backstage.handle_skewed(request, self.connection, seconds)
            case _:
                return self._spoil(outcome, self._ask_for_what_is_spoiled(request))

    def _spoil(self, outcome: Outcome, answer: Any) -> Reply | Dropped:
        """What comes of the handler's answer on its way back: itself where there is nothing to spoil."""
        spoiled = self._spoiled(outcome, answer)
        whole: Reply | Dropped = answer
        return self._or_nothing(spoiled, whole)

    def _spoiled(self, outcome: Outcome, answer: Any) -> Reply | Dropped | None:
        if isinstance(outcome, outcomes.LoseReply):
            return carrying.dropped(answer)
        if isinstance(outcome, outcomes.Reset):
            return Ended(carrying.has_acted(answer), reset=True)
        if not hasattr(answer, "status"):  # something inside has lost it already
            return None
        method = self.call.request.method
        match outcome:
            case outcomes.Refuse():
                return self._refuse(outcome) if answer.status < 400 else None
            case outcomes.DelayReply():
                return carrying.delayed(answer, outcome)
            case outcomes.Drip():
                return carrying.dripping(answer, outcome, method)
            case outcomes.CutBody():
                return carrying.cut(answer, outcome, method)
            case outcomes.WrongLength():
                return carrying.with_wrong_length(answer, outcome, method)
            case outcomes.FlipReplyBit(bit):
                return carrying.reply_with_bit_flipped(answer, bit, self.call.number, method)
            case _:
                raise TypeError(f"a plan gave {type(outcome).__name__}, which is no outcome")

    def _ask(self, request: RequestLike) -> Reply | Dropped:
        return self.inside(request, self.connection)

    def _ask_for_what_is_spoiled(self, request: RequestLike) -> Reply | Dropped:
        """Where the handler raises, as a cassette does that has no answer, nothing is spoiled."""
        try:
            return self._ask(request)
        except BaseException:
            self.undo()
            raise

    def _refuse(self, outcome: outcomes.Refuse) -> Reply:
        return carrying.refusal(outcome, self.call.request, self.ids.request_id(), self.backstage.now())

    def _or_nothing(self, spoiled: T | None, whole: T) -> T:
        """What was spoiled, or the whole where there was nothing to spoil: then nothing happened."""
        if spoiled is None:
            self.undo()
            return whole
        return spoiled


__all__ = ["Encounter", "Handle"]
