"""Bugs put in on purpose, in the simulator and in the client: explore finds them, cuts them down, saves them, and what
was saved replays.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from azfiles import FileClient
from azfiles.errors import CassetteError
from azfiles_sim.explore import INTERRUPTED, clients
from azfiles_sim.explore import main as entry
from azfiles_sim.explore.checker import NUMBER_BYTES, Violation, check
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.clients import Worker
from azfiles_sim.explore.command import FAILED, NOT_STARTED, PASSED, main, parse_arguments
from azfiles_sim.explore.composing import Scale, compose
from azfiles_sim.explore.exploring import Finding, Progress, cut_down, explore
from azfiles_sim.explore.program import Kind
from azfiles_sim.explore.running import prepared, run
from azfiles_sim.explore.saving import SavedError, load, replay, save
from azfiles_sim.explore.shrinking import shrink
from azfiles_sim.faults import LoseReply
from azfiles_sim.model import entities, lease, ranges
from azfiles_sim.simulator import Simulator
from tests.proof import some


def let_writes_pass_leases(monkeypatch):
    broken = lease.FILE_GUARDS[entities.Leased]._replace(without=None)
    monkeypatch.setitem(lease.FILE_GUARDS, entities.Leased, broken)


def give_a_lease_to_everybody(monkeypatch):
    monkeypatch.setitem(
        lease.FILE_LEASES, (entities.Leased, lease.LeaseAction.ACQUIRE), lease.Row(lease.Step.TAKE, lease.Step.TAKE)
    )


def keep_the_etag_when_ranges_are_written(monkeypatch):
    monkeypatch.setattr(ranges, "take_stamp", lambda account, _: account)


def end_share_leases_a_tick_late(monkeypatch):
    monkeypatch.setattr(lease, "age_lease", lambda held, now, right=lease.age_lease: right(held, now - 1))


def start_an_increment_over_where_no_answer_came(monkeypatch):
    """What a client does that retries a read and a write as one: the write that was done counts twice."""

    def increment(self, place, lease_id):
        for _ in range(clients.TRIES):
            read = yield from self._get(place, lease_id)
            if not isinstance(read, h.Done):
                continue
            number = int.from_bytes(read.told.data, "big") + 1
            data = number.to_bytes(NUMBER_BYTES, "big")
            flow = FileClient.put_range.flow(self._target(place), 0, data, lease_id=lease_id)
            put = yield from self._ask(h.Put(place, 0, data, lease_id), flow, lambda done: h.Told(etag=done.etag))
            if isinstance(put, h.Done):
                return h.Done(h.Told(value=number))
        return h.Unknown()

    monkeypatch.setattr(Worker, "_increment_as_holder", increment)


BUGS = [  # with a seed from which on it is soon found, the kind of violation, and to how few steps it must come down
    (let_writes_pass_leases, 4, "exclusion", 3),
    (give_a_lease_to_everybody, 4, "exclusion", 3),
    (keep_the_etag_when_ranges_are_written, 0, "order", 2),
    (end_share_leases_a_tick_late, 7, "order", 4),
]


@pytest.mark.parametrize(
    ("bug", "first", "kind", "steps"), some(BUGS, 1), ids=lambda value: getattr(value, "__name__", "")
)
def test_a_bug_is_found_cut_down_saved_and_replayed(bug, first, kind, steps, monkeypatch, tmp_path, capsys):
    with monkeypatch.context() as inside:
        bug(inside)
        assert main(["--from", str(first), "--seeds", "300", "--json", "--save", str(tmp_path)]) == FAILED
        told = json.loads(capsys.readouterr().out)
        assert told["kind"] == kind
        assert told["steps"] <= steps
        assert told["repeat"] == f"azfiles-sim explore --from {told['failed']} --seeds 1"
        assert run(compose(told["failed"], Scale())).violation.kind == kind
        saved = tmp_path / f"seed-{told['failed']}.json"
        assert told["saved"] == str(saved)
        assert main(["--replay", str(saved)]) == FAILED
    text = saved.with_suffix(".txt").read_text(encoding="utf-8")
    assert told["violation"] in text
    assert told["repeat"] in text
    capsys.readouterr()
    assert main(["--replay", str(saved)]) == PASSED  # the bug is out again: only the cassette knows of it
    assert capsys.readouterr().out == (
        f"from the cassette: {told['violation']}\non the simulator:  nothing fails any more\n"
    )


def test_a_bug_of_the_client_is_found_and_its_fault_kept(monkeypatch, tmp_path):
    start_an_increment_over_where_no_answer_came(monkeypatch)
    *_, found = explore(10, 300, Scale())
    assert isinstance(found, Finding)
    smallest = cut_down(found)
    assert [step.kind for client in smallest.program.clients for step in client.steps] == [Kind.INCREMENT]
    (fault,) = smallest.diary
    assert fault.request == "PUT /devstoreaccount1/data/counter comp=range"
    assert fault.outcome == LoseReply()
    saved = save(smallest, found.seed, tmp_path)
    assert str(replay(saved.program).violation) == str(smallest.violation)


def test_cutting_down_ends_when_its_budget_does(monkeypatch):
    give_a_lease_to_everybody(monkeypatch)
    *_, found = explore(4, 300, Scale())
    tried = []

    def attempt(program):
        tried.append(program)
        return run(program)

    smallest = shrink(found.whole, attempt, budget=10)
    assert smallest.violation.kind == "exclusion"
    assert len(tried) < 20


class Restless(Simulator):
    """A service that is not the same twice."""

    made = 0

    def handle(self, request, connection=None, /):
        reply = super().handle(request)
        return replace(reply, headers=(*reply.headers, ("x-ms-restless", str(Restless.made))))


def restless():
    Restless.made += 1
    simulator = prepared()
    simulator.__class__ = Restless
    return simulator


def test_a_seed_that_does_not_repeat_is_found():
    *_, found = explore(19, 3, Scale(), make=restless)
    assert found.seed == 20
    assert found.whole.violation == Violation(
        "determinism", "the same program", "it gave other bytes: in what no client was told"
    )
    smallest = cut_down(found, make=restless)
    assert smallest.program.steps == 0


def test_a_client_that_raises_what_it_should_not_is_a_find():
    class Silent(Simulator):
        def handle(self, request, connection=None, /):
            reply = super().handle(request)
            return replace(reply, headers=[pair for pair in reply.headers if pair[0] != "ETag"])

    def make():
        simulator = prepared()
        simulator.__class__ = Silent
        return simulator

    violation = run(compose(0, Scale()), make=make).violation
    assert violation is not None
    assert violation.kind == "crash"
    assert "ReplyNotUnderstood" in violation.text


def test_the_verdict_and_the_progress(capsys):
    steps = list(explore(20, 3, Scale()))
    assert [step.next_seed for step in steps] == [21, 22, 23]
    last = steps[-1]
    assert last == Progress(23, 3, last.requests, last.faults, 1)
    assert main(["--from", "20", "--seeds", "3", "--json"]) == PASSED
    assert json.loads(capsys.readouterr().out) == {
        "failed": None,
        "seeds": 3,
        "requests": last.requests,
        "faults": last.faults,
        "repeated": 1,
        "undecided": [],
        "next": 23,
    }
    assert main(["--from", "20", "--seeds", "3"]) == PASSED
    assert capsys.readouterr().out == (
        f"nothing found in 3 seeds, {last.requests} requests, {last.faults} lost, 1 seeds repeated alike; "
        "every history has an order\n"
    )


def interrupting(after, request):
    """Gives simulators; after so many the user interrupts, in the middle of the request of this number."""
    made = []

    class Interrupted(Simulator):
        requests = 0

        def handle(self, *asked):
            Interrupted.requests += 1
            if Interrupted.requests == request:
                raise KeyboardInterrupt
            return super().handle(*asked)

    def make():
        made.append(1)
        simulator = prepared()
        if len(made) > after:
            simulator.__class__ = Interrupted
        return simulator

    return make


@pytest.mark.parametrize("request_number", [1, 7])
def test_an_interrupt_tells_where_to_go_on(request_number, capsys):
    words = ["--from", "1", "--seeds", "9", "--clients", "3", "--operations", "4", "--no-faults"]
    assert main(words, make=interrupting(2, request_number)) == INTERRUPTED
    assert capsys.readouterr().out.partition("go on with: ")[2] == (
        "azfiles-sim explore --from 3 --seeds 7 --clients 3 --operations 4 --no-faults\n"
    )


def test_an_interrupt_before_it_began_is_no_traceback(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("azfiles_sim.explore.command.main", interrupted)
    assert entry([]) == INTERRUPTED


def test_a_history_with_too_many_orders_is_told_to_have_no_verdict(monkeypatch, capsys):
    monkeypatch.setattr("azfiles_sim.explore.running.check", lambda history, there: check(history, there, budget=1))
    assert main(["--from", "1", "--seeds", "2"]) == PASSED
    assert "no verdict, for too many orders, on seeds 1, 2\n" in capsys.readouterr().out


def test_an_interrupt_while_cutting_down_leaves_the_seed_whole(monkeypatch, capsys, tmp_path):
    give_a_lease_to_everybody(monkeypatch)
    *_, found = explore(4, 300, Scale())

    def cut(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("azfiles_sim.explore.command.cut_down", cut)
    assert main(["--from", str(found.seed), "--seeds", "1", "--json", "--save", str(tmp_path)]) == FAILED
    told = json.loads(capsys.readouterr().out)
    assert told["steps"] == found.whole.program.steps
    assert str(replay(tmp_path / f"seed-{found.seed}.json").violation) == told["violation"]


class Terminal:
    def __init__(self, *, is_terminal):
        self.text = ""
        self._is_terminal = is_terminal

    def isatty(self):
        return self._is_terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_one_line_at_a_terminal_and_a_line_now_and_then_elsewhere(is_terminal, monkeypatch, capsys):
    terminal = Terminal(is_terminal=is_terminal)
    times = iter(range(0, 100, 5))
    monkeypatch.setattr("azfiles_sim.explore.command.monotonic", lambda: float(next(times)))
    monkeypatch.setattr("sys.stderr", terminal)
    assert main(["--seeds", "4"]) == PASSED
    if is_terminal:
        assert terminal.text.count("\r\x1b[Kseed ") == 4
        assert terminal.text.endswith("\r\x1b[K")
        assert "\n" not in terminal.text
    else:
        assert [line.partition(":")[0] for line in terminal.text.splitlines()] == ["seed 1", "seed 3"]
    assert "4 seeds" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--seeds", "x"], ["--clients=-1"], ["--from", "1.5"]])
def test_what_is_no_number_is_refused_with_a_sentence(words, capsys):
    with pytest.raises(SystemExit) as caught:
        parse_arguments(words)
    assert caught.value.code == 2
    assert "is not a whole number of" in capsys.readouterr().err


def test_without_pyyaml_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    assert main([]) == NOT_STARTED
    assert capsys.readouterr().err == (
        "azfiles-sim: PyYAML is missing, for the cassette of what fails; install azfiles-toolkit[testing]\n"
    )


def test_a_file_that_explore_did_not_save_is_told(tmp_path, capsys):
    path = tmp_path / "seed-1.json"
    assert main(["--replay", str(path)]) == NOT_STARTED
    path.write_text("{}", encoding="utf-8")
    assert main(["--replay", str(path)]) == NOT_STARTED
    told = capsys.readouterr().err.splitlines()
    assert told == [
        f"azfiles-sim: cannot read {path}: No such file or directory",
        f"azfiles-sim: {path} is not a program that explore saved: 'faults'",
    ]
    with pytest.raises(SavedError, match="is not a program that explore saved"):
        load(path)


def test_a_damaged_cassette_is_told(monkeypatch, tmp_path):
    saved = save(run(compose(0, Scale())), 0, tmp_path)
    saved.cassette.write_text("interactions: 3", encoding="utf-8")
    with pytest.raises(CassetteError):
        replay(saved.program)


def test_a_run_that_is_not_the_same_again_is_not_saved(tmp_path):
    with pytest.raises(SavedError, match="not the same when it is repeated"):
        save(run(compose(0, Scale()), make=restless), 0, tmp_path, make=restless)


def test_a_folder_that_cannot_be_written_is_told_and_the_find_too(monkeypatch, tmp_path, capsys):
    give_a_lease_to_everybody(monkeypatch)
    monkeypatch.setattr("azfiles_sim.explore.command.cut_down", lambda found, **_: found.whole)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["--from", "4", "--seeds", "300", "--save", str(tmp_path / "file")]) == FAILED
    told = capsys.readouterr()
    assert "azfiles-sim: not saved: " in told.err
    assert "the whole seed again:    azfiles-sim explore --from" in told.out
    assert "--replay" not in told.out


def test_the_document_names_every_option_and_every_kind(capsys):
    document = (Path(__file__).parents[2] / "docs" / "explore.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        parse_arguments(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert len(options) == 11
    for words in re.findall(r"^azfiles-sim explore([^#\n]+)", document, re.MULTILINE):
        assert parse_arguments(words.split())
    for word in (*options, "order", "exclusion", "increments", "swaps", "determinism", "crash"):
        assert f"`{word}" in document or f" {word} " in document, word
