"""Answers whose way back is not a good one: what a client in process sees of them, and what a server does on its socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from azfiles_sim.faults.outcomes import Restart
from azfiles_sim.messages import Dropped, Reply


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer gets to the client.

    It leaves after ``delay_s`` seconds, its body at ``bytes_per_s`` where that is given. ``ends`` says that the
    connection ends after it, and ``reset`` that it ends with a reset. ``surplus`` are bytes that follow the body on the
    wire though its length does not count them.
    """

    delay_s: float = 0.0
    bytes_per_s: float | None = None
    ends: bool = False
    reset: bool = False
    surplus: tuple[memoryview, ...] = field(default=(), repr=False)


GOOD: Final = Delivery()


@dataclass(frozen=True, slots=True)
class Delivered(Reply):
    """A reply as the client gets it: its ``body`` may be shorter than its ``Content-Length``."""

    delivery: Delivery = GOOD


@dataclass(frozen=True, slots=True)
class Ended(Dropped):
    """No complete reply. ``sent`` is false where no connection could be made, so that the client knows that nothing was
    done. ``partial`` is what comes before the end, of a body of ``whole_bytes`` bytes. ``restart`` ends all other
    connections too.
    """

    sent: bool = True
    reset: bool = False
    partial: Reply | None = None
    whole_bytes: int = 0
    restart: Restart | None = None


def delivery_of(answer: object) -> Delivery:
    """How an answer of any handler gets to the client."""
    return answer.delivery if isinstance(answer, Delivered) else GOOD


def time_on_the_way_s(answer: object) -> float:
    """How long the answer is on its way."""
    if not isinstance(answer, Delivered):
        return 0.0
    delivery = answer.delivery
    dripping_s = 0.0
    if delivery.bytes_per_s is not None:
        dripping_s = sum(map(len, answer.body)) / delivery.bytes_per_s
    return delivery.delay_s + dripping_s


__all__ = ["GOOD", "Delivered", "Delivery", "Ended", "delivery_of", "time_on_the_way_s"]
