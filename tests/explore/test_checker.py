"""The checker, by histories made by hand: what a correct service could have answered passes, each kind of lie is told."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azfiles_sim.explore import checker
from azfiles_sim.explore.checker import Undecided, check
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.checker.exclusion import find_breach
from azfiles_sim.explore.checker.files import File, State, fit
from azfiles_sim.explore.checker.search import Dead, find_order
from tests.proof import THOROUGH

A, B = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
F, G = "data/f", "data/g"
SECOND = 10_000_000


class Writing:
    """Writes a history down: entries one after the other, unless their times are given."""

    def __init__(self) -> None:
        self.entries: list[h.Entry] = []
        self._time = 0

    def __call__(self, action, outcome, *, at=0, span=None, client=1):
        if span is None:
            span = (self._time + 1, self._time + 2)
        self._time = max(self._time, span[0], span[1] or 0)
        name = f"{client}.{len(self.entries) + 1}"
        self.entries.append(h.Entry(client, name, action, span[0], span[1], outcome, at))


def done(**told):
    return h.Done(h.Told(**told))


LOST = h.Unknown()


def verdict(write, **initial):
    return check(write.entries, {name.replace("_", "/"): data for name, data in initial.items()})


@pytest.fixture
def write():
    return Writing()


def refuses(write, kind, text, **initial):
    found = verdict(write, **initial)
    assert found is not None
    assert found.kind == kind
    assert text in str(found)


# --- what is possible ------------------------------------------------------------------------------------------


def test_what_was_done_one_after_the_other_passes(write):
    write(h.Create(F, 4), done(etag="1"))
    write(h.Put(F, 1, b"ab"), done(etag="2"))
    write(h.Read(F), done(etag="2", data=b"\0ab\0", size=4, metadata=()))
    write(h.Resize(F, 2), done(etag="3"))
    write(h.SetMetadata(F, (("k", "v"),)), done(etag="4"))
    write(h.Clear(F, 1, 1), done(etag="5"))
    write(h.Read(F, 0, 9), done(etag="5", data=b"\0\0", metadata=(("k", "v"),)))
    write(h.Delete(F), done())
    write(h.Read(F), h.Refused("ResourceNotFound"))
    assert verdict(write) is None


def test_what_overlaps_may_have_come_in_any_order(write):
    for order in permutations("xyz"):
        writing = Writing()
        for number, letter in enumerate("xyz"):
            writing(h.Put(F, 0, letter.encode()), done(etag=letter), span=(1 + number, 10 + number))
        for time, letter in enumerate(order):
            writing(h.Read(F), done(etag=letter, data=letter.encode()), span=(4 + time, 5 + time))
        assert (verdict(writing, data_f=b"-")) is None, order
    assert write.entries == []


def test_a_lost_write_may_have_been_done_at_once_or_later_or_never(write):
    for seen in (b"old", b"new"):
        for completed in (2, None):
            writing = Writing()
            writing(h.Put(F, 0, b"new"), LOST, span=(1, completed))
            writing(h.Read(F), done(etag="1", data=seen), span=(3, 4))
            assert verdict(writing, data_f=b"old") is None
    write(h.Put(F, 0, b"new"), LOST, span=(1, None))
    write(h.Read(F), done(etag="1", data=b"old"))
    write(h.Read(F), done(etag="2", data=b"new"))
    assert verdict(write, data_f=b"old") is None


def test_leases_change_hands_by_release_change_and_break(write):
    write(h.Acquire(F, A), done(etag="1", lease_id=A))
    write(h.Acquire(F, B), h.Refused("LeaseAlreadyPresent"))
    write(h.Put(F, 0, b"x"), h.Refused("LeaseIdMissing"))
    write(h.Put(F, 0, b"x", A), done(etag="2"))
    write(h.Change(F, A, B), done(etag="2", lease_id=B))
    write(h.Read(F, lease=A), h.Refused("LeaseIdMismatchWithFileOperation"))
    write(h.Release(F, A), h.Refused("LeaseIdMismatchWithLeaseOperation"))
    write(h.Break(F), done(etag="2"))
    write(h.Read(F), done(lease_state="broken"))
    write(h.Put(F, 0, b"y", B), h.Refused("LeaseNotPresentWithFileOperation"))
    write(h.Put(F, 0, b"y"), done(etag="3"))
    write(h.Read(F), done(lease_state="available"))
    write(h.Release(F, B), h.Refused("LeaseNotPresentWithLeaseOperation"))
    assert verdict(write, data_f=b".") is None


def test_a_rename_takes_content_and_lease_along_and_joins_the_two_names(write):
    write(h.Acquire(F, A), done(lease_id=A))
    write(h.Rename(F, G), h.Refused("ResourceAlreadyExists"))
    write(h.Rename(F, G, replace=True), h.Refused("LeaseIdMissing"))
    write(h.Rename(F, G, replace=True, lease=A), done(etag="2"))
    write(h.Read(F), h.Refused("ResourceNotFound"))
    write(h.Read(G), done(etag="2", data=b"f", lease_state="leased"))
    assert verdict(write, data_f=b"f", data_g=b"g") is None


def test_a_copy_takes_all_but_the_lease(write):
    write(h.SetMetadata(F, (("k", "v"),)), done(etag="2"))
    write(h.Acquire(F, A), done(lease_id=A))
    write(h.Acquire(G, B), done(lease_id=B))
    write(h.Copy(G, F), h.Refused("LeaseIdMissing"))
    write(h.Copy(G, F, B), done(etag="3"))
    write(h.Read(G, lease=B), done(etag="3", data=b"f", metadata=(("k", "v"),), lease_state="leased"))
    write(h.Copy(F, "data/none", A), h.Refused("ResourceNotFound"))
    assert verdict(write, data_f=b"f", data_g=b"g") is None


def test_a_list_shows_the_files_of_the_root_and_their_sizes(write):
    write(h.ListFiles("data"), done(names=(("f", 1), ("g", 2))))
    write(h.Rename(F, G, replace=True), done(etag="2"))
    write(h.ListFiles("data"), done(names=(("g", 1),)))
    initial = {F: b"f", G: b"gg", "data/d/f": b"below", "more/f": b"elsewhere"}
    assert check(write.entries, initial) is None


def test_ranges_may_be_cut_in_any_way_that_covers_what_is_no_zero(write):
    write(h.ListRanges(F), done(etag="1", size=6, ranges=((1, 2),)))
    write(h.ListRanges(F), done(etag="1", size=6, ranges=((0, 2), (2, 4))))
    assert verdict(write, data_f=b"\0ab\0\0\0") is None


def test_a_snapshot_keeps_what_was_there_when_it_was_taken(write):
    write(h.TakeSnapshot("data"), done(snapshot="s1"))
    write(h.Put(F, 0, b"n"), done(etag="2"))
    write(h.Read(F, snapshot="s1"), done(etag="1", data=b"o"))
    write(h.Read(G, snapshot="s1"), h.Refused("ResourceNotFound"))
    assert verdict(write, data_f=b"o") is None


def test_snapshots_of_two_shares_may_have_one_label(write):
    write(h.TakeSnapshot("data"), done(snapshot="s1"))
    write(h.TakeSnapshot("more"), done(snapshot="s1"))
    write(h.Copy("more/f", F), done(etag="2"))
    write(h.Read(F, snapshot="s1"), done(etag="1", data=b"o"))
    write(h.Read("more/f", snapshot="s1"), h.Refused("ResourceNotFound"))
    assert verdict(write, data_f=b"o") is None


def test_a_share_lease_ends_by_the_services_clock(write):
    write(h.AcquireShare("data", A, 15), done(lease_id=A), at=0)
    write(h.AcquireShare("data", B, None), h.Refused("LeaseAlreadyPresent"), at=15 * SECOND - 1)
    write(h.ReadShare("data"), done(lease_state="expired"), at=15 * SECOND)
    write(h.RenewShare("data", A), done(lease_id=A), at=20 * SECOND)
    write(h.BreakShare("data", 30), done(lease_time_s=15), at=20 * SECOND)
    write(h.AcquireShare("data", B, 15), h.Refused("LeaseIsBreakingAndCannotBeAcquired"), at=35 * SECOND - 1)
    write(h.RenewShare("data", A), h.Refused("LeaseIsBrokenAndCannotBeRenewed"), at=35 * SECOND)
    write(h.AcquireShare("data", B, None), done(lease_id=B), at=35 * SECOND)
    write(h.ReadShare("data", A), h.Refused("LeaseIdMismatchWithContainerOperation"), at=90 * SECOND)
    write(h.ReleaseShare("data", B), done(), at=90 * SECOND)
    assert verdict(write) is None


def test_increments_count_up_and_those_without_an_answer_may_count(write):
    write(h.Increment(F), done(value=1), span=(1, 8))
    write(h.Increment(F), LOST, span=(2, 9))
    write(h.Increment(F), h.Refused("nothing was written"), span=(3, 10))
    for total in (2, 3):
        writing = Writing()
        writing.entries = [*write.entries]
        writing(h.Increment(F), done(value=total), span=(11, 12))
        assert verdict(writing, data_f=bytes(8)) is None


# --- what is not -----------------------------------------------------------------------------------------------


def test_a_stale_read_is_found(write):
    write(h.Put(F, 0, b"new"), done(etag="2"))
    write(h.Read(F), done(data=b"old"), client=2)
    refuses(write, "order", "data should have been b'new', was b'old'", data_f=b"old")


def test_a_lost_update_is_found(write):
    write(h.Put(F, 0, b"x"), done(etag="2"), span=(1, 4))
    write(h.Put(F, 1, b"y"), done(etag="3"), span=(2, 5), client=2)
    write(h.Read(F), done(data=b".y"))
    refuses(write, "order", "data should have been", data_f=b"..")


def test_a_torn_write_is_found(write):
    write(h.Put(F, 0, b"xx"), done(etag="2"), span=(1, 4))
    write(h.Put(F, 0, b"yy"), done(etag="3"), span=(2, 5), client=2)
    write(h.Read(F), done(data=b"xy"))
    refuses(write, "order", "data should have been", data_f=b"..")


def test_a_deletion_that_does_not_last_is_found(write):
    write(h.Delete(F), done())
    write(h.Read(F), done(data=b"."), client=2)
    refuses(write, "order", "should have been refused with ResourceNotFound", data_f=b".")


def test_a_lost_write_that_could_take_effect_at_once_only_is_not_seen_to_come_later(write):
    write(h.Put(F, 0, b"new"), LOST)
    write(h.Read(F), done(data=b"old"))
    write(h.Read(F), done(data=b"new"))
    refuses(write, "order", "data should have been b'old', was b'new'", data_f=b"old")


def test_a_lost_write_that_was_seen_stays_done(write):
    write(h.Put(F, 0, b"new"), LOST, span=(1, None))
    write(h.Read(F), done(data=b"new"))
    write(h.Read(F), done(data=b"old"))
    refuses(write, "order", "data should have been b'new', was b'old'", data_f=b"old")


def test_an_etag_of_two_versions_is_found(write):
    write(h.Put(F, 0, b"x"), done(etag="2"))
    write(h.Put(F, 0, b"y"), done(etag="2"))
    refuses(write, "order", "the ETag 2 was another version's already", data_f=b".")


def test_a_version_of_two_etags_is_found(write):
    write(h.Read(F), done(etag="1"))
    write(h.Acquire(F, A), done(etag="2", lease_id=A))
    refuses(write, "order", "the ETag was 2, but of this version 1 was told before", data_f=b".")


def test_an_etag_that_comes_back_after_a_lost_write_is_found(write):
    write(h.Read(F), done(etag="1", data=b"."))
    write(h.Put(F, 0, b"x"), LOST)
    write(h.Read(F), done(etag="1", data=b"x"))
    refuses(write, "order", "the ETag 1 was another version's already", data_f=b".")


def test_a_snapshot_that_moves_is_found(write):
    write(h.TakeSnapshot("data"), done(snapshot="s1"))
    write(h.Put(F, 0, b"n"), done(etag="2"))
    write(h.Read(F, snapshot="s1"), done(data=b"n"))
    refuses(write, "order", "data should have been b'o', was b'n'", data_f=b"o")


def test_two_snapshots_of_one_label_are_found(write):
    write(h.TakeSnapshot("data"), done(snapshot="s1"))
    write(h.TakeSnapshot("data"), done(snapshot="s1"))
    write(h.Read(F, snapshot="s1"), done(data=b"o"))
    refuses(write, "order", "the snapshot s1 was there already", data_f=b"o")


def test_a_file_that_is_at_two_names_after_a_rename_is_found(write):
    write(h.Rename(F, G), done(etag="2"))
    write(h.Read(G), done(data=b"f"))
    write(h.Read(F), done(data=b"f"))
    refuses(write, "order", "should have been refused with ResourceNotFound", data_f=b"f")


def test_a_list_that_shows_half_of_a_rename_is_found(write):
    for names in ((("f", 1), ("g", 1)), ()):
        writing = Writing()
        writing(h.Rename(F, G), done(etag="2"), span=(1, 9))
        writing(h.ListFiles("data"), done(names=names), span=(2, 3))
        refuses(writing, "order", "names should have been", data_f=b"f")
    assert write.entries == []


def test_a_list_without_a_file_that_nobody_touched_is_found(write):
    write(h.ListFiles("data"), done(names=()))
    refuses(write, "order", "names should have been", data_f=b"f")


def test_a_range_that_is_not_listed_is_found(write):
    write(h.ListRanges(F), done(etag="1", size=4, ranges=((0, 2),)))
    refuses(write, "order", "there is more than zeros outside of the ranges ((0, 2),)", data_f=b"abc\0")


def test_a_copy_of_what_is_no_longer_there_is_found(write):
    write(h.Put(F, 0, b"n"), done(etag="2"))
    write(h.Copy(G, F), done(etag="3"))
    write(h.Read(G), done(data=b"o"))
    refuses(write, "order", "data should have been b'n', was b'o'", data_f=b"o")


def test_two_holders_of_a_file_are_found(write):
    write(h.Acquire(F, A), done(lease_id=A))
    write(h.Acquire(F, B), done(lease_id=B), client=2)
    refuses(write, "exclusion", f"while {A} held data/f", data_f=b".")


def test_two_holders_of_a_share_are_found(write):
    write(h.AcquireShare("data", A), done(lease_id=A))
    write(h.AcquireShare("data", B, 15), done(lease_id=B), client=2)
    refuses(write, "exclusion", f"while {A} held data", data_f=b".")


def test_two_holders_in_turn_of_a_share_lease_that_had_not_ended_are_found(write):
    write(h.AcquireShare("data", A, 15), done(lease_id=A))
    write(h.AcquireShare("data", B, 15), done(lease_id=B), client=2, at=15 * SECOND - 1)
    refuses(write, "order", "should have been refused with LeaseAlreadyPresent")


WRITES = [
    h.Create(F, 1),
    h.Delete(F),
    h.Put(F, 0, b"x"),
    h.Clear(F, 0, 1),
    h.Resize(F, 2),
    h.SetMetadata(F, ()),
    h.Rename(F, G),
    h.Rename(G, F, replace=True),
    h.Put(F, 0, b"x", B),
    h.Copy(F, G),
    h.Release(F, B),
    h.Change(F, B, B),
]


@pytest.mark.parametrize("action", WRITES, ids=h.describe)
def test_a_write_without_the_lease_that_is_held_is_found(write, action):
    write(h.Acquire(F, A), done(lease_id=A))
    write(action, done(), client=2)
    refuses(write, "exclusion", "this was done without it", data_f=b".", data_g=b".")


ENDS = [
    h.Release(F, A),
    h.Change(F, A, B),
    h.Break(F),
    h.Delete(F, A),
    h.Rename(F, G, lease=A),
    h.Rename(G, F, replace=True, lease_there=A),
]


@pytest.mark.parametrize("end", ENDS, ids=h.describe)
def test_a_lease_that_may_have_ended_is_not_held_for_certain(write, end):
    write(h.Acquire(F, A), done(lease_id=A))
    write(end, LOST, client=2)
    write(h.Acquire(F, B), done(lease_id=B), client=3)
    assert find_breach(write.entries) is None


def test_a_lease_is_not_ended_by_what_was_refused_or_came_before(write):
    write(h.Break(F), done())
    write(h.Acquire(F, A), done(lease_id=A))
    write(h.Break(F), h.Refused("LeaseNotPresentWithLeaseOperation"))
    write(h.Put(F, 0, b"x"), done(), client=2)
    assert find_breach(write.entries) is not None


def test_a_lost_increment_is_found(write):
    write(h.Increment(F), done(value=1), span=(1, 5))
    write(h.Increment(F), done(value=1), span=(2, 6), client=2)
    refuses(write, "increments", "value should have been 2, was 1", data_f=bytes(8))


@pytest.mark.parametrize("total", [1, 4])
def test_a_counter_that_ends_lower_or_higher_than_its_increments_is_found(write, total):
    """Of two that were done and one that brought no answer, though each single request was answered truly."""
    write(h.Increment(F), done(value=1))
    write(h.Increment(F), done(value=2))
    write(h.Increment(F), LOST)
    data = total.to_bytes(8, "big")
    write(h.Put(F, 0, data), done(etag="2"))
    write(h.Read(F), done(data=data))
    refuses(write, "increments", f"was {total}", data_f=bytes(8))


def test_the_wrong_refusal_is_found(write):
    write(h.Read(F), h.Refused("ShareNotFound"))
    refuses(write, "order", "should have been done, was refused with ShareNotFound", data_f=b".")


# --- the search ------------------------------------------------------------------------------------------------


def test_it_gives_up_rather_than_guess(write):
    for number in range(12):
        write(h.Put(F, 0, bytes([number])), done(), span=(1, 50 + number))
    write(h.Read(F), done(data=b"?"))
    with pytest.raises(Undecided, match="no verdict after 1000"):
        check(write.entries, {F: b"."}, budget=1000)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(1, 6), st.booleans()), max_size=5))
@settings(max_examples=200 if THOROUGH else 60, deadline=None)
def test_it_finds_an_order_exactly_where_trying_all_orders_does(rows):
    """Writes of one letter and reads that saw some letter, lost ones among them, against every order there is."""
    entries = []
    for number, (letter, invoked, length, lost) in enumerate(rows):
        data = b"abc"[letter : letter + 1]
        action = h.Put(F, 0, data) if number % 2 == 0 else h.Read(F)
        outcome = LOST if lost else done(data=data) if number % 2 else done()
        entries.append(h.Entry(1, str(number), action, invoked, invoked + length, outcome))
    initial = State({F: File(b"a", -1)})
    found = find_order(entries, initial, fit)
    assert isinstance(found, Dead) == (not any(_possible(order, initial) for order in _orders(entries)))


def _orders(entries):
    """All orders of the entries that were answered and any of the others."""
    certain = [entry for entry in entries if entry.outcome != LOST]
    lost = [entry for entry in entries if entry.outcome == LOST]
    for bits in range(2 ** len(lost)):
        chosen = [entry for number, entry in enumerate(lost) if bits >> number & 1]
        yield from permutations([*certain, *chosen])


def _possible(order, state):
    for number, entry in enumerate(order):
        if any(later.completed <= entry.invoked for later in order[number + 1 :]):
            return False
        state = fit(state, int(entry.name), entry)
        if not isinstance(state, State):
            return False
    return True


def test_the_judge_imports_nothing_of_the_project_but_itself():
    for path in Path(checker.__file__).parent.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(("from azfiles", "import azfiles")):
                assert line.startswith("from azfiles_sim.explore.checker"), f"{path.name}: {line}"
