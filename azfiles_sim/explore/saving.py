"""A failing run as files: a cassette that replays it, the program, and a text that says what it is.

The cassette has what reached the service, also where the reply was lost on the way back. Replaying needs no simulator:
the clients do the same again under the same faults, the cassette answers, and the judge reads the history. So it shows
the failure also after the simulator was mended; ``run`` of the same program shows whether it was.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from azfiles.transports.in_process import InProcessTransport
from azfiles.transports.recording import recording
from azfiles.transports.replaying import replaying
from azfiles_sim.clock import ManualClock
from azfiles_sim.explore.program import Program, as_document, from_document
from azfiles_sim.explore.running import Make, Run, carry_out, judge, plan_of, run
from azfiles_sim.explore.watching import through
from azfiles_sim.faults import Faulty


class SavedError(Exception):
    """What was saved cannot be read or does not belong together. The message is one line."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The files of one failing run, side by side, alike but for their endings."""

    program: Path

    @property
    def cassette(self) -> Path:
        return self.program.with_suffix(".yaml")

    @property
    def text(self) -> Path:
        return self.program.with_suffix(".txt")


def save(failing: Run, seed: int, folder: Path, *, make: Make | None = None, repeat: str = "") -> Saved:
    """Run the program once more, recorded, and write the three files. ``repeat`` is the command for the whole seed.

    Raises SavedError where the run turns out otherwise this time, CassetteError or OSError where it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved = Saved(folder / f"seed-{seed}.json")
    program = failing.with_faults()
    with ExitStack() as closing:
        again = run(
            program,
            make=make,
            wrap=lambda transport: closing.enter_context(recording(transport, saved.cassette)),
        )
    if again.digest != failing.digest:
        raise SavedError("the failing run is not the same when it is repeated")
    saved.program.write_text(json.dumps(as_document(program), indent=1) + "\n", encoding="utf-8")
    saved.text.write_text(describe(failing, seed, saved, repeat), encoding="utf-8")
    return saved


def describe(failing: Run, seed: int, saved: Saved, repeat: str) -> str:
    """The text of a failing run, for people."""
    entries = sorted(failing.history, key=lambda entry: entry.invoked)
    return "\n".join(
        (
            f"Seed {seed}, cut down to {len(failing.program.clients)} clients and {failing.program.steps} steps.",
            "",
            str(failing.violation),
            "",
            "The whole seed again:",
            f"  {repeat}",
            "This part of it again, from the cassette and by the simulator as it is now:",
            f"  azfiles-sim explore --replay {saved.program}",
            "",
            str(failing.program),
            "",
            "What was asked and answered, by client.step.request:",
            *(f"  {entry}" for entry in entries),
            "",
        )
    )


def load(path: Path) -> Program:
    """The program that was saved. Raises SavedError."""
    try:
        return from_document(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SavedError(f"cannot read {path}: {error.strerror or error}") from None
    except (LookupError, TypeError, ValueError) as error:
        raise SavedError(f"{path} is not a program that explore saved: {error}") from None


def replay(path: Path) -> Run:
    """The run that was saved, answered by its cassette. Raises SavedError, or CassetteError for a damaged cassette."""
    program = load(path)
    clock = ManualClock()
    faulty = Faulty(through(replaying(Saved(path).cassette)), plan_of(program), clock=clock)
    history, crash = carry_out(program, InProcessTransport(faulty.handle), clock)
    return judge(Run(program, history, faulty.diary, faulty.calls, "", crash))


__all__ = ["Saved", "SavedError", "describe", "load", "replay", "save"]
