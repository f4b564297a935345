"""What changed between two ordered maps is found without looking at what they share."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap

KEYS = st.integers(0, 300)
EDITS = st.lists(st.tuples(KEYS, st.sampled_from(["set", "delete"]), st.integers(1, 80)), max_size=12)


class Value:
    """Only itself."""


def edited(entries, edits):
    for first, what, count in edits:
        for key in range(first, first + count):
            if what == "set":
                entries = entries.set(key, Value())
            elif key in entries:
                entries = entries.delete(key)
    return entries


@given(base=EDITS, one=EDITS, other=EDITS)
def test_the_changes_are_those_of_two_dictionaries(base, one, other):
    start = edited(EMPTY_MAP, base)
    old, new = edited(start, one), edited(start, other)
    before, after = dict(old.items()), dict(new.items())
    expected = [
        (key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) is not after.get(key)
    ]
    assert list(new.changes_since(old)) == expected


class CountedKey:
    """A key that counts how often keys are compared."""

    compared = 0

    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        CountedKey.compared += 1
        return self.number < other.number

    def __eq__(self, other):
        return self.number == other.number

    __hash__ = None


def test_the_cost_is_that_of_the_changes_and_not_of_the_size():
    large = OrderedMap((CountedKey(number), number) for number in range(20_000))
    changed = large.set(CountedKey(7_000), "changed").delete(CountedKey(15_000))
    CountedKey.compared = 0
    found = [(key.number, before, after) for key, before, after in changed.changes_since(large)]
    assert found == [(7_000, 7_000, "changed"), (15_000, 15_000, None)]
    assert CountedKey.compared < 500
