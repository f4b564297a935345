"""Five clients that want one share's lock, held up and killed at any place, over a lossy line: it excludes, and no count is
lost in what the service guards by its lease. And the judge finds each promise broken where it is.
"""

from __future__ import annotations

from collections import Counter

import pytest

from azfiles.flows.effects import sleep
from azfiles.flows.locking import holding, share_locks
from azfiles_sim.explore import locking
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.checker import lock_actions as a
from azfiles_sim.explore.command import PASSED, main, parse_arguments
from azfiles_sim.explore.composing import Scale, compose
from azfiles_sim.explore.program import Kind
from tests.explore.exploring import check_repeats
from tests.explore.exploring_locks import (
    check_verdict,
    entry,
    explore,
    kinds_of_steps,
    tell_count,
    tell_kept,
    violations,
)
from tests.proof import PROVING, THOROUGH

SCALE = Scale(share_locks=True)
PARTS, SEEDS = (4, 500) if PROVING else (1, 40 if THOROUGH else 1)


@pytest.mark.parametrize("part", range(PARTS))
def test_locks_of_a_share_exclude_and_no_count_is_lost(part):
    figures = explore("share_locks", SCALE, part, SEEDS, _told)
    assert figures["holders never held up"] > SEEDS
    assert figures["holders held up or killed"]
    assert figures["counts"] > SEEDS
    for rare in ("locks lost", "breaks of leases", "locks lost to a break"):
        assert figures[rare] or not THOROUGH, rare


def _told(history):
    told: Counter[str] = Counter()
    for one in history:
        match one.action, one.outcome:
            case a.TakeShareLock(), h.Done():
                told["locks taken"] += 1
            case a.KeepShareLock(steady=steady, lost=lost), _:
                told += tell_kept(one.action)
                told["locks lost to a break"] += steady and lost  # or it would be a violation
            case a.BreakShareLock(), h.Done():
                told["breaks of leases"] += 1
            case a.Count(), _:
                told += tell_count(one.outcome)
    return told


def test_the_same_number_gives_the_same_bytes_and_its_program_can_be_kept():
    check_repeats(compose(3, Scale(clients=2, operations=2, share_locks=True)))
    assert kinds_of_steps(SCALE) == {
        Kind.LOCK_SHARE,
        Kind.LOCK_SHARE_AND_DIE,
        Kind.BREAK_SHARE_LOCK,
        Kind.SLEEP,
    }


def test_the_command_explores_them_and_not_those_of_files_at_once(capsys):
    assert main(["--seeds", "1", "--share-locks", "--clients", "2", "--operations", "1"]) == PASSED
    assert "nothing found in 1 seeds" in capsys.readouterr().out
    assert parse_arguments(["--share-locks"]).words(7, 1).endswith("--from 7 --seeds 1 --share-locks")
    with pytest.raises(SystemExit):
        parse_arguments(["--share-locks", "--locks"])


def no_renewal(monkeypatch):
    def silent(_hold):
        yield from sleep(1e9)

    monkeypatch.setattr(share_locks, "heartbeat", silent)


def relies_on_too_much(monkeypatch):
    """A holder believes for longer than its lease lasts."""
    monkeypatch.setattr(holding, "RELIED_ON", 3.0)


def lease_without_end(monkeypatch):
    """The lease of a client that is killed stays."""
    real = share_locks.leases.acquire_share_lease
    monkeypatch.setattr(
        share_locks.leases, "acquire_share_lease", lambda share, _duration_s, **options: real(share, -1, **options)
    )


def lease_id_not_sent(monkeypatch):
    """What the lock guards is written without the lease's id."""

    class SetMetadata:
        @staticmethod
        def flow(share, metadata, **_):
            return kept_method.flow(share, metadata)

    class Forgetful:
        get_properties = locking.ShareClient.get_properties
        set_metadata = SetMetadata

    kept_method = locking.ShareClient.set_metadata
    monkeypatch.setattr(locking, "ShareClient", Forgetful)


BUGS = [
    (no_renewal, 3, "a client lost the lock of a share that was never held up"),
    (relies_on_too_much, 3, "two were sure to have the lock of a share"),
    (lease_without_end, 0, "nobody gets the lock of a share any more"),
    (lease_id_not_sent, 6, "no order of what was done"),
]


@pytest.mark.parametrize(
    ("bug", "first", "found"), BUGS if THOROUGH else BUGS[:1], ids=lambda value: getattr(value, "__name__", None)
)
def test_a_lock_that_is_none_is_found(bug, first, found, monkeypatch):
    """Where to begin was found by searching from 0 on."""
    bug(monkeypatch)
    assert any(found in violation for violation in violations(SCALE, first))


def took(number, hold):
    return entry(number, a.TakeShareLock("s", hold))


def sure(number, hold, outcome=None):
    return entry(number, a.CheckShareLock("s", hold), outcome)


def kept(number, hold, *, steady=True, lost=False, completed=None):
    return entry(number, a.KeepShareLock("s", hold, steady, lost), completed=completed)


def broken(number, *, at_once=True, **times):
    """Somebody broke the lease of whoever had it by then."""
    return entry(number, a.BreakShareLock("s", at_once), **times)


def counted(number, value):
    return entry(number, a.Count("metadata of s", "s"), h.Done(h.Told(value=value)))


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ([took(1, "a"), sure(2, "a"), took(3, "b"), sure(4, "b")], None),
        ([took(1, "a"), sure(2, "a"), took(3, "b"), sure(4, "b"), sure(5, "a")], "two were sure"),
        ([took(1, "a"), sure(2, "a"), took(3, "b"), sure(5, "a")], None),  # b may have got it and been held up since
        ([took(1, "a"), sure(2, "a"), took(3, "b"), sure(4, "b", h.Refused("LockLost")), sure(5, "a")], None),
        ([took(1, "a"), kept(2, "a", completed=50), took(3, "b"), sure(4, "b")], "two were sure"),
        ([took(1, "a"), kept(2, "a", completed=50, steady=False), took(3, "b"), sure(4, "b")], None),
        ([took(1, "a"), kept(2, "a", completed=30), took(3, "b"), kept(4, "b")], None),
        ([took(1, "a"), kept(2, "a", lost=True)], "never held up"),
        ([took(1, "a"), kept(2, "a", lost=True, steady=False)], None),
        ([took(1, "a"), broken(2), kept(3, "a", lost=True)], None),
        ([took(1, "a"), broken(2, at_once=False), kept(3, "a", lost=True)], None),
        ([broken(0), took(1, "a"), kept(2, "a", lost=True)], "never held up"),
        ([took(1, "a"), kept(2, "a", lost=True), broken(3)], "never held up"),
        ([broken(0, completed=12), took(1, "a"), kept(2, "a", lost=True)], None),  # it may have been carried out last
        ([took(1, "a"), sure(2, "a"), broken(3), took(4, "b"), sure(5, "b"), sure(6, "a")], None),
        ([took(1, "a"), sure(2, "a"), broken(3), took(4, "b"), sure(5, "b"), sure(6, "a"), sure(7, "b")], None),
        ([took(1, "a"), sure(2, "a"), broken(3, at_once=False), took(4, "b"), sure(5, "b"), sure(6, "a")], "two were sure"),
        ([took(1, "a"), sure(2, "a"), took(3, "b"), sure(4, "b"), sure(5, "a"), broken(6)], "two were sure"),
        ([broken(0), took(1, "a"), sure(2, "a"), took(3, "b"), sure(4, "b"), sure(5, "a")], "two were sure"),
        ([entry(1, a.TakeShareLock("s", "a"), h.Refused("LockNotAcquired"))], None),
        ([entry(1, a.TakeShareLock("s", "a"), h.Refused("LockNotAcquired"), client=0)], "nobody gets the lock"),
        ([took(1, "a"), counted(2, 1), counted(3, 2)], None),
        ([took(1, "a"), counted(2, 1), counted(3, 1)], "no order"),
    ],
)  # fmt: skip
def test_the_judge_knows_what_a_lock_of_a_share_must_not_let_happen(entries, wrong):
    check_verdict(entries, wrong)
