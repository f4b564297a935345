"""Whether an answer is what a naive service would have given."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, TypeAlias

from azfiles_sim.explore.checker.history import Done, Outcome, Refused, Told, Unknown, shown

_COMPARED: Final = tuple(field.name for field in fields(Told) if field.name not in {"etag", "snapshot", "ranges"})


Refusal: TypeAlias = frozenset[str]
"""The codes by which the service may refuse: more than one where nobody has seen which it is."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an answer could not have been given in a state, in a few words."""

    reason: str


def refused(*codes: str) -> Refusal:
    return frozenset(codes)


def compare(refusal: Refusal | None, told: Told | None, outcome: Outcome) -> Misfit | None:
    """None where the outcome is the refusal, or a success that tells nothing else than ``told``. No answer fits both.

    ETags, labels of snapshots and how ranges are cut are the service's to choose: they are not compared here.
    """
    match outcome:
        case Unknown():
            return None
        case Refused(code):
            if refusal is None:
                return Misfit(f"should have been done, was refused with {code}")
            return (
                None
                if code in refusal
                else Misfit(f"should have been refused with {_listed(refusal)}, was with {code}")
            )
        case Done(answer):
            if told is None:
                return Misfit(f"should have been refused with {_listed(refusal or refused())}, was done")
            for name in _COMPARED:
                wanted, given = getattr(told, name), getattr(answer, name)
                if given is not None and wanted is not None and given != wanted:
                    return Misfit(f"{name} should have been {shown(wanted)}, was {shown(given)}")
            return None


def _listed(refusal: Refusal) -> str:
    return " or ".join(sorted(refusal))


__all__ = ["Misfit", "Refusal", "compare", "refused"]
