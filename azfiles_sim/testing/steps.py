"""One step of a run, and how what came of it is compared with what the model said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import azfiles
from azfiles_sim.testing.driving import Driver
from azfiles_sim.testing.expectations import Correspondence, Observation, Refusal


class Difference(AssertionError):
    """The service did something else than the model says."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run: what was done, what the model said, and what came."""

    operation: str
    arguments: dict[str, Any]
    expected: Observation | Refusal
    actual: Observation | azfiles.ServiceError

    def __str__(self) -> str:
        return f"{self.operation}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


def perform(driver: Driver, operation: str, arguments: dict[str, Any]) -> Observation | azfiles.ServiceError:
    """Have the service do one step; what it refuses is a result too."""
    try:
        found: Observation = getattr(driver, operation)(**arguments)
    except azfiles.ServiceError as refusal:
        return refusal
    return found


def compare(step: Step, correspondence: Correspondence) -> str:
    """How what came differs from what the model said, or nothing."""
    expected, actual = step.expected, step.actual
    if isinstance(actual, azfiles.ServiceError):
        if isinstance(expected, Refusal) and expected.admits(actual.status, actual.code):
            return ""
        return f"expected {expected if isinstance(expected, Refusal) else 'success'}, got {actual.status} {actual.code}"
    if isinstance(expected, Refusal):
        return f"expected {expected}, got success"
    return correspondence.difference(expected, actual)


__all__ = ["Difference", "Step", "compare", "perform"]
