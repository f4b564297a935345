"""When an answer was given whose own date says no more than the second."""

from __future__ import annotations

from dataclasses import dataclass

from azfiles_sim.testing.cassettes.instants import SECOND

_JITTER = SECOND // 2


@dataclass(slots=True)
class Timeline:
    """What the seconds that a cassette counts are in the service's time, learnt from answers that tell it exactly.

    Where the recorder's clock is not the service's, as with a simulator whose clock stood still, it is not used.
    """

    _offset: int | None = None
    _agrees: bool = True

    def learn(self, instant: int, answered_s: float | None) -> None:
        """Take in an answer of which the service's time is known."""
        if answered_s is None:
            return
        offset = instant - round(answered_s * SECOND)
        if self._offset is not None and abs(offset - self._offset) > _JITTER:
            self._agrees = False
        self._offset = offset

    def within(self, second: int, answered_s: float | None) -> int:
        """The likely instant of an answer that was given in a second."""
        if answered_s is None or self._offset is None or not self._agrees:
            return second
        likely = self._offset + round(answered_s * SECOND)
        return min(max(likely, second), second + SECOND - 1)


__all__ = ["Timeline"]
