"""The naive file behind swaps: some content or none, and each of them is one step, however many requests it took."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from azfiles_sim.explore.checker.history import (
    CreateNew,
    Entry,
    ReadWhole,
    Refused,
    Told,
    Unknown,
    Update,
    WriteIf,
    shown,
)
from azfiles_sim.explore.checker.telling import Misfit, compare, refused

_ABSENT = refused("ResourceNotFound")


@dataclass(frozen=True, slots=True)
class Register:
    """A file's whole content; None where there is no file."""

    data: bytes | None

    def key(self) -> Hashable:
        return self


def rotate(data: bytes, mark: bytes) -> bytes:
    """What an update makes of a content: what was written first goes, ``mark`` comes last. The length stays."""
    return (data + mark)[len(mark) :]


def fit(register: Register, number: int, entry: Entry) -> Register | Misfit:  # noqa: ARG001 - as all of its kind
    """The file after an entry. A refusal has changed nothing, whatever its reason, but a creation is refused only where
    the file is there.
    """
    action, outcome, data = entry.action, entry.outcome, register.data
    match action:
        case ReadWhole():
            return compare(_ABSENT if data is None else None, Told(data=data), outcome) or register
        case CreateNew(data=content):
            if data is not None:
                return register if isinstance(outcome, (Refused, Unknown)) else Misfit("was made, but is there already")
            if isinstance(outcome, Refused) and outcome.code == "ResourceAlreadyExists":
                return Misfit("there was none, and yet it was refused because there is one")
            return register if isinstance(outcome, Refused) else Register(content)
        case Update(mark=mark):
            if isinstance(outcome, Refused) or data is None:
                return register
            return compare(None, Told(data=data), outcome) or Register(rotate(data, mark))
        case WriteIf(expected=expected, data=content):
            if isinstance(outcome, Refused):
                return register
            if data == expected:
                return Register(content)
            return register if isinstance(outcome, Unknown) else Misfit(f"replaced {shown(data)}, not what it expected")
        case _:
            raise TypeError(f"no swap: {action}")


__all__ = ["Register", "fit", "rotate"]
