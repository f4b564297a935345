"""Stored values come back as they were, defaults left out, secrets where they belong and nothing else."""

from __future__ import annotations

import dataclasses
from enum import Enum

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from azfiles_sim.model.content import Content
from azfiles_sim.ordered_map import EMPTY_MAP, OrderedMap
from azfiles_sim.storage import records
from azfiles_sim.storage.records import decode, encode
from tests.proof import THOROUGH

CLASSES = sorted(records._classes() - {Content}, key=lambda cls: cls.__name__)
CONTENTS = st.builds(
    Content,
    extents=st.just(EMPTY_MAP),
    written=st.integers(0),
    cleared=st.lists(st.tuples(st.integers(0), st.integers(0)), max_size=3).map(OrderedMap),
)
st.register_type_strategy(Content, CONTENTS)
KEYS = st.recursive(st.integers() | st.text(st.characters()), lambda inner: st.lists(inner, max_size=3).map(tuple))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(max_examples=20 if THOROUGH else 4, deadline=None)
@given(data=st.data())
def test_every_kind_of_value_comes_back(cls, data):
    value = data.draw(st.from_type(cls))
    assert decode(encode(value)) == value
    assert encode(value).isascii()


@given(key=KEYS)
def test_every_key_comes_back(key):
    assert decode(encode(key)) == key


def test_the_classes_have_names_of_their_own():
    assert len({cls.__name__ for cls in CLASSES}) == len(CLASSES)


def test_fields_that_have_their_defaults_are_left_out():
    kinds = [cls for cls in CLASSES if not issubclass(cls, Enum)]
    optional = {cls for cls in kinds if all(f.default is not dataclasses.MISSING for f in dataclasses.fields(cls))}
    assert optional
    for cls in optional:
        assert encode(cls()) == f'{{"$":"{cls.__name__}"}}'


def test_what_no_entity_holds_is_refused():
    with pytest.raises(TypeError, match="dict"):
        encode(({},))
