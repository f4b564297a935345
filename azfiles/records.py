"""Frozen dataclasses with slots, whose ``__init__`` is compiled when the first one is made.

``dataclasses.dataclass`` writes six methods as text and compiles them, for each class: of what importing this client
costs that was two thirds. A record is a dataclass like any other (``fields``, ``replace``, ``asdict``, ``match``, copying
and pickling know it), but the methods that need no text of their own are shared, and ``__init__`` waits.
"""

from __future__ import annotations

import dataclasses
import functools
import reprlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataclasses import dataclass  # what type checkers see is the real one
else:

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        """``dataclasses.dataclass``; with ``frozen=True, slots=True``, and ``kw_only`` at most, the class is a record."""
        isrecord = options.get("frozen") and options.get("slots") and options.keys() <= {"frozen", "slots", "kw_only"}
        make = functools.partial(record, kw_only=options.get("kw_only", False)) if isrecord else None
        if make is None:
            make = dataclasses.dataclass(**options)
        return make if cls is None else make(cls)


def record(cls: type, *, kw_only: bool) -> type:
    """What ``dataclass`` makes where a record is asked for."""
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # else dataclass looks for a signature to show
    own = set(vars(cls))
    decorate: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)
    made: type = decorate(cls)
    for name, method in _SHARED.items():
        if name not in own:
            setattr(made, name, method)
    if "__init__" not in own:
        setattr(made, "__init__", _Init(made))  # noqa: B010 - type checkers know no such assignment
    return made


class _Init:
    """Stands where ``__init__`` belongs, and puts it there when somebody looks."""

    def __init__(self, owner: type) -> None:
        self._owner = owner

    def __get__(self, instance: object, _owner: type | None = None) -> Any:
        function: Any = _compiled(self._owner)
        setattr(self._owner, "__init__", function)  # noqa: B010 - as above
        return function if instance is None else function.__get__(instance)


def _compiled(cls: Any) -> Callable[..., None]:
    """The ``__init__`` that ``dataclasses`` would have written, but for how it stores the fields."""
    names: dict[str, Any] = {"_MISSING": dataclasses.MISSING}
    positional, by_name, values = ["self"], list[str](), dict[str, str]()
    for field in dataclasses.fields(cls):
        parameter, value = field.name, field.name
        if field.default is not dataclasses.MISSING:
            names[f"_default_{field.name}"] = field.default
            parameter += f"=_default_{field.name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"_make_{field.name}"] = field.default_factory
            parameter += "=_MISSING"
            value = f"_make_{field.name}() if {field.name} is _MISSING else {field.name}"
        if field.init:
            (by_name if field.kw_only else positional).append(parameter)
            values[field.name] = value
        elif parameter != field.name:
            raise TypeError(f"{cls.__name__}.{field.name}: a field that is no parameter is set by __post_init__")
    names |= {f"_set_{name}": getattr(cls, name).__set__ for name in values}  # the slot's own: no name is looked up
    body = [f"_set_{name}(self, {value})" for name, value in values.items()]
    if len(values) >= _MANY_FIELDS:
        names |= {"_record": cls, "_open": _open_twin(cls), "_become": vars(object)["__class__"].__set__}
        stores = [f"self.{name} = {value}" for name, value in values.items()]
        body = [
            "if type(self) is _record:",
            *(f" {line}" for line in ["_become(self, _open)", *stores, "self.__class__ = _record"]),
            "else:",
            *(f" {line}" for line in body),
        ]
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"]), names)  # noqa: S102 - of our own field names
    function: Callable[..., None] = names["__init__"]
    function.__qualname__ = f"{cls.__qualname__}.__init__"
    function.__annotations__ = {field.name: field.type for field in dataclasses.fields(cls) if field.init} | {
        "return": None
    }
    return function


_MANY_FIELDS: Final = 5
"""From so many on, turning an object's class twice costs less than a call for each field."""


def _open_twin(cls: type) -> type:
    """A class of the same slots whose objects can be assigned to: what a record is while it is filled."""
    own = vars(cls)
    namespace = {name: own[name] for name in ("__slots__", "__orig_bases__") if name in own}
    namespace |= {"__module__": cls.__module__, "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(f"{cls.__name__} in the making", cls.__bases__, namespace)


def _names(record: Any, purpose: str) -> tuple[str, ...]:
    """The fields that count for ``compare`` or ``hash``, or are shown for ``repr``."""
    cls: type = record.__class__
    if (cls, purpose) not in _FOUND:
        _FOUND[cls, purpose] = tuple(
            field.name
            for field in dataclasses.fields(record)
            if (field.compare if purpose == "hash" and field.hash is None else getattr(field, purpose))
        )
    return _FOUND[cls, purpose]


@reprlib.recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _names(self, "repr"))
    return f"{self.__class__.__qualname__}({shown})"


def _eq(self: Any, other: Any) -> Any:
    if self.__class__ is not other.__class__:
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in _names(self, "compare"))


def _hash(self: Any) -> int:
    return hash(tuple(getattr(self, name) for name in _names(self, "hash")))


def _refuse_assignment(_self: Any, name: str, _value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(_self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_FOUND: dict[tuple[type, str], tuple[str, ...]] = {}
_SHARED: Final[dict[str, Callable[..., Any]]] = {
    "__repr__": _repr,
    "__eq__": _eq,
    "__hash__": _hash,
    "__setattr__": _refuse_assignment,
    "__delattr__": _refuse_deletion,
    "__getstate__": _get_state,
    "__setstate__": _set_state,
}

__all__ = ["dataclass", "record"]
