"""Makes frozen dataclasses with slots cheap to define, and those of which a request makes many cheap to construct.

Defining: ``dataclasses.dataclass`` writes six methods as text and compiles them, a millisecond for each class, which was
half of what starting the simulator cost. ``dataclass`` here has the standard library write most of them when one is first
used; few ever are.

Constructing: the ``__init__`` that the standard library writes for them stores each field by a call of
``object.__setattr__``: 14 fields take some 4 microseconds, and a request makes half a dozen such objects, which was a
third of what it cost. The one of ``quick`` stores them as plain attributes while the object is of a twin class that allows
it: 0.6 microseconds. Once it is made, the object is as frozen as before. Turning its class and back costs what storing
two fields does, so one or two are stored by the descriptors of their slots.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

T = TypeVar("T")

_FROM_FACTORY: Final = object()
_FEW_FIELDS: Final = 2
_WRITTEN_LATER: Final = ("__init__", "__repr__", "__eq__")

if TYPE_CHECKING:
    from dataclasses import dataclass  # what type checkers see is the real one
else:

    def dataclass(**options: Any) -> Any:
        """``dataclasses.dataclass``; where asked for a frozen class with slots, its methods are written when first used."""
        if not (options.get("frozen") and options.get("slots") and options.keys() <= {"frozen", "slots", "kw_only"}):
            return dataclasses.dataclass(**options)
        return lambda cls: _define(cls, kw_only=options.get("kw_only", False))


def _define(cls: type, *, kw_only: bool) -> type:
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # else the signature is shown there, and for that ``__init__`` has to be written
    own = vars(cls)
    later = [name for name in _WRITTEN_LATER if name not in own]
    define: Any = dataclasses.dataclass(init=False, repr=False, eq=False, frozen=True, slots=True, kw_only=kw_only)
    made: type = define(cls)
    for name in later:
        setattr(made, name, _Later(made, name))
    if own.get("__hash__") is None:
        setattr(made, "__hash__", _hash)  # noqa: B010 - type checkers know no such assignment
    return made


def _hash(self: Any) -> int:
    """As the standard library writes it, for all: it asks classes of default values for it, which is no use."""
    counted = [one.compare if one.hash is None else one.hash for one in fields(self)]
    return hash(tuple([getattr(self, one.name) for one, counts in zip(fields(self), counted, strict=True) if counts]))


class _Later:
    """Stands where a method belongs, and has it written when somebody looks."""

    def __init__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, _owner: type | None = None) -> Any:
        _write(self._owner)
        method: Any = vars(self._owner)[self._name]
        return method if instance is None else method.__get__(instance)


def _write(owner: type) -> None:
    """Let the standard library write the methods, for another class of the same fields, and take them over."""
    given = fields(cast("Any", owner))
    check: object = getattr(owner, "__post_init__", None)
    namespace: dict[str, object] = {} if check is None else {"__post_init__": check}
    written = vars(
        dataclasses.make_dataclass(
            owner.__name__, [(one.name, one.type, _again(one)) for one in given], namespace=namespace, frozen=True
        )
    )
    for name in _WRITTEN_LATER:
        if isinstance(vars(owner).get(name), _Later):
            method = written[name]
            method.__qualname__ = f"{owner.__qualname__}.{name}"
            setattr(owner, name, method)


def _again(given: dataclasses.Field[Any]) -> Any:
    """A field that is said as that one was."""
    options: dict[str, Any] = {
        name: getattr(given, name) for name in ("init", "repr", "hash", "compare", "metadata", "kw_only")
    }
    if given.default is not MISSING:
        options["default"] = given.default
    if given.default_factory is not MISSING:
        options["default_factory"] = given.default_factory
    return dataclasses.field(**options)


def quick(frozen: type[T]) -> type[T]:
    """The dataclass with another ``__init__`` of the same signature. It goes above the line
    ``@dataclass(frozen=True, slots=True)``, its fields all by keyword only or none, without ``__post_init__``. An object
    of a subclass is made as the standard library does it. Raises TypeError for any other class.
    """
    given = [field for field in fields(cast("Any", frozen)) if field.init]
    kinds = {field.kw_only for field in given}
    if hasattr(frozen, "__post_init__") or "__slots__" not in vars(frozen) or len(kinds) != 1:
        raise TypeError(f"{frozen.__name__} is no dataclass that can be constructed like this")
    twin = type(
        f"{frozen.__name__} in the making",
        frozen.__bases__,
        {
            "__slots__": vars(frozen)["__slots__"],
            "__setattr__": object.__setattr__,
            "__delattr__": object.__delattr__,
        },
    )
    few = len(given) <= _FEW_FIELDS
    names: dict[str, Any] = {"_twin": twin, "_frozen": frozen, "_from_factory": _FROM_FACTORY}
    names |= {"_turn": vars(object)["__class__"].__set__, "_store": object.__setattr__}
    parameters = ["self", "*"] if True in kinds else ["self"]
    lines: list[str] = []
    stored: list[str] = []
    made_first: list[str] = []
    set_one_by_one: list[str] = []
    for field in given:
        name = field.name
        if field.default is not MISSING:
            names[f"_default_{name}"] = field.default
            parameters.append(f"{name}=_default_{name}")
        elif field.default_factory is not MISSING:
            names[f"_make_{name}"] = field.default_factory
            parameters.append(f"{name}=_from_factory")
            made_first.append(f"    if {name} is _from_factory: {name} = _make_{name}()")
        else:
            parameters.append(name)
        lines.append(f"        self.{name} = {name}")
        stored.append(f"        _store(self, {name!r}, {name})")
        if few:
            names[f"_set_{name}"] = getattr(frozen, name).__set__
            set_one_by_one.append(f"    _set_{name}(self, {name})")
    filled = set_one_by_one or [
        "    if type(self) is _frozen:",
        "        _turn(self, _twin)",
        *lines,
        "        self.__class__ = _frozen",
        "    else:",
        *stored,
    ]
    source = "\n".join([f"def __init__({', '.join(parameters)}):", *made_first, *filled])
    exec(source, names)  # noqa: S102 - as the standard library makes it; the names are those of the class
    made = names["__init__"]
    made.__qualname__ = f"{frozen.__qualname__}.__init__"
    made.__annotations__ = {field.name: field.type for field in given} | {"return": None}
    cast("Any", frozen).__init__ = made
    return frozen


__all__ = ["dataclass", "quick"]
