"""Whether the tests see a mutant: in a child of a process that has collected all of them.

A change within a function is put into the functions as they are (``__code__``); that takes a fraction of a second. What
runs while a module loads (tables, constants, defaults, classes) is loaded anew: the child forgets the project's modules
and collects the tests that may see the change again, with the mutated module in place of the one on disk.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.abc
import importlib.util
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, TypeVar

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.pool import Job, allow_cpu
from tests.mutation.reach import Function, Names, identifiers
from tests.mutation.tracing import Trace, file_of

T = TypeVar("T")
FIRST_FILES: Final = 4  # test files that are collected before all others, where a module is loaded anew
NOT_LOADED: Final = "not loaded"
"""The verdict where tests passed without having seen the mutant at all."""
SLOWER: Final = 10  # times as long as unchanged code may a test take


@dataclass(frozen=True)
class Seen:
    """What a test did with unchanged code."""

    passed: bool
    cpu_s: float
    functions: frozenset[Function]

    @property
    def rank(self) -> float:
        """What is quick and runs little else is asked first."""
        return self.cpu_s * len(self.functions)


@dataclass(frozen=True)
class Early:
    """What ran before any test did: while the packages were imported, and while each file of tests was collected."""

    by_import: frozenset[Function]
    by_test_file: Mapping[str, frozenset[Function]]


class Bench:
    """The collected tests, and what each of them runs."""

    def __init__(self, root: Path, items: Sequence[pytest.Item], names: Names, early: Early, patience_s: float) -> None:
        self.items: Final = {item.nodeid: item for item in items}
        self.seen: dict[str, Seen] = {}
        self._files: Final = {nodeid: nodeid.partition("::")[0] for nodeid in self.items}
        self._mentioned: Final = {file: identifiers(root / file) for file in set(self._files.values())}
        self._patience_s = patience_s
        self._root = root
        self._names = names
        self._early = early
        self._live: dict[tuple[str, str, int], list[FunctionType]] = {}
        for function in gc.get_objects():
            if type(function) is FunctionType and (file := file_of(function.__code__, root)) is not None:
                key = (file, function.__code__.co_qualname, function.__code__.co_firstlineno)
                self._live.setdefault(key, []).append(function)

    # the unchanged code

    def look(self, nodeids: Sequence[str]) -> dict[str, Any]:
        """Run tests as they are, and tell of each whether it passed, its processor time and the functions it ran."""
        found: dict[str, Any] = {}
        with Trace(self._root) as trace:
            for nodeid, passed in self._run(nodeids):
                found[nodeid] = [passed, time.process_time() - trace.began, sorted(trace.functions)]
                trace.begin()
        return found

    def remember(self, found: Mapping[str, Any]) -> None:
        for nodeid, (passed, cpu_s, functions) in found.items():
            self.seen[nodeid] = Seen(passed, cpu_s, frozenset((file, name) for file, name in functions))

    # mutants

    def job(self, mutant: Mutant, *, changed: bool = True) -> Job[Mutant]:
        """The judgement of a mutant; with ``changed=False`` that of the code as it is, by the same tests."""
        if mutant.context.function is None:
            nodeids = self._by_names(mutant.context.names)
            return Job(mutant, lambda: self._judge_loaded(mutant, nodeids, changed=changed), self._limit_s(nodeids))
        function = (mutant.module.file, mutant.context.function)
        nodeids = self._aptest(self._running({function}))
        later = [nodeid for nodeid, at in self._files.items() if function in self._early.by_test_file.get(at, ())]
        if function in self._early.by_import:
            later += self._by_names([mutant.context.function.rpartition(".")[2]])
        later = self._aptest({*later})

        def judge() -> Any:
            found = self._judge_patched(mutant, nodeids, changed=changed)
            return self._judge_loaded(mutant, later, changed=changed) if later and found[0] == "survived" else found

        return Job(mutant, judge, self._limit_s([*nodeids, *later]))

    def _judge_patched(self, mutant: Mutant, nodeids: Sequence[str], *, changed: bool) -> Any:
        if changed and not self._patch(mutant):
            return self._judge_loaded(mutant, nodeids, changed=changed)
        for nodeid, passed in self._run(nodeids, limited=True):
            if not passed:
                return ["killed", nodeid]
        return ["survived", len(nodeids)]

    def _judge_loaded(self, mutant: Mutant, nodeids: Sequence[str], *, changed: bool) -> Any:
        _forget(self._root)
        mutated = _Mutated(mutant)
        if changed:
            sys.meta_path.insert(0, mutated)
        files = list(dict.fromkeys(nodeid.partition("::")[0] for nodeid in nodeids))
        for group in (files[:FIRST_FILES], files[FIRST_FILES:]):
            there = set(group)
            chosen = {
                nodeid: self._patience_s + SLOWER * self.seen[nodeid].cpu_s
                for nodeid in nodeids
                if nodeid.partition("::")[0] in there
            }
            if chosen and (killer := _run_anew(self._root, group, chosen)) is not None:
                return killer
        if changed and mutant.module.name in sys.modules and not mutated.loaded:
            return [NOT_LOADED, mutant.module.name]
        return ["survived", len(nodeids)]

    def _patch(self, mutant: Mutant) -> bool:
        """Put a mutated function into its place; False where it does not fit there."""
        outer = mutant.context.function
        codes: dict[tuple[str, str, int], CodeType] = {}
        for code in _codes(mutant.compile()):
            if code.co_qualname == outer or code.co_qualname.startswith(f"{outer}.<locals>."):
                key = (mutant.module.file, code.co_qualname, code.co_firstlineno)
                if key in codes and key in self._live:
                    return False  # two functions of one line: which is which?
                codes[key] = code
        pairs = [(function, code) for key, code in codes.items() for function in self._live.get(key, ())]
        if not pairs or any(len(code.co_freevars) != len(function.__closure__ or ()) for function, code in pairs):
            return False
        for function, code in pairs:
            function.__code__ = code
        return True

    def _run(self, nodeids: Iterable[str], *, limited: bool = False) -> Iterator[tuple[str, bool]]:
        items = [self.items[nodeid] for nodeid in nodeids]
        for item, following in zip(items, [*items[1:], None], strict=False):
            if limited:
                allow_cpu(self._patience_s + SLOWER * self.seen[item.nodeid].cpu_s)
            reports = _Reports()
            item.config.pluginmanager.register(reports)
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            item.config.pluginmanager.unregister(reports)
            yield item.nodeid, not reports.failed
        allow_cpu(0)

    # which tests

    def _running(self, functions: set[Function]) -> list[str]:
        return [nodeid for nodeid, seen in self.seen.items() if not functions.isdisjoint(seen.functions)]

    def _depending(self, functions: set[Function], more: AbstractSet[str] = frozenset()) -> list[str]:
        """The tests that run one of the functions, or that were made by one; and all of ``more`` files."""
        files = more | {file for file, ran in self._early.by_test_file.items() if not functions.isdisjoint(ran)}
        running = set(self._running(functions))
        return self._aptest(nodeid for nodeid, file in self._files.items() if nodeid in running or file in files)

    def _aptest(self, nodeids: Iterable[str]) -> list[str]:
        return sorted(nodeids, key=lambda nodeid: (self.seen[nodeid].rank, nodeid))

    def _by_names(self, names: Iterable[str]) -> list[str]:
        """Those that run what mentions a name, or mention it themselves, come first, then those that may depend on it."""
        wanted = set(names)
        themselves = {file for file, mentioned in self._mentioned.items() if not wanted.isdisjoint(mentioned)}
        near = self._depending(self._names.mentioning(wanted), themselves)
        known = set(near)
        return [*near, *(x for x in self._depending(self._names.reached(wanted)) if x not in known)]

    def _limit_s(self, nodeids: Iterable[str]) -> float:
        """Only against what waits for ever: what works for ever runs out of processor time before."""
        return 120.0 + SLOWER * sum(self.seen[nodeid].cpu_s for nodeid in nodeids)


class _Reports:
    """Whether a phase of a test failed."""

    def __init__(self) -> None:
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed


class _Chosen:
    """Of the tests that are collected anew only those that were chosen, in their order, each with its time limit."""

    def __init__(self, cpu_s: Mapping[str, float]) -> None:
        self._cpu_s = cpu_s
        self._order = {nodeid: number for number, nodeid in enumerate(cpu_s)}
        self.killer: str | None = None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((x for x in items if x.nodeid in self._order), key=lambda item: self._order[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        allow_cpu(self._cpu_s[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.killer is None:
            self.killer = report.nodeid


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Loads one module with a mutant in it, and leaves all others to whoever loads them."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self.loaded = False

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self._mutant.module.name:
            return None
        return importlib.util.spec_from_file_location(
            fullname,
            self._mutant.module.path,
            loader=self,
            submodule_search_locations=[str(self._mutant.module.path.parent)] if self.is_package(fullname) else None,
        )

    def is_package(self, fullname: str) -> bool:
        return self._mutant.module.path.name == "__init__.py"

    def get_code(self, fullname: str) -> CodeType:
        self.loaded = True
        return self._mutant.compile()

    def get_source(self, fullname: str) -> str:
        return self._mutant.module.path.read_text(encoding="utf-8")


def open_bench(
    root: Path,
    modules: Iterable[str],
    tests: Sequence[str],
    names: Names,
    serve: Callable[[Bench], None],
    *,
    leave_out: Callable[[str], bool],
    patience_s: float,
) -> int:
    """Collect the tests and hand them over; the exit status of pytest.

    A test has ``patience_s`` of processor time, and several times what it needs for unchanged code.
    """
    _make_repeatable()
    trace = Trace(root)
    by_test_file: dict[str, frozenset[Function]] = {}
    with trace:
        _import_all(modules)
        by_import = frozenset(trace.functions)

    class Served:
        @pytest.hookimpl(wrapper=True)
        def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, T, T]:
            """A file's tests may be made by what they are to judge: tables of operations, parameters."""
            with trace:
                report = yield
            file = collector.nodeid.partition("::")[0]
            by_test_file[file] = by_test_file.get(file, frozenset()) | trace.functions
            return report

        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            items[:] = [item for item in items if not leave_out(item.nodeid)]

        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            if not session.testsfailed:
                serve(Bench(root, session.items, names, Early(by_import, by_test_file), patience_s))
            return True

    return int(pytest.main([*_options(root), *(str(root / test) for test in tests)], plugins=[Served()]))


def _import_all(modules: Iterable[str]) -> None:
    for name in modules:
        if not name.rpartition(".")[2].startswith(("__main__", "conftest", "test_")):
            with contextlib.suppress(ImportError):  # of an extra that is not installed
                importlib.import_module(name)


def _make_repeatable() -> None:
    """Property tests judge with the examples that their code alone decides, and do not look for smaller ones.

    Python keeps the compiled tests even where it was told not to: each child that collects anew would compile them.
    """
    sys.dont_write_bytecode = False
    try:
        from hypothesis import HealthCheck, Phase, settings
    except ImportError:
        return
    settings.register_profile(
        "mutation",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=50,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")


def _options(root: Path) -> list[str]:
    return [
        "-o",
        "addopts=",
        "--assert=plain",  # else pytest itself loads what has a pytest plugin, and from the disk
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",  # it warns of an option that is not set, and a warning is an error
        "-p",
        "no:terminal",
        "--rootdir",
        str(root),
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
    ]


def _run_anew(root: Path, files: Sequence[str], cpu_s: Mapping[str, float]) -> Any:
    """Collect and run tests again: what ended it, or None where all that were chosen passed."""
    chooser = _Chosen(cpu_s)
    allow_cpu(120.0)  # for collecting
    status = pytest.main([*_options(root), "-x", *(str(root / file) for file in files)], plugins=[chooser])
    allow_cpu(0)
    if status in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        return None
    return ["killed", chooser.killer] if chooser.killer else ["does not load", f"pytest ended with {status!r}"]


def _forget(root: Path) -> None:
    """Take the project's modules out of this process, so that the next import loads them; but not this program's."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        kept = name in {"tests", "__main__"} or name.startswith("tests.mutation")
        if file is not None and Path(file).is_relative_to(root) and ".venv" not in file and not kept:
            del sys.modules[name]


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
