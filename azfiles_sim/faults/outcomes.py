"""What can befall one request. Values only; ``carrying`` carries them out.

Three kinds: what happens to the request before the service sees it, what happens to the service meanwhile, and what
happens to the reply on its way back. The last is known to the client only by what is missing or wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

from azfiles_sim.model.errors import Code

HOW_LOST: Final = ("broken", "expired")
LONGEST_S: Final = 10 * 365 * 86_400.0
"""No wait is longer than ten years: what is to be endless is longer than any timeout, and clocks still can tell it."""


# --- on the way there ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DelayRequest:
    """The request is held up for ``seconds`` before the service sees it; others may overtake it meanwhile."""

    seconds: float

    def __post_init__(self) -> None:
        _check_wait("seconds", self.seconds)

    def __str__(self) -> str:
        return f"request held up for {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """The request never reaches the service, and the connection ends without a reply."""

    def __str__(self) -> str:
        return "request lost"


@dataclass(frozen=True, slots=True)
class FlipRequestBit:
    """One bit of the request's body arrives as its opposite: the bit of this number, counted from the first byte's lowest
    and round again where the body is shorter; by default one that the call's number decides. A request without a body
    arrives as it is.
    """

    bit: int | None = None

    def __post_init__(self) -> None:
        _check_bit(self.bit)

    def __str__(self) -> str:
        return f"{_which(self.bit)} of the request flipped"


# --- at the service --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refuse:
    """An error is answered: ``code`` in the service's spelling, with its status or another ``status``, and
    ``Retry-After``, whole seconds, where given. An empty ``code`` is the answer of something on the way, such as a
    gateway's 502: no code and no document; it needs a ``status``.

    The service does not see the request, unless ``acts``: then it does what was asked, and the error comes instead of
    its success. What it refuses by itself is refused as without the fault.
    """

    code: str
    status: int | None = None
    retry_after_s: int | None = None
    acts: bool = False

    def __post_init__(self) -> None:
        if self.code and self.code not in _CODES:
            raise ValueError(f"the service has no error code {self.code!r}")
        if not self.code and self.status is None:
            raise ValueError("an answer without a code needs a status")
        if self.status is not None and not 400 <= self.status <= 599:
            raise ValueError("status is from 400 to 599")
        if self.retry_after_s is not None and not str(self.retry_after_s).isdigit():
            raise ValueError("retry_after_s is a whole number of seconds, 0 or more")

    def __str__(self) -> str:
        status = "" if self.status is None else str(self.status)
        wait = "" if self.retry_after_s is None else f", Retry-After {self.retry_after_s}"
        what = " ".join(filter(None, (status, self.code)))
        return f"{what}{wait} {'instead of the reply' if self.acts else 'instead'}"


@dataclass(frozen=True, slots=True)
class LoseLease:
    """Just before the request is handled a lease is lost: that ``of`` a path (``share`` or ``share/directory/file``, in the
    request's own account), by default of what the request is about. It is ``broken``, as if somebody broke it, or
    ``expired``, as if nobody had renewed it; a lease without an end cannot expire and is broken. Where there is no
    lease nothing is lost.
    """

    of: str | None = None
    how: str = "broken"

    def __post_init__(self) -> None:
        if self.how not in HOW_LOST:
            raise ValueError(f"how is one of {', '.join(HOW_LOST)}")
        if self.of is not None and not self.of.strip("/"):
            raise ValueError("of names a share, or a file in one")

    def __str__(self) -> str:
        return f"lease{f' of {self.of}' if self.of else ''} {self.how}"


@dataclass(frozen=True, slots=True)
class SkewClock:
    """For this request the service's clock is off by so many ``seconds``, ahead or (negative) behind."""

    seconds: float

    def __post_init__(self) -> None:
        if not abs(self.seconds) <= LONGEST_S:
            raise ValueError("seconds are at most ten years, either way")

    def __str__(self) -> str:
        return f"service's clock off by {self.seconds:+g} s"


@dataclass(frozen=True, slots=True)
class Restart:
    """The service restarts as the request arrives: all connections end, and for ``down_s`` seconds no new one is made.

    What was answered stays, as a durable service keeps it. With ``forget`` what is kept in memory only is gone: a store
    in memory holds again what it held when the simulator was made; one on disk has nothing to forget.
    """

    down_s: float = 0.0
    forget: bool = False

    def __post_init__(self) -> None:
        _check_wait("down_s", self.down_s)

    def __str__(self) -> str:
        down = f", down for {self.down_s:g} s" if self.down_s else ""
        return f"service restarted{down}{', all in memory forgotten' if self.forget else ''}"


# --- on the way back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DelayReply:
    """The service has acted; its reply is held up for ``seconds``."""

    seconds: float

    def __post_init__(self) -> None:
        _check_wait("seconds", self.seconds)

    def __str__(self) -> str:
        return f"reply held up for {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class LoseReply:
    """The service does what was asked, and the connection ends without a reply: done, but nobody was told."""

    def __str__(self) -> str:
        return "reply lost"


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (RST): while the request is being sent, or with ``acts`` in place of the reply."""

    acts: bool = False

    def __str__(self) -> str:
        return f"connection reset {'in place of the reply' if self.acts else 'by the request'}"


@dataclass(frozen=True, slots=True)
class CutBody:
    """The reply's head comes, and ``after_bytes`` bytes of its body; then the connection ends, or is reset. A reply whose
    body is no longer than that comes whole.
    """

    after_bytes: int = 0
    reset: bool = False

    def __post_init__(self) -> None:
        if self.after_bytes < 0:
            raise ValueError("after_bytes is 0 or more")

    def __str__(self) -> str:
        return f"reply cut after {self.after_bytes} bytes{', connection reset' if self.reset else ''}"


@dataclass(frozen=True, slots=True)
class FlipReplyBit:
    """One bit of the reply's body arrives as its opposite; which one, as in ``FlipRequestBit``."""

    bit: int | None = None

    def __post_init__(self) -> None:
        _check_bit(self.bit)

    def __str__(self) -> str:
        return f"{_which(self.bit)} of the reply flipped"


@dataclass(frozen=True, slots=True)
class WrongLength:
    """The reply's ``Content-Length`` is not its body's: larger by ``by`` bytes, or (negative) smaller, at least 0. After
    the body the connection ends. A reply that has no body by nature, such as that to HEAD, comes as it is.
    """

    by: int

    def __post_init__(self) -> None:
        if not self.by:
            raise ValueError("by is not 0")

    def __str__(self) -> str:
        return f"Content-Length off by {self.by:+d}"


@dataclass(frozen=True, slots=True)
class Drip:
    """The reply's body comes in at ``bytes_per_s``."""

    bytes_per_s: float

    def __post_init__(self) -> None:
        if not (self.bytes_per_s > 0 and math.isfinite(self.bytes_per_s)):
            raise ValueError("bytes_per_s is more than 0")

    def __str__(self) -> str:
        return f"reply at {self.bytes_per_s:g} bytes/s"


Outcome: TypeAlias = (
    DelayRequest
    | LoseRequest
    | FlipRequestBit
    | Refuse
    | LoseLease
    | SkewClock
    | Restart
    | DelayReply
    | LoseReply
    | Reset
    | CutBody
    | FlipReplyBit
    | WrongLength
    | Drip
)

WORDS: Final[dict[str, type[Outcome]]] = {
    "delay_request": DelayRequest,
    "lose_request": LoseRequest,
    "flip_request_bit": FlipRequestBit,
    "refuse": Refuse,
    "lose_lease": LoseLease,
    "skew_clock": SkewClock,
    "restart": Restart,
    "delay_reply": DelayReply,
    "lose_reply": LoseReply,
    "reset": Reset,
    "cut_body": CutBody,
    "flip_reply_bit": FlipReplyBit,
    "wrong_length": WrongLength,
    "drip": Drip,
}
"""What a plan's file calls each."""

_CODES: Final = frozenset(code.value for code in Code)


def _check_wait(name: str, seconds: float) -> None:
    if not 0 <= seconds <= LONGEST_S:
        raise ValueError(f"{name} is from 0 to ten years")


def _check_bit(bit: int | None) -> None:
    if bit is not None and bit < 0:
        raise ValueError("bit is 0 or more")


def _which(bit: int | None) -> str:
    return "a bit" if bit is None else f"bit {bit}"


__all__ = [
    "HOW_LOST",
    "WORDS",
    "CutBody",
    "DelayReply",
    "DelayRequest",
    "Drip",
    "FlipReplyBit",
    "FlipRequestBit",
    "LoseLease",
    "LoseReply",
    "LoseRequest",
    "Outcome",
    "Refuse",
    "Reset",
    "Restart",
    "SkewClock",
    "WrongLength",
]
