"""What all calls of one client know of its endpoint: the circuit, the retry budget, and how much the service bears.

Each part is a frozen value; every change of one is a pure function, applied while a lock is held that whoever makes the
client hands in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Any, Final

from azfiles.errors import TransportError
from azfiles.flows import breaker, throttling
from azfiles.flows.breaker import Circuit, Closed, Outcome, Permit, Refusal
from azfiles.flows.effects import Flow, random_fraction, sleep
from azfiles.flows.policies import CircuitPolicy, RetryPolicy
from azfiles.flows.throttling import PAUSE_S, UNLIMITED, Congestion
from azfiles.records import dataclass

_SUCCESS: Final = Outcome.SUCCESS  # an enumeration is slow to look into, and each request asks
_permit_of_era: Final = functools.lru_cache(maxsize=64)(Permit)
"""One permit for all requests of an era."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known at one time. ``under_way`` are requests of transfers; ``spent`` is how many retries the budget has
    given out and not got back.
    """

    circuit: Circuit = field(default_factory=Closed)
    congestion: Congestion = field(default_factory=Congestion)
    under_way: int = 0
    spent: float = 0.0


class Health:
    """The state of one endpoint, shared by all calls of a client. Without a ``circuit`` policy every request may go.

    ``changed`` is called with the state before and after each change of circuit or congestion, outside the lock: with
    several threads also in another order than they came about. The parts are kept one by one, because each request
    changes some of them; the state is put together for who asks.
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
        self._circuit: Circuit = Closed()
        self._congestion = Congestion()
        self._under_way = 0
        self._spent = 0.0
        self._changed = changed

    @property
    def state(self) -> State:
        """What is known now."""
        return State(self._circuit, self._congestion, self._under_way, self._spent)

    def ask(self, now_s: float) -> Permit | Refusal | None:
        """Leave to send one request, or when to ask again; ``None`` where there is no circuit."""
        policy = self._policy
        if policy is None:
            return None
        circuit = self._circuit
        if isinstance(circuit, Closed):  # asking changes nothing then
            return _permit_of_era(circuit.era)
        with self._lock:
            before = self._shown()
            self._circuit, answer = breaker.ask(self._circuit, policy, now_s)
            after = self._shown()
        self._tell_change(before, after)
        return answer

    def tell(self, permit: Permit | None, outcome: Outcome, now_s: float = 0.0) -> None:
        """What came of the request that ``permit`` was given for."""
        policy = self._policy
        if policy is not None and permit is not None:
            with self._lock:
                before = self._shown()
                self._circuit = breaker.tell(self._circuit, policy, permit, outcome, now_s)
                after = self._shown()
            self._tell_change(before, after)

    def spend_retry(self, policy: RetryPolicy) -> bool:
        """Take one retry out of the budget; false where none is left."""
        with self._lock:
            if self._spent + 1 > policy.budget:
                return False
            self._spent += 1
            return True

    def refund_retry(self, policy: RetryPolicy) -> None:
        """Give back what a call earns by succeeding."""
        if self._spent:
            with self._lock:
                self._spent = max(0.0, self._spent - policy.refund)

    def enter(self) -> bool:
        """Room for one more request of a transfer, or not. Who got it says ``leave`` in the end."""
        with self._lock:
            if not throttling.has_room(self._congestion, self._under_way):
                return False
            self._under_way += 1
            return True

    def leave(self) -> None:
        """A request of a transfer has ended."""
        with self._lock:
            self._under_way -= 1

    def answered(self, permit: Permit | None, now_s: float) -> None:
        """The service answered the request that ``permit`` was given for, and was not too busy: nearly always."""
        policy = self._policy
        with self._lock:
            before = self._shown()
            if policy is not None and permit is not None:
                self._circuit = breaker.tell(self._circuit, policy, permit, _SUCCESS, now_s)
            if self._congestion.limit < UNLIMITED:
                self._congestion = throttling.answered(self._congestion)
            after = self._shown()
        self._tell_change(before, after)

    def throttled(self, *, sent_at_s: float, now_s: float) -> None:
        """The service said that it is too busy."""
        with self._lock:
            before = self._shown()
            self._congestion = throttling.throttled(self._congestion, self._under_way, sent_at_s=sent_at_s, now_s=now_s)
            after = self._shown()
        self._tell_change(before, after)

    def _shown(self) -> State | None:
        """The state for who is told of changes; ``None`` where nobody is."""
        return None if self._changed is None else self.state

    def _tell_change(self, before: State | None, after: State | None) -> None:
        if self._changed is not None and before is not None and after is not None:
            self._changed(before, after)

    def __repr__(self) -> str:
        return f"<Health {self.state}>"


def find_room(health: Health, timeout_s: float) -> Flow[None]:
    """Wait until there is room for one more request of a transfer, and enter. Raises ``TransportError``, not sent, where
    none comes up in ``timeout_s``.
    """
    waited_s = 0.0
    while True:
        pause_s = PAUSE_S * (1 + (yield from random_fraction())) / 2
        yield from sleep(pause_s)
        if health.enter():
            return
        waited_s += pause_s
        if waited_s >= timeout_s:
            raise TransportError(f"the service is busy, and no room came up in {timeout_s:.1f} s", sent=False)


__all__ = ["Health", "State", "find_room"]
