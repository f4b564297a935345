"""Runs a machine from a seed: as a test does, or to ask whether a target differs from the model at all."""

from __future__ import annotations

import traceback
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from azfiles_sim.testing.machine import FilesMachine
from azfiles_sim.testing.targets import MakeTarget, Target

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

    ``examples`` runs of up to ``steps`` steps each; ``shrink=False`` does not look for the shortest ones.
    """

    def make(_: FilesMachine) -> Target:
        return make_target()

    driven = type(machine.__name__, (machine,), {"make_target": make})
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    try:
        run_machine(driven, examples, steps, seed, phases=phases)
    except Exception as error:  # noqa: BLE001 - whatever a wrong service brings about, it was found
        return "".join(traceback.format_exception_only(error)) + f"seed {seed}"
    return None


def run_machine(
    machine: type[FilesMachine],
    examples: int,
    steps: int,
    seed_number: int,
    *,
    phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink),
) -> None:
    """Run a machine from a seed, as ``TestCase`` does from a random one. Raises what a step raises."""
    run_state_machine_as_test(
        seed(seed_number)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            phases=phases,
            suppress_health_check=UNHEALTHY,
        ),
    )


__all__ = ["find_difference", "run_machine"]
