"""What all calls of one client know of its endpoint: the circuit, the retry budget, and how much the service bears.

The state is one frozen value; every change of it is a pure function, applied while a lock is held that whoever makes
the client hands in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import field, replace
from typing import Any, TypeVar

from azfiles.errors import TransportError
from azfiles.flows import breaker, throttling
from azfiles.flows.breaker import Circuit, Closed, Outcome, Permit, Refusal
from azfiles.flows.effects import Flow, random_fraction, sleep
from azfiles.flows.policies import CircuitPolicy, RetryPolicy
from azfiles.flows.throttling import PAUSE_S, Congestion
from azfiles.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class State:
    """``spent`` is how many retries the budget has given out and not got back. What changes with each request makes
    the next one outright: ``replace`` costs more than all the rest of it.
    """

    circuit: Circuit = field(default_factory=Closed)
    congestion: Congestion = field(default_factory=Congestion)
    spent: float = 0.0


class Health:
    """The state of one endpoint, shared by all calls of a client. Without a ``circuit`` policy every request may go.

    ``changed`` is called with the state before and after each change, outside the lock: with several threads also in
    another order than they came about.
    """

    def __init__(
        self,
        lock: AbstractContextManager[Any],
        circuit: CircuitPolicy | None = None,
        *,
        changed: Callable[[State, State], object] | None = None,
    ) -> None:
        self._lock = lock
        self._policy = circuit
        self._state = State()
        self._changed = changed

    @property
    def state(self) -> State:
        """What is known now."""
        return self._state

    def ask(self, now_s: float) -> Permit | Refusal | None:
        """Leave to send one request, or when to ask again; ``None`` where there is no circuit."""
        policy = self._policy
        if policy is None:
            return None
        circuit = self._state.circuit
        if isinstance(circuit, Closed):  # asking changes nothing then
            return Permit(circuit.era)

        def step(state: State) -> tuple[State, Permit | Refusal]:
            circuit, answer = breaker.ask(state.circuit, policy, now_s)
            return State(circuit, state.congestion, state.spent), answer

        return self._change(step)

    def tell(self, permit: Permit | None, outcome: Outcome, now_s: float = 0.0) -> None:
        """What came of the request that ``permit`` was given for."""
        policy = self._policy
        if policy is not None and permit is not None:
            self._update(
                lambda state: State(
                    breaker.tell(state.circuit, policy, permit, outcome, now_s), state.congestion, state.spent
                )
            )

    def spend_retry(self, policy: RetryPolicy) -> bool:
        """Take one retry out of the budget; false where none is left."""

        def step(state: State) -> tuple[State, bool]:
            if state.spent + 1 > policy.budget:
                return state, False
            return replace(state, spent=state.spent + 1), True

        return self._change(step)

    def refund_retry(self, policy: RetryPolicy) -> None:
        """Give back what a call earns by succeeding."""
        if self._state.spent:
            self._update(lambda state: replace(state, spent=max(0.0, state.spent - policy.refund)))

    def enter(self) -> bool:
        """Room for one more request of a transfer, or not. Who got it says ``leave`` in the end."""

        def step(state: State) -> tuple[State, bool]:
            congestion, admitted = throttling.enter(state.congestion)
            return State(state.circuit, congestion, state.spent), admitted

        return self._change(step)

    def leave(self) -> None:
        self._update(lambda state: State(state.circuit, throttling.leave(state.congestion), state.spent))

    def answered(self) -> None:
        """The service answered, and was not too busy."""
        if self._state.congestion.limit < throttling.UNLIMITED:
            self._update(lambda state: replace(state, congestion=throttling.answered(state.congestion)))

    def throttled(self, *, sent_at_s: float, now_s: float) -> None:
        """The service said that it is too busy."""
        self._update(
            lambda state: replace(
                state, congestion=throttling.throttled(state.congestion, sent_at_s=sent_at_s, now_s=now_s)
            )
        )

    def _change(self, step: Callable[[State], tuple[State, T]]) -> T:
        with self._lock:
            before = self._state
            after, answer = step(before)
            self._state = after
        if self._changed is not None:
            self._changed(before, after)
        return answer

    def _update(self, step: Callable[[State], State]) -> None:
        self._change(lambda state: (step(state), None))

    def __repr__(self) -> str:
        return f"<Health {self._state}>"


def find_room(health: Health, timeout_s: float) -> Flow[bool]:
    """Enter when the service bears one more request of a transfer; the result is whether that had to be waited for. Raises
    ``TransportError``, not sent, where no room comes up in ``timeout_s``.
    """
    waited_s = 0.0
    while not health.enter():
        if waited_s >= timeout_s:
            raise TransportError(f"the service is busy, and no room came up in {timeout_s:.1f} s", sent=False)
        pause_s = PAUSE_S * (1 + (yield from random_fraction())) / 2
        yield from sleep(pause_s)
        waited_s += pause_s
    return waited_s > 0


__all__ = ["Health", "State", "find_room"]
