"""Compare-and-swap and create-if-absent among clients that do all else too: each is one step, or it is found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

import azfiles
from azfiles.clients.descriptors import operation
from azfiles.core import files
from azfiles.flows import swapping
from azfiles.flows.call import call
from azfiles.flows.uploading import upload
from azfiles_sim.explore.checker import check
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.checker.swaps import rotate
from azfiles_sim.explore.command import FAILED, main
from azfiles_sim.explore.composing import Scale, compose
from tests.explore.exploring import check_repeats, nothing_found
from tests.proof import PROVING, THOROUGH, some

SCALE = Scale(swaps=True)
SEEDS = 600 if PROVING else 40 if THOROUGH else 6


def test_no_history_with_swaps_is_impossible_and_each_kind_of_swap_is_done_and_refused():
    kinds: Counter[str] = Counter()
    requests = faults = 0
    for seed in range(SEEDS):
        result = nothing_found(seed, SCALE, "--swaps")
        requests, faults = requests + result.requests, faults + len(result.diary)
        kinds.update(f"{type(entry.action).__name__} {type(entry.outcome).__name__}" for entry in result.history)
    for kind in (h.Update, h.WriteIf, h.CreateNew, h.ReadWhole):
        assert kinds[f"{kind.__name__} Done"] > SEEDS
    assert kinds["WriteIf Refused"]
    assert kinds["CreateNew Refused"]
    assert faults > requests * 0.05


def test_the_same_number_gives_the_same_bytes_and_the_other_steps_are_as_they_are_without():
    for seed in range(3 if THOROUGH else 1):
        program = compose(seed, SCALE)
        check_repeats(program)
        usual = tuple(
            replace(client, steps=tuple(step for step in client.steps if step.number < 100))
            for client in program.clients
        )
        assert usual == compose(seed, Scale()).clients


def update_without_a_lease(monkeypatch):
    def unguarded(target, _wait_s, work):
        return (yield from work(None))

    monkeypatch.setattr(swapping, "_under_lease", unguarded)


def write_without_comparing(monkeypatch):
    def careless(target, content, *, etag, wait_s=0.0, checksum=None):
        return (yield from swapping.update(target, lambda _: content, wait_s=wait_s))

    monkeypatch.setattr(azfiles.FileClient, "write_if", operation(careless))


def create_by_replacing(monkeypatch):
    def replacing(*arguments, **options):
        return rename(*arguments, **{**options, "replace": True})

    rename = files.rename_file
    monkeypatch.setattr(files, "rename_file", replacing)


def create_where_nothing_was_seen(monkeypatch):
    """Look first, then write: two may look at once."""

    def looking(target, content, **_):
        try:
            yield from call(target.session, files.get_file_properties(target.share, target.path))
        except azfiles.NotFound:
            return (yield from upload(target, content, atomic=False, carry_over=False))
        raise azfiles.AlreadyExists(409, "ResourceAlreadyExists", "there is one")

    monkeypatch.setattr(azfiles.FileClient, "create_new", operation(looking))


BUGS = [update_without_a_lease, write_without_comparing, create_by_replacing, create_where_nothing_was_seen]


@pytest.mark.parametrize("bug", some(BUGS, 1), ids=lambda bug: bug.__name__)
def test_a_swap_that_is_none_is_found(bug, monkeypatch, tmp_path, capsys):
    bug(monkeypatch)
    assert main(["--seeds", "60", "--swaps", "--json", "--save", str(tmp_path)]) == FAILED
    told = capsys.readouterr().out
    assert '"kind": "swaps"' in told
    assert "--swaps" in told


def entry(number, action, outcome, *, invoked=None, completed=None):
    invoked = 10 * number if invoked is None else invoked
    return h.Entry(1, f"1.{number}", action, invoked, completed or invoked + 5, outcome)


A, B = b"<1-1>   ", b"<2-1>   "
START = {"s/f": b"........" + A}


@pytest.mark.parametrize(
    ("entries", "right"),
    [
        ([(h.Update("s/f", B), h.Done(h.Told(data=START["s/f"])))], True),
        ([(h.Update("s/f", B), h.Done(h.Told(data=b"x" * 16)))], False),
        ([(h.Update("s/f", B), h.Unknown())], True),
        ([(h.Update("s/f", B), h.Refused("LeaseAlreadyPresent")), (h.ReadWhole("s/f"), h.Done(h.Told(data=A + B)))], False),
        ([(h.Update("s/f", B), h.Unknown()), (h.ReadWhole("s/f"), h.Done(h.Told(data=A + B)))], True),
        ([(h.WriteIf("s/f", START["s/f"], B), h.Done(h.Told())), (h.ReadWhole("s/f"), h.Done(h.Told(data=B)))], True),
        ([(h.WriteIf("s/f", B, A), h.Done(h.Told()))], False),
        ([(h.WriteIf("s/f", B, A), h.Refused("EtagMismatch"))], True),
        ([(h.WriteIf("s/f", START["s/f"], B), h.Done(h.Told())), (h.WriteIf("s/f", START["s/f"], A), h.Done(h.Told()))], False),
        ([(h.CreateNew("s/f", B), h.Done(h.Told()))], False),
        ([(h.CreateNew("s/f", B), h.Refused("ResourceAlreadyExists"))], True),
        ([(h.CreateNew("s/new", B), h.Refused("ResourceAlreadyExists"))], False),
        ([(h.CreateNew("s/new", B), h.Done(h.Told())), (h.CreateNew("s/new", A), h.Done(h.Told()))], False),
        ([(h.CreateNew("s/new", B), h.Unknown()), (h.ReadWhole("s/new"), h.Refused("ResourceNotFound"))], True),
        ([(h.CreateNew("s/new", B), h.Done(h.Told())), (h.ReadWhole("s/new"), h.Done(h.Told(data=b"")))], False),
    ],
)  # fmt: skip
def test_the_judge_takes_each_swap_for_one_step(entries, right):
    history = [entry(number, action, outcome) for number, (action, outcome) in enumerate(entries, 1)]
    violation = check(history, START)
    assert (violation is None) == right
    assert violation is None or violation.kind == "swaps"


def test_an_update_drops_as_much_as_it_adds():
    assert rotate(b"........" + A, B) == A + B
    assert rotate(b"", B) == b""
