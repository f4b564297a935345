"""What backs each operation and each error code: recordings that are identical, and tests that say so.

A test says so with ``@pytest.mark.evidence(operation="H1", source="sdk:...")`` or ``error="ShareNotFound"``. It is
found in the tests' source, so that a page made by one worker of a parallel run is the page of the whole; a test that
is marked as skipped does not count.
"""

from __future__ import annotations

import ast
import asyncio
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from azfiles_sim import RECORDED_2019, TODAY
from azfiles_sim.adapters import azure_core_transport
from azfiles_sim.testing.cassettes.comparing import compare
from azfiles_sim.testing.cassettes.referee import Referee
from azfiles_sim.testing.cassettes.sessions import Session, load_session
from azfiles_sim.wire.operations import OPERATIONS
from tests.foreign.sdk_kit import Kit, make_simulator
from tests.foreign.sdk_stories import STORIES
from tests.recordings.described import STORIES_2019, STORIES_TODAY
from tests.recordings.folder import find_recordings
from tests.recordings.known_differences import KNOWN_DIFFERENCES

from .proofs import PROOFS
from .refusals import REFUSALS
from .requirements import PROVEN
from .successes import SUCCESSES

TESTS: Final = Path(__file__).resolve().parents[1]
CLAIMS: Final = TESTS.parent / "azfiles_sim" / "testing"
"""Where the conformance claims are, which tests/conformance runs on every arm."""
KINDS: Final = frozenset(
    {"recording", "described", "recorded", "sdk", "live-test", "document", "issue", "azurite", "client"}
)
NUMBERS: Final = {row.name: row.number for row in OPERATIONS.values()}
SKIPS: Final = frozenset({"skip", "xfail"})


@dataclass(slots=True)
class Evidence:
    """Sources by operation number and by error code, and tests by requirement."""

    operations: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    errors: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    requirements: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Mark:
    """One marker in the source of a test."""

    test: str
    kind: str
    positional: tuple[str, ...]
    named: tuple[tuple[str, str], ...]


@cache
def collect() -> Evidence:
    evidence = Evidence()
    for name, kind, session in told_sessions():
        add_session(evidence, name, kind, session)
    for number, source in taken_by_clients():
        evidence.operations[number].add(source)
    for success in SUCCESSES:
        evidence.operations[success.number].add(success.source)
    for refusal in REFUSALS:
        evidence.errors[refusal.error].add(refusal.source)
    for proof in PROOFS:
        if proof.code:
            evidence.errors[proof.code].add(proof.source)
    for mark in marks():
        named = dict(mark.named)
        if mark.kind == "requirement":
            for requirement in mark.positional:
                evidence.requirements[requirement].add(mark.test)
        elif "operation" in named:
            evidence.operations[named["operation"]].add(named["source"])
        else:
            evidence.errors[named["error"]].add(named["source"])
    for requirement, tests in PROVEN.items():
        evidence.requirements[requirement] |= set(tests)
    return evidence


# --- sessions ----------------------------------------------------------------------------------------------------


def told_sessions() -> Iterator[tuple[str, str, Session]]:
    for path in find_recordings():
        yield path.stem, "recording", load_session(path)
    for stories, kind in ((STORIES_2019, "described"), (STORIES_TODAY, "described today")):
        for tell in stories:
            yield tell.__name__, kind, tell()


def add_session(evidence: Evidence, name: str, kind: str, session: Session) -> None:
    """Play a session; each interaction that is identical, but for known differences, backs its operation or error."""
    referee = Referee(session, TODAY if kind == "described today" else RECORDED_2019)
    referee.prepare()
    known = KNOWN_DIFFERENCES.get(name, ())
    source = f"{kind.split(maxsplit=1)[0]}:{name}"
    for number, interaction in enumerate(session.interactions):
        answer = referee.play(interaction)
        found = compare(number, referee.as_compared(interaction.answer), answer, referee.known)
        if any(not any(entry.explains(one) for entry in known) for one in found):
            continue
        entry = referee.simulator.journal.entries()[-1]
        if answer.code:
            evidence.errors[answer.code].add(source)
        elif answer.succeeded and entry.operation:
            evidence.operations[NUMBERS[entry.operation]].add(source)


# --- clients ---------------------------------------------------------------------------------------------------


def taken_by_clients() -> Iterator[tuple[str, str]]:
    """The operations whose answers the official Python SDK took, with the story of it that ended well."""
    for story in STORIES:
        simulator = make_simulator()
        transport = azure_core_transport(simulator)
        kit = Kit("blocking", simulator, lambda account: f"https://{account}.file.core.windows.net", transport)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the SDK's own; where they matter the stories' tests say so
            try:
                asyncio.run(story(kit))
            except Exception:  # noqa: BLE001 - a story that fails backs nothing; its own test tells why
                continue
        for entry in simulator.journal:
            if entry.operation and 200 <= entry.status < 300:
                yield NUMBERS[entry.operation], f"client:{story.__name__}"


# --- markers -----------------------------------------------------------------------------------------------------


def marks() -> Iterator[Mark]:
    """Every evidence and requirement marker of a test that is not marked as skipped."""
    for name, tree in _sources():
        yield from marks_of(name, tree)


@cache
def _sources() -> tuple[tuple[str, ast.Module], ...]:
    """Every file with tests, parsed, by its name from the folder of tests or of claims on."""
    return tuple(
        (path.relative_to(folder).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for folder in (TESTS, CLAIMS)
        for path in sorted(folder.glob("*/test_*.py"))
    )


def marks_of(file: str, tree: ast.Module) -> Iterator[Mark]:
    everywhere = [call for node in tree.body if _is_pytestmark(node) for call in ast.walk(node)]
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
            calls = [call for decorator in node.decorator_list for call in ast.walk(decorator)] + everywhere
            found = [(_mark_name(call), call) for call in calls if isinstance(call, (ast.Call, ast.Attribute))]
            if any(name in SKIPS for name, _ in found):
                continue
            for name, call in found:
                if name in {"evidence", "requirement"} and isinstance(call, ast.Call):
                    yield Mark(
                        f"{file}::{node.name}",
                        name,
                        tuple(ast.literal_eval(argument) for argument in call.args),
                        tuple((word.arg or "", ast.literal_eval(word.value)) for word in call.keywords),
                    )


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in node.targets)


def _mark_name(node: ast.Call | ast.Attribute) -> str:
    """``evidence`` for ``pytest.mark.evidence`` and ``pytest.mark.evidence(...)``, else nothing."""
    target = node.func if isinstance(node, ast.Call) else node
    text = ast.unparse(target)
    return text.removeprefix("pytest.mark.") if text.startswith("pytest.mark.") else ""


@cache
def test_names() -> frozenset[str]:
    """Every test that there is: ``conformance/test_files.py::test_awkward_names_mean_themselves``."""
    return frozenset(
        f"{name}::{node.name}"
        for name, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    )
