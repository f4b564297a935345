"""What several clients are to do: a value that a number makes, that can be cut down, printed and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from azfiles_sim.explore.checker import NUMBER_BYTES
from azfiles_sim.faults import LoseReply, LoseRequest, Outcome

COUNTER: Final = "data/counter"
FILES: Final[tuple[str, ...]] = ("data/a", "data/b", "data/d/c", "more/a")  # the second is not there at first
SPARE_NAMES: Final[tuple[str, ...]] = ("data/z", "more/z")
"""Where else files may be renamed to."""
SHARES: Final[tuple[str, ...]] = ("data", "more")
DIRECTORIES: Final = ("data/d",)
REGISTERS: Final[tuple[str, ...]] = ("swapped/a", "swapped/b", "swapped/new", "swapped/newer")
"""Files that are only swapped, in a share of their own; the last two are not there at first."""
REGISTER_BYTES: Final = 64
LOCKED: Final[tuple[str, ...]] = ("locked/counter",)
"""Files that are only changed under their locks, in a share of their own: each holds a number."""
LOCKED_SHARE: Final = LOCKED[0].partition("/")[0]
"""The share whose own lock is wanted: what it guards is a number in its metadata."""
INITIAL: Final[Mapping[str, bytes]] = {
    COUNTER: bytes(NUMBER_BYTES),
    "data/a": b"before\0\0" * 128,
    "data/d/c": b"below\0\0\0" * 128,
    "more/a": bytes(1024),
    REGISTERS[0]: bytes(REGISTER_BYTES),
    REGISTERS[1]: bytes(REGISTER_BYTES),
    LOCKED[0]: bytes(NUMBER_BYTES),
}
"""What there is before the clients begin."""


class Kind(StrEnum):
    """What a step does."""

    CREATE = "create"
    DELETE = "delete"
    RENAME = "rename"
    COPY = "copy"
    PUT = "put"
    CLEAR = "clear"
    RESIZE = "resize"
    LABEL = "label"
    READ = "read"
    LOOK = "look"
    LIST_RANGES = "list ranges"
    ACQUIRE = "acquire"
    CHANGE = "change"
    RELEASE = "release"
    BREAK = "break"
    INCREMENT = "increment"
    LIST_FILES = "list files"
    SNAPSHOT = "snapshot"
    READ_SNAPSHOT = "read snapshot"
    ACQUIRE_SHARE = "acquire share"
    RENEW_SHARE = "renew share"
    CHANGE_SHARE = "change share"
    RELEASE_SHARE = "release share"
    BREAK_SHARE = "break share"
    LOOK_SHARE = "look at share"
    SLEEP = "sleep"
    UPDATE = "update"
    WRITE_IF = "write if"
    CREATE_NEW = "create new"
    READ_WHOLE = "read whole"
    BREAK_REGISTER = "break register"
    LOCK = "lock"
    LOCK_AND_DIE = "lock and die"
    DROP_COMPANION = "drop companion"
    READ_COUNT = "read count"
    LOCK_SHARE = "lock share"
    LOCK_SHARE_AND_DIE = "lock share and die"
    BREAK_SHARE_LOCK = "break share lock"
    READ_SHARE_COUNT = "read share count"


LOCKING: Final = frozenset({Kind.LOCK, Kind.LOCK_AND_DIE, Kind.DROP_COMPANION})
LOCKING_SHARES: Final = frozenset({Kind.LOCK_SHARE, Kind.LOCK_SHARE_AND_DIE, Kind.BREAK_SHARE_LOCK})


class Lease(StrEnum):
    """Which lease id a step sends: that of the lease the client believes it has, none at all, or one nobody has."""

    HELD = "held"
    NONE = "none"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a client does. ``number`` stays the step's own however the program is cut down. Which of the
    others mean something depends on the kind; ``seconds`` is a sleep, a lease's duration, a break's period, or how long a
    lock is worked under. A lock's ``length`` is its time to live; at its effect number ``offset``, unless that is 0, counted
    with ``replace`` from when it has the lock, the client is held up for ``pause_s`` or dies.
    """

    number: int
    kind: Kind
    place: str = ""
    to: str = ""
    offset: int = 0
    length: int = 0
    seconds: float | None = None
    replace: bool = False
    lease: Lease = Lease.HELD
    pause_s: float = 0.0

    def __str__(self) -> str:
        default = Step(0, self.kind)
        told = [
            f"{each.name}={getattr(self, each.name)}"
            for each in fields(self)
            if each.name not in {"number", "kind"} and getattr(self, each.name) != getattr(default, each.name)
        ]
        return " ".join((f"{self.number}. {self.kind}", *told))


@dataclass(frozen=True, slots=True)
class Client:
    """One client and its steps, done one after the other."""

    number: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Clients side by side, in an order that ``schedule`` decides, under faults.

    ``faults`` are the outcomes by the request's name, or None for those that ``schedule`` draws at ``fault_rate``.
    """

    clients: tuple[Client, ...]
    schedule: int
    fault_rate: float = 0.0
    faults: Mapping[str, Outcome] | None = field(default=None)

    @property
    def steps(self) -> int:
        return sum(len(client.steps) for client in self.clients)

    def __str__(self) -> str:
        lines = [f"schedule {self.schedule}"]
        for client in self.clients:
            lines.append(f"client {client.number}")
            lines += [f"  {step}" for step in client.steps]
        lines += [f"fault at {name}: {outcome}" for name, outcome in (self.faults or {}).items()]
        return "\n".join(lines)


_OUTCOMES: Final[Mapping[str, Outcome]] = {"lose request": LoseRequest(), "lose reply": LoseReply()}
_WORDS: Final[Mapping[type, str]] = {type(outcome): word for word, outcome in _OUTCOMES.items()}


def as_document(program: Program) -> dict[str, Any]:
    """The program as what JSON can hold."""
    document = asdict(replace(program, faults=None))
    faults = program.faults
    document["faults"] = None if faults is None else {name: _WORDS[type(one)] for name, one in faults.items()}
    return document


def from_document(document: Any) -> Program:
    """The program that ``as_document`` wrote. Raises LookupError, TypeError or ValueError for anything else."""
    faults = document["faults"]
    return Program(
        clients=tuple(
            Client(client["number"], tuple(_step(step) for step in client["steps"])) for client in document["clients"]
        ),
        schedule=document["schedule"],
        fault_rate=document["fault_rate"],
        faults=None if faults is None else {name: _OUTCOMES[word] for name, word in faults.items()},
    )


def _step(document: Any) -> Step:
    step = Step(**document)
    return replace(step, kind=Kind(step.kind), lease=Lease(step.lease))


__all__ = [
    "COUNTER",
    "DIRECTORIES",
    "FILES",
    "INITIAL",
    "LOCKED",
    "LOCKED_SHARE",
    "LOCKING",
    "LOCKING_SHARES",
    "REGISTERS",
    "REGISTER_BYTES",
    "SHARES",
    "SPARE_NAMES",
    "Client",
    "Kind",
    "Lease",
    "Program",
    "Step",
    "as_document",
    "from_document",
]
