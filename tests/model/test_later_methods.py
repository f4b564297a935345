"""A value whose methods are written when first used is what the standard library makes of it at once."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any

import pytest

from azfiles_sim.quick import dataclass


@dataclasses.dataclass(frozen=True, slots=True)
class AtOnce:
    one: int
    secret: str = field(default="s", repr=False)
    unlike: int = field(default=0, compare=False)
    many: tuple[int, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Later:
    one: int
    secret: str = field(default="s", repr=False)
    unlike: int = field(default=0, compare=False)
    many: tuple[int, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Below(Later):
    """It has a word of its own for what it is."""

    more: int = 5

    def __repr__(self) -> str:
        return "below"


@dataclass(frozen=True, slots=True)
class Checked:
    one: int

    def __post_init__(self) -> None:
        if self.one < 0:
            raise ValueError("below zero")


GIVEN: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, "x", 3, (4,)), {}),
    ((), {"many": (2,), "one": 1}),
]


@pytest.mark.parametrize(("given", "named"), GIVEN)
def test_it_is_constructed_shown_compared_and_hashed_alike(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    at_once, later = AtOnce(*given, **named), Later(*given, **named)
    assert repr(later) == repr(at_once).replace("AtOnce", "Later")
    assert hash(later) == hash(at_once)
    assert later == Later(*given, **named)
    assert later == replace(later, unlike=9)
    assert later != replace(later, secret="other")
    assert later != at_once


def test_what_is_not_to_be_shown_is_not() -> None:
    assert "hidden" not in repr(Later(1, "hidden"))


def test_wrong_arguments_are_the_same_type_error() -> None:
    for given in ((), (1, "x", 3, (), 5)):
        with pytest.raises(TypeError) as expected:
            AtOnce(*given)
        with pytest.raises(TypeError) as met:
            Later(*given)
        assert str(met.value).replace("Later", "AtOnce") == str(expected.value)


def test_nothing_of_it_can_be_changed() -> None:
    made = Later(1)
    with pytest.raises(FrozenInstanceError):
        made.one = 2  # type: ignore[misc]  # that it is refused is the claim
    with pytest.raises(FrozenInstanceError):
        del made.one


def test_copies_and_pickles_are_equal_to_it() -> None:
    made = Below(1, "x", more=2)
    assert copy.deepcopy(made) == copy.copy(made) == pickle.loads(pickle.dumps(made)) == made


def test_a_class_below_it_has_all_fields_and_keeps_its_own_methods() -> None:
    assert [one.name for one in fields(Below)] == ["one", "secret", "unlike", "many", "more"]
    assert repr(Below(1)) == "below"
    with pytest.raises(TypeError, match="positional"):
        Below(1, "x", 0, (), 2)  # type: ignore[call-arg]  # by keyword only is the claim
    assert Below(1) != Later(1)


def test_what_checks_the_fields_is_called() -> None:
    assert Checked(1).one == 1
    with pytest.raises(ValueError, match="below zero"):
        Checked(-1)


def test_its_signature_is_told() -> None:
    assert list(inspect.signature(Later).parameters) == ["one", "secret", "unlike", "many"]
    assert Later.__match_args__ == AtOnce.__match_args__
