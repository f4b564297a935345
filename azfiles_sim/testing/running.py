"""Runs a machine from a seed: as a test does, or to ask whether a target differs from the model at all."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from azfiles_sim.testing.machine import FilesMachine
from azfiles_sim.testing.steps import Difference
from azfiles_sim.testing.targets import MakeTarget, Target

Asked: TypeAlias = Sequence[tuple[str, dict[str, Any]]]
"""Operations and their arguments, in the order in which they were asked for."""

UNHEALTHY: Final = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def find_difference(
    make_target: MakeTarget,
    examples: int,
    steps: int,
    seed: int,
    *,
    machine: type[FilesMachine] = FilesMachine,
    shrink: bool = True,
) -> str | None:
    """Run a machine from a seed; how the target differs from the model, with the steps that show it, or ``None``.

    ``examples`` runs of up to ``steps`` rules each; ``shrink=False`` leaves the steps as they were drawn.
    """

    def make(_: FilesMachine) -> Target:
        return make_target()

    driven = type(machine.__name__, (machine,), {"make_target": make})
    try:
        run_machine(driven, examples, steps, seed, shrink=shrink)
    except Exception as error:  # noqa: BLE001 - whatever a wrong service brings about, it was found
        return "".join(traceback.format_exception_only(error))
    return None


def run_machine(
    machine: type[FilesMachine], examples: int, steps: int, seed_number: int, *, shrink: bool = True
) -> None:
    """Run a machine from a seed, where its ``TestCase`` draws one. Raises what a step raises; its notes have the seed and
    the operations that lead there.

    Those are shortened here and not by hypothesis, which would take minutes over runs of this length; where rules of a
    subclass do more than ``check``, they are as they were drawn.
    """
    last: list[FilesMachine] = []

    def make(self: FilesMachine) -> None:
        machine.__init__(self)
        last[:] = [self]

    watched = type(machine.__name__, (machine,), {"__init__": make})
    try:
        run_state_machine_as_test(
            seed(seed_number)(watched),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                print_blob=True,
                report_multiple_bugs=False,
                phases=(Phase.generate,),
                suppress_health_check=UNHEALTHY,
            ),
        )
    except Exception as error:
        error.add_note(f"seed {seed_number}")
        if shrink and last:
            shortest, told = shorten(machine, last[0].asked)
            error.add_note(program(shortest, told))
        raise


def shorten(machine: type[FilesMachine], asked: Asked) -> tuple[Asked, str]:
    """The fewest of these operations that still fail, as far as leaving them out one by one can tell, and how they fail;
    with nothing where they do not fail when asked for again.
    """
    told = _failure(machine, asked)
    if not told:
        return asked, ""
    kept = list(asked)
    size = len(kept)
    while size >= 1:
        start = 0
        while start < len(kept):
            fewer = kept[:start] + kept[start + size :]
            found = _failure(machine, fewer)
            if found:
                kept, told = fewer, found
            else:
                start += size
        size //= 2
    return kept, told


def program(asked: Asked, told: str) -> str:
    """Operations as text, one a line, and how the last of them fails."""
    lines = [f"  {name}({', '.join(f'{key}={value!r}' for key, value in given.items())})" for name, given in asked]
    heading = "the shortest operations that show it:" if told else "the operations that led there:"
    return "\n".join([heading, *lines, *([f"  {told}"] if told else [])])


def _failure(machine: type[FilesMachine], asked: Asked) -> str:
    """How operations fail on a target of their own, or nothing. What only the shortening brought about does not count."""
    run = machine()
    try:
        for operation, arguments in asked:
            run.check(operation, **arguments)
        run.compare_everything()
    except Difference as difference:
        return str(difference)
    except LookupError:  # a snapshot that is not taken any more
        return ""
    except Exception as error:  # noqa: BLE001 - an answer that cannot be read at all
        return f"{type(error).__name__}: {error}"
    finally:
        run.target.close()
    return ""


__all__ = ["Asked", "find_difference", "program", "run_machine", "shorten"]
