"""A quick dataclass is what the standard library makes of it, but for what it costs to construct."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from azfiles_sim.quick import quick


@dataclass(frozen=True, slots=True)
class Base:
    first: int
    second: str = "b"


@dataclass(frozen=True, slots=True)
class Plain(Base):
    third: list[int] = field(default_factory=list)


@quick
@dataclass(frozen=True, slots=True)
class Quick(Base):
    third: list[int] = field(default_factory=list)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class ByKeyword:
    one: int
    two: int = 2


def values(of: Any) -> list[Any]:
    return [getattr(of, one.name) for one in fields(of)]


@pytest.mark.parametrize(
    ("given", "named"), [((1,), {}), ((1, "x"), {}), ((1, "x", [3]), {}), ((), {"second": "y", "first": 2})]
)
def test_it_is_constructed_as_before(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    made = Quick(*given, **named)
    assert values(made) == values(Plain(*given, **named))
    assert type(made) is Quick
    assert made == Quick(*given, **named)
    assert repr(made) == repr(Plain(*given, **named)).replace("Plain", "Quick")


def test_each_object_gets_a_default_of_its_own_from_a_factory() -> None:
    assert Quick(1).third is not Quick(1).third


def test_wrong_arguments_are_a_type_error() -> None:
    for given, named in (((), {}), ((1, "x", [], 4), {}), ((1,), {"nonsense": 1})):
        with pytest.raises(TypeError):
            Quick(*given, **named)
    with pytest.raises(TypeError):
        ByKeyword(1)  # type: ignore[misc]
    assert values(ByKeyword(one=1)) == [1, 2]


def test_it_is_frozen_once_it_is_made() -> None:
    made = Quick(1)
    with pytest.raises(FrozenInstanceError):
        made.first = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del made.first
    assert made.first == 1


def test_it_is_replaced_copied_and_pickled() -> None:
    made = Quick(1, "x", [2])
    assert values(replace(made, first=5)) == [5, "x", [2]]
    assert copy.deepcopy(made) == made
    assert pickle.loads(pickle.dumps(made)) == made


def test_an_object_of_a_subclass_stays_one() -> None:
    class Empty(Quick):
        __slots__ = ()

    class Roomy(Quick):
        def __init__(self, first: int) -> None:
            super().__init__(first)

    for kind in (Empty, Roomy):
        made = kind(1)
        assert type(made) is kind
        assert values(made) == [1, "b", []]
        with pytest.raises(FrozenInstanceError):
            made.first = 2  # type: ignore[misc]


def test_its_signature_stays() -> None:
    def shape(of: type) -> list[tuple[str, Any]]:
        return [(one.name, one.kind) for one in inspect.signature(of).parameters.values()]

    assert shape(Quick) == shape(Plain)
    assert Quick.__init__.__annotations__ == Plain.__init__.__annotations__


def test_what_it_cannot_make_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class After:
        one: int

        def __post_init__(self) -> None: ...

    @dataclass(frozen=True)
    class Roomy:
        one: int

    for kind in (After, Roomy):
        with pytest.raises(TypeError, match="no dataclass that can be constructed"):
            quick(kind)
