"""The persistent ordered map behaves as a sorted dictionary, and no change touches an older map."""

from __future__ import annotations

import random

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap

KEYS = st.integers(0, 400)


class AgreesWithASortedDictionary(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.map: OrderedMap[int, int] = OrderedMap()
        self.model: dict[int, int] = {}
        self.kept: list[tuple[OrderedMap[int, int], dict[int, int]]] = []

    @rule(key=KEYS, value=st.integers())
    def set_one(self, key, value):
        self.map = self.map.set(key, value)
        self.model[key] = value

    @rule(first=KEYS, count=st.integers(1, 120), step=st.sampled_from([-3, -1, 1, 2, 7]))
    def set_many(self, first, count, step):
        for number in range(count):
            self.map = self.map.set(first + number * step, number)
            self.model[first + number * step] = number

    @rule(key=KEYS)
    def delete_one(self, key):
        if key in self.model:
            del self.model[key]
            self.map = self.map.delete(key)
        else:
            with pytest.raises(KeyError):
                self.map.delete(key)

    @rule(low=KEYS, high=KEYS)
    def delete_many(self, low, high):
        for key in [key for key in sorted(self.model) if low <= key < high]:
            del self.model[key]
            self.map = self.map.delete(key)

    @rule()
    def keep(self):
        self.kept.append((self.map, dict(self.model)))

    @rule(key=KEYS)
    def look_up(self, key):
        assert self.map.get(key) == self.model.get(key)
        assert (key in self.map) == (key in self.model)
        below = [k for k in self.model if k <= key]
        assert self.map.floor(key) == ((max(below), self.model[max(below)]) if below else None)
        assert list(self.map.items(key)) == [(k, self.model[k]) for k in sorted(self.model) if k >= key]

    @invariant()
    def same_entries(self):
        assert list(self.map.items()) == sorted(self.model.items())
        assert len(self.map) == len(self.model)
        assert self.map.last() == (max(self.model.items()) if self.model else None)

    def teardown(self):
        for old, model in self.kept:
            assert dict(old.items()) == model


TestAgreesWithASortedDictionary = AgreesWithASortedDictionary.TestCase
TestAgreesWithASortedDictionary.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_a_large_map_filled_and_emptied_in_random_order_stays_in_order():
    numbers = list(range(5000))
    random.Random(7).shuffle(numbers)
    filled: OrderedMap[int, int] = OrderedMap((n, -n) for n in numbers)
    assert list(filled) == list(range(5000))
    emptied = filled
    random.Random(8).shuffle(numbers)
    for count, number in enumerate(numbers, 1):
        emptied = emptied.delete(number)
        if count % 500 == 0:
            assert list(emptied) == sorted(numbers[count:])
    assert len(emptied) == 0
    assert list(filled) == list(range(5000))


def test_looking_up_a_missing_key_says_which():
    with pytest.raises(KeyError, match="3"):
        EMPTY_MAP[3]
    assert EMPTY_MAP.get(3, "none") == "none"
    assert EMPTY_MAP.last() is None
    assert OrderedMap([(1, "one")])[1] == "one"


def test_maps_are_equal_by_content_and_not_hashable():
    one = OrderedMap([(1, "a"), (2, "b")])
    assert one == OrderedMap([(2, "b"), (1, "a")])
    assert one != one.set(1, "c")
    assert one != one.delete(1)
    assert one == one.set(3, "c").delete(3)
    same = one
    assert one == same
    assert one != 5
    with pytest.raises(TypeError):
        hash(one)
    assert repr(one) == "OrderedMap(2 entries)"
