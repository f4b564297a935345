"""A record is what ``dataclasses.dataclass`` would have made: each claim is made of both."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle

import pytest

import azfiles.models
from azfiles import records


def declare(dataclass):
    """The same classes, made by one or the other."""

    @dataclass(frozen=True, slots=True)
    class Inner:
        a: int
        b: str = "b"
        secret: str = dataclasses.field(default="s", repr=False, compare=False)
        made: list = dataclasses.field(default_factory=list)

        @property
        def twice(self):
            return self.a * 2

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        """Given by name."""

        x: int = 0
        y: int

        def __post_init__(self):
            if self.y < 0:
                raise ValueError("y")

    @dataclass(frozen=True, slots=True)
    class Longer(Inner):
        c: int = 3

        def __repr__(self):
            return "its own"

    return Inner, Named, Longer


BOTH = pytest.mark.parametrize(
    "kinds", [declare(records.dataclass), declare(dataclasses.dataclass)], ids=["ours", "std"]
)


@BOTH
def test_it_is_made_shown_and_compared_like_a_dataclass(kinds):
    inner, named, longer = kinds
    one = inner(1)
    assert (one.a, one.b, one.secret, one.made, one.twice) == (1, "b", "s", [], 2)
    assert inner(1).made is not one.made
    assert repr(one) == "declare.<locals>.Inner(a=1, b='b', made=[])"
    assert one == inner(a=1, secret="other")
    assert one != inner(2)
    assert one != longer(1)
    assert named(y=1) == named(y=1, x=0)
    assert hash(named(y=1)) == hash(named(x=0, y=1))
    assert repr(longer(1)) == "its own"
    assert longer(1, "b", "s", [], 4).c == 4
    with pytest.raises(TypeError):
        named(1)
    with pytest.raises(TypeError):
        inner()
    with pytest.raises(ValueError, match="y"):
        named(y=-1)


@BOTH
def test_it_is_frozen_and_has_slots(kinds):
    one = kinds[0](1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.a
    assert not hasattr(one, "__dict__")


@BOTH
def test_the_tools_for_dataclasses_know_it(kinds):
    inner, named, longer = kinds
    assert [field.name for field in dataclasses.fields(longer)] == ["a", "b", "secret", "made", "c"]
    assert dataclasses.replace(inner(1), b="c") == inner(1, "c")
    assert dataclasses.asdict(named(y=2)) == {"x": 0, "y": 2}
    assert copy.deepcopy(inner(1, made=[[]])) == inner(1, made=[[]])
    assert list(inspect.signature(inner).parameters) == ["a", "b", "secret", "made"]
    match inner(1, "z"):
        case inner(a, b):
            assert (a, b) == (1, "z")


@BOTH
def test_a_class_made_of_one_is_filled_and_frozen_like_it(kinds):
    _, _, longer = kinds

    class Tagged(longer):
        __slots__ = ()

    tagged = Tagged(1, "z", c=5)
    assert type(tagged) is Tagged
    assert (tagged.a, tagged.b, tagged.secret, tagged.made, tagged.c) == (1, "z", "s", [], 5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        tagged.a = 2


def test_it_is_pickled():
    given = azfiles.Range(0, 9)
    assert pickle.loads(pickle.dumps(given)) == given


def test_init_is_compiled_when_it_is_needed_and_once():
    inner, _, _ = declare(records.dataclass)
    assert isinstance(vars(inner)["__init__"], records._Init)
    inner(1)
    compiled = vars(inner)["__init__"]
    inner(2)
    assert vars(inner)["__init__"] is compiled


def test_another_kind_of_dataclass_is_left_to_the_standard_library():
    @records.dataclass
    class Plain:
        a: int

    plain = Plain(1)
    plain.a = 2
    assert plain == Plain(2)


def test_a_field_that_nobody_sets_is_refused():
    @records.dataclass(frozen=True, slots=True)
    class Odd:
        a: int = dataclasses.field(default=1, init=False)

    with pytest.raises(TypeError, match="__post_init__"):
        Odd()
