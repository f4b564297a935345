"""``python -m tests.mutation``: the mutation score of ``azfiles/core`` and ``azfiles_sim/model``; see docs/mutation.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.mutation.judging import NOT_LOADED, Bench, open_bench
from tests.mutation.mutants import Mutant, candidates, draw, enums_of, modules_of
from tests.mutation.pool import Ended, Job, run_all
from tests.mutation.reach import Names
from tests.mutation.record import KILLED, SURVIVED, TIMED_OUT, Record
from tests.mutation.report import difference, read_explanations, score, survivors, tables, wrong_explanations
from tests.proof import code_version

ROOT: Final = Path(__file__).resolve().parents[2]
SEED: Final = 20261127
PACKAGES: Final = ("azfiles/core", "azfiles_sim/model")
AROUND: Final = ("azfiles", "azfiles_sim")
TESTS: Final = (
    "tests/core",
    "tests/model",
    "tests/wire",
    "tests/evidence",
    "tests/versions",
    "tests/conformance",
)
LEFT_OUT: Final = (  # each takes seconds, and most of what it claims is claimed by quicker ones too
    "tests/conformance/test_machines.py",
    "tests/core/test_address.py::test_any_text_is_either_understood_or_refused_as_an_argument",
    "tests/core/test_arguments.py::test_every_name_by_the_rule_is_taken",
    "tests/core/test_redaction.py",
    "tests/evidence/test_coverage.py",
    "tests/model/test_rules_machine.py",
    "tests/wire/test_fuzz.py",
    "tests/wire/test_gaps.py::test_the_table_of_gaps_is_all_that_is_answered_with_501",
    "tests/wire/test_structured.py::test_a_long_reply_is_made_segment_by_segment",
)
CONTROLS: Final = 10
SAVE_EVERY: Final = 20


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return Run(options).run()


class Run:
    """One count: look at the tests, judge what was drawn, tell."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._root: Path = options.root.resolve()
        sys.path.insert(0, str(self._root))
        self._around = around = modules_of(self._root, options.around)
        modules = [module for module in around if module.file.startswith(tuple(f"{name}/" for name in options.package))]
        enums = enums_of(around)
        self._names = Names(around)
        self._everything = [mutant for module in modules for mutant in candidates(module, enums)]
        self._drawn = draw(self._everything, options.count, options.seed)
        self._explanations = read_explanations(options.explained)
        folder = self._root / ".proof" / "mutation"
        tests = [self._root / test for test in options.tests]
        helpers = [path for test in tests for path in test.rglob("*.py") if not path.name.startswith("test_")]
        driver = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_"))
        code = code_version([*(self._root / name for name in options.around), *driver])
        key = {"code": code, "tests": code_version(tests), "seed": options.seed}
        self._looks = Record(folder / "tests.json", {"code": code, "helpers": code_version(sorted(helpers))})
        self._controls = Record(folder / f"controls-{options.seed}.json", key)
        self._verdicts = Record(folder / f"seed-{options.seed}.json", key, but_for=("tests",) if options.again else ())
        self._status = 2

    def run(self) -> int:
        options = self._options
        _say(
            f"seed {options.seed}: {len(self._drawn)} of {len(self._everything)} mutants of {', '.join(options.package)}"
        )
        open_bench(
            self._root,
            [module.name for module in self._around],
            options.tests,
            self._names,
            self._serve,
            leave_out=_does_not_judge,
            patience_s=options.patience,
        )
        return self._status

    def _serve(self, bench: Bench) -> None:
        began = time.monotonic()
        if not self._look(bench):
            return
        _say(f"{len(bench.seen)} tests judge; they were looked at in {time.monotonic() - began:.0f} s")
        if not self._control(bench):
            return
        kept = self._verdicts.content
        if self._options.again:
            kept = self._verdicts.content = {
                number: verdict for number, verdict in kept.items() if verdict[0] != SURVIVED
            }
        if earlier := sum(str(number) in kept for number in range(len(self._drawn))):
            _say(f"{earlier} were judged by an earlier run")
        began = time.monotonic()
        self._judge(bench)
        self._tell(time.monotonic() - began)

    def _look(self, bench: Bench) -> bool:
        """Learn what each test runs. All must pass: what fails without a mutant cannot judge one."""
        files = {nodeid: nodeid.partition("::")[0] for nodeid in bench.items}
        versions = {file: code_version([self._root / file]) for file in set(files.values())}
        kept = {file: look for file, look in self._looks.content.items() if look["version"] == versions.get(file)}
        nodeids = [nodeid for nodeid, file in files.items() if nodeid not in kept.get(file, {"tests": ()})["tests"]]
        size = max(1, -(-len(nodeids) // (4 * self._options.workers)))
        parts = [nodeids[start : start + size] for start in range(0, len(nodeids), size)]
        for ended in run_all([Job(part, partial(bench.look, part), 1800.0) for part in parts], self._options.workers):
            if ended.answer is None:
                _say(f"the tests from {ended.about[0]} on did not come to an end")
                return False
            for nodeid, look in ended.answer.items():
                file = files[nodeid]
                kept.setdefault(file, {"version": versions[file], "tests": {}})["tests"][nodeid] = look
        self._looks.content = kept
        self._looks.save()
        bench.remember({nodeid: kept[file]["tests"][nodeid] for nodeid, file in files.items()})
        failed = [nodeid for nodeid, seen in bench.seen.items() if not seen.passed]
        for nodeid in failed:
            _say(f"fails without a mutant: {nodeid}")
        return not failed

    def _control(self, bench: Bench) -> bool:
        """Judge unchanged code as if it were mutants: all of it must survive, or a kill says nothing."""
        if self._controls.content:
            return True
        chosen = self._drawn[:CONTROLS]
        ends = list(run_all((bench.job(mutant, changed=False) for mutant in chosen), self._options.workers))
        for ended in ends:
            if _verdict(ended)[0] != SURVIVED:
                _say(
                    f"unchanged code was {_verdict(ended)} where this would have been changed:\n{difference(ended.about)}"
                )
        _say(
            f"controls: {sum(_verdict(ended)[0] == SURVIVED for ended in ends)} of {len(ends)} unchanged ones survived"
        )
        if any(_verdict(ended)[0] != SURVIVED for ended in ends):
            return False
        self._controls.content["survived"] = len(ends)
        self._controls.save()
        return True

    def _judge(self, bench: Bench) -> None:
        numbers = {mutant: str(number) for number, mutant in enumerate(self._drawn)}
        verdicts = self._verdicts.content

        def jobs() -> Iterator[Job[Mutant]]:
            yield from (bench.job(mutant) for mutant, number in numbers.items() if number not in verdicts)

        try:
            for done, ended in enumerate(run_all(jobs(), self._options.workers), 1):
                if ended.answer is not None and ended.answer[0] == NOT_LOADED:
                    raise RuntimeError(f"{ended.answer[1]} was loaded from the disk, without its mutant")
                verdicts[numbers[ended.about]] = [*_verdict(ended), round(ended.seconds, 2)]
                if done % SAVE_EVERY == 0:
                    self._verdicts.save()
                    survived = sum(verdict[0] == SURVIVED for verdict in verdicts.values())
                    _say(f"  {len(verdicts)} judged, {survived} survived")
        finally:
            self._verdicts.save()

    def _tell(self, seconds: float) -> None:
        options = self._options
        kept = self._verdicts.content
        verdicts = {mutant: kept[str(number)][0] for number, mutant in enumerate(self._drawn)}
        for line in (
            *survivors(verdicts, self._explanations),
            "",
            *tables(verdicts, options.package, self._explanations),
        ):
            _say(line)
        wrong = list(wrong_explanations(self._everything, verdicts, self._explanations))
        for line in wrong:
            _say(line)
        found = score(verdicts, self._explanations)
        work = sum(kept[str(number)][2] for number in range(len(self._drawn)))
        _say(
            f"seed {options.seed}: {found.drawn} mutants, raw score {found.raw:.1f} %, net {found.net:.1f} %"
            f" (at least {options.floor:g} % raw is expected); {seconds:.0f} s now, {work:.0f} s of judging in all"
        )
        self._status = 0 if found.raw >= options.floor and not wrong else 1


def _verdict(ended: Ended[Any]) -> tuple[str, str]:
    if ended.answer is not None:
        outcome, detail = ended.answer
        return outcome, str(detail)
    return (TIMED_OUT, "") if ended.timed_out else (KILLED, "the process ended")


def _does_not_judge(nodeid: str) -> bool:
    """Whether a test is slow, or does by way of a server, an event loop or a disk what another one does without."""
    _, _, parameters = nodeid.partition("[")
    another_arm = "conformance" in nodeid and any(word in parameters for word in ("http", "asyncio", "trio", "disk"))
    return another_arm or nodeid.startswith(LEFT_OUT)


def _say(line: str) -> None:
    sys.__stderr__.write(f"{line}\n")  # type: ignore[union-attr]
    sys.__stderr__.flush()  # type: ignore[union-attr]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=1000, help="how many mutants to draw")
    parser.add_argument("--floor", type=float, default=85.0, help="the raw score in percent below which this fails")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--again", action="store_true", help="of the same code with other tests judge what survived only"
    )
    parser.add_argument("--patience", type=float, default=2.0, help="processor time in seconds that any test may take")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--package", nargs="+", default=PACKAGES, help="what is mutated")
    parser.add_argument("--around", nargs="+", default=AROUND, help="the packages that it belongs to")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what judges")
    parser.add_argument("--explained", type=Path, default=Path(__file__).with_name("explained.toml"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
