"""The command ``azfiles-sim explore``.

The verdict goes to stdout, progress to stderr. Exit status: 0 where no seed failed, 1 where one did or where what was
saved still fails, 2 where it could not start, 130 where it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final, TextIO

from azfiles.cassette.loading import import_yaml
from azfiles.errors import CassetteError
from azfiles_sim.explore import INTERRUPTED
from azfiles_sim.explore.composing import Scale
from azfiles_sim.explore.exploring import Finding, Progress, cut_down, explore
from azfiles_sim.explore.running import Make, run
from azfiles_sim.explore.saving import Saved, SavedError, load, replay, save

PASSED: Final = 0
FAILED: Final = 1
NOT_STARTED: Final = 2
REWRITTEN_EVERY_S: Final = 0.2
TOLD_EVERY_S: Final = 10.0

DESCRIPTION: Final = """\
Searches for a history that no correct service and client could have given. Each seed is a program: several clients that
write, rename, lease and count in the same files, side by side in an order that the seed decides, while requests and
replies are lost. An independent judge looks for an order of what was done that explains every answer. The first seed
that fails is cut down and saved as a cassette."""
EPILOG: Final = """\
The same seed, scale and version give the same bytes. docs/explore.md says how to read a failure."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said, checked."""

    first: int
    seeds: int
    scale: Scale
    folder: Path
    json: bool
    replay: Path | None

    def words(self, first: int, seeds: int) -> str:
        """The command line for other seeds, all else as it is."""
        default = Scale()
        words = [f"azfiles-sim explore --from {first} --seeds {seeds}"]
        if self.scale.clients != default.clients:
            words.append(f"--clients {self.scale.clients}")
        if self.scale.operations != default.operations:
            words.append(f"--operations {self.scale.operations}")
        if self.scale.swaps:
            words.append("--swaps")
        if self.scale.locks:
            words.append("--locks")
        if self.scale.share_locks:
            words.append("--share-locks")
        if not self.scale.faults:
            words.append("--no-faults")
        return " ".join(words)


def main(arguments: Sequence[str], *, make: Make | None = None) -> int:
    """Carry out the command line and return the exit status. ``make`` gives the simulators.

    Raises SystemExit where the arguments are wrong or ask for help.
    """
    options = parse_arguments(arguments)
    try:
        import_yaml()
    except CassetteError:
        return _complain("PyYAML is missing, for the cassette of what fails; install azfiles-toolkit[testing]")
    try:
        return _search(options, make) if options.replay is None else _replay(options.replay, make)
    except (SavedError, CassetteError, OSError) as error:
        return _complain(str(error))


def parse_arguments(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises SystemExit (2) with the usage on stderr."""
    default = Scale()
    parser = argparse.ArgumentParser(
        prog="azfiles-sim explore",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seeds", type=_at_least(1), default=1000, metavar="N", help="how many seeds to try (default: %(default)s)"
    )
    parser.add_argument(
        "--from", dest="first", type=_at_least(0), default=0, metavar="S", help="the first seed (default: %(default)s)"
    )
    parser.add_argument(
        "--clients",
        type=_at_least(1),
        default=default.clients,
        metavar="K",
        help="at most so many clients (default: %(default)s)",
    )
    parser.add_argument(
        "--operations",
        type=_at_least(1),
        default=default.operations,
        metavar="M",
        help="at most so many operations of each client (default: %(default)s)",
    )
    parser.add_argument(
        "--swaps", action="store_true", help="with update, write_if and create_new, each of many requests, too"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--locks",
        action="store_true",
        help="instead: clients that want one file's lock, some of which are held up or killed while they have it",
    )
    instead.add_argument("--share-locks", action="store_true", help="instead: the same for the lock of a share")
    parser.add_argument("--no-faults", action="store_true", help="lose no request and no reply")
    parser.add_argument(
        "--save",
        type=Path,
        default=Path("explored"),
        metavar="DIR",
        help="folder for the cassette of the seed that fails (default: ./%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="write the verdict to stdout as one line of JSON")
    parser.add_argument(
        "--replay",
        type=Path,
        metavar="FILE",
        help="instead: play what was saved, FILE being its .json, from its cassette and on the simulator as it is now",
    )
    given = parser.parse_args(arguments)
    scale = Scale(
        given.clients,
        given.operations,
        faults=not given.no_faults,
        swaps=given.swaps,
        locks=given.locks,
        share_locks=given.share_locks,
    )
    return Options(given.first, given.seeds, scale, given.save, given.json, given.replay)


def _search(options: Options, make: Make | None) -> int:
    reporter = _Reporter(sys.stderr, options.seeds)
    so_far = Progress(options.first)
    try:
        for step in explore(options.first, options.seeds, options.scale, make=make):
            if isinstance(step, Finding):
                reporter.say(f"seed {step.seed} fails; cutting it down (Ctrl-C leaves it as it is)")
                return _tell_finding(step, options, make)
            so_far = step
            reporter.tell(so_far)
    except KeyboardInterrupt:
        reporter.clear()
        left = options.seeds - so_far.seeds
        _say(f"stopped after {_counted(so_far)}; go on with: {options.words(so_far.next_seed, left)}")
        return INTERRUPTED
    reporter.clear()
    if options.json:
        _say(json.dumps({"failed": None, **_figures(so_far)}))
    else:
        undecided = ", ".join(map(str, so_far.undecided))
        verdict = (
            f"no verdict, for too many orders, on seeds {undecided}" if undecided else "every history has an order"
        )
        _say(f"nothing found in {_counted(so_far)}; {verdict}")
    return PASSED


def _tell_finding(found: Finding, options: Options, make: Make | None) -> int:
    repeat = options.words(found.seed, 1)
    try:
        smallest = cut_down(found, make=make)
    except KeyboardInterrupt:
        smallest = found.whole
    saved: Saved | None = None
    try:
        saved = save(smallest, found.seed, options.folder, make=make, repeat=repeat)
    except (SavedError, CassetteError, OSError) as error:
        _complain(f"not saved: {error}")
    if options.json:
        record = {
            "failed": found.seed,
            "kind": "" if smallest.violation is None else smallest.violation.kind,
            "violation": str(smallest.violation),
            "clients": len(smallest.program.clients),
            "steps": smallest.program.steps,
            "repeat": repeat,
            "saved": None if saved is None else str(saved.program),
        }
        _say(json.dumps(record))
        return FAILED
    whole = found.whole.program
    _say(f"seed {found.seed} fails: {smallest.violation}\n")
    _say(
        f"cut down from {len(whole.clients)} clients, {whole.steps} steps, {len(found.whole.diary)} faults "
        f"to {len(smallest.program.clients)}, {smallest.program.steps}, {len(smallest.diary)}:\n{smallest.program}\n"
    )
    _say(f"the whole seed again:    {repeat}")
    if saved is not None:
        _say(f"what is left, again:     azfiles-sim explore --replay {saved.program}")
        _say(f"all that was asked:      {saved.text}")
    return FAILED


def _replay(path: Path, make: Make | None) -> int:
    recorded = replay(path)
    now = run(load(path), make=make)
    _say(f"from the cassette: {recorded.violation or 'nothing fails'}")
    _say(f"on the simulator:  {now.violation or 'nothing fails any more'}")
    return PASSED if now.violation is None else FAILED


class _Reporter:
    """Progress for people: one line that is written anew where it is read at a terminal, else a line now and then."""

    def __init__(self, stream: TextIO | None, seeds: int) -> None:
        self._stream = stream
        self._seeds = seeds
        self._rewrites = stream is not None and stream.isatty()
        self._began = self._told = monotonic()
        self._written = False

    def tell(self, so_far: Progress) -> None:
        now = monotonic()
        if self._stream is None or now - self._told < (REWRITTEN_EVERY_S if self._rewrites else TOLD_EVERY_S):
            return
        self._told = now
        rate = so_far.seeds / (now - self._began)
        left_s = (self._seeds - so_far.seeds) / rate
        line = f"seed {so_far.next_seed - 1}: {_counted(so_far)}; {rate:.0f} seeds/s, {left_s:.0f} s left"
        self._stream.write(f"\r\x1b[K{line}" if self._rewrites else f"{line}\n")
        self._stream.flush()
        self._written = self._rewrites

    def say(self, line: str) -> None:
        self.clear()
        if self._stream is not None:
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def clear(self) -> None:
        """Leave the line to what comes next."""
        if self._written and self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._written = False


def _counted(so_far: Progress) -> str:
    return f"{so_far.seeds} seeds, {so_far.requests} requests, {so_far.faults} lost, {so_far.repeated} seeds repeated alike"


def _figures(so_far: Progress) -> dict[str, object]:
    return {
        "seeds": so_far.seeds,
        "requests": so_far.requests,
        "faults": so_far.faults,
        "repeated": so_far.repeated,
        "undecided": list(so_far.undecided),
        "next": so_far.next_seed,
    }


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) >= least):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {least} or more")
        return int(text)

    return number


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _complain(text: str) -> int:
    sys.stderr.write(f"azfiles-sim: {text}\n")
    return NOT_STARTED


__all__ = ["FAILED", "NOT_STARTED", "PASSED", "Options", "main", "parse_arguments"]
