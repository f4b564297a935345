"""Stored values as text and back: JSON in which every class is named and every field that has its default is left out.

So a field that is added later with a default can be read from older databases. The classes are those that the
entities are made of, found by following their annotations; nothing else can be written or read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, Final, TypeGuard, cast, get_args, get_type_hints

from azfiles_sim.model.content import Content
from azfiles_sim.model.entities import Account, Directory, File, Handle, Share, Snapshot
from azfiles_sim.ordered_map import OrderedMap

_TAG: Final = "$"
_OUTSIDE: Final = {(Content, "extents")}
"""What is stored in rows of its own."""


def encode(value: Any) -> str:
    """A key or a value as ASCII text. Raises TypeError for what no entity holds."""
    return _TEXT.encode(_plain(value))


def decode(text: str) -> Any:
    """What ``encode`` made a text from; a content comes back without its extents."""
    return _value(json.loads(text))


def _plain(value: Any) -> Any:
    kind = value.__class__
    if kind in _SIMPLE:
        return value
    writer = _WRITERS.get(kind)
    if writer is None:
        raise TypeError(f"a value of type {kind.__name__} cannot be stored")
    return writer(value)


def _value(plain: Any) -> Any:
    kind = plain.__class__
    if kind is list:
        return tuple(map(_value, plain))
    if kind is not dict:
        return plain
    return _READERS[plain.pop(_TAG)](plain)


# --- the kinds of values ---------------------------------------------------------------------------------------


def _write_fields(cls: type) -> Callable[[Any], dict[str, Any]]:
    stored = [(field.name, _default(field)) for field in fields(cls) if (cls, field.name) not in _OUTSIDE]
    name = cls.__name__

    def write(value: Any) -> dict[str, Any]:
        plain: dict[str, Any] = {_TAG: name}
        for field, default in stored:
            item = getattr(value, field)
            if item is not default and (default is MISSING or item != default):
                plain[field] = _plain(item)
        return plain

    return write


def _read_fields(cls: type) -> Callable[[dict[str, Any]], Any]:
    return lambda plain: cls(**{name: _value(item) for name, item in plain.items()})


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _classes() -> set[type]:
    """The dataclasses and enums that entities are made of."""
    found: set[type] = set()
    pending: list[Any] = [Account, Share, Snapshot, Directory, File, Handle]
    while pending:
        kind = pending.pop()
        if _is_enum(kind):
            found.add(kind)
        elif is_dataclass(kind) and kind not in found:
            found.add(cast("type", kind))
            pending += get_type_hints(kind).values()
        pending += get_args(kind)
    return found


def _is_enum(kind: Any) -> TypeGuard[type[Enum]]:
    return isinstance(kind, type) and issubclass(kind, Enum)


_SIMPLE: Final = frozenset({str, int, bool, float, type(None)})
_TEXT: Final = json.JSONEncoder(separators=(",", ":"))
_WRITERS: Final[dict[type, Callable[[Any], Any]]] = {
    tuple: lambda value: [_plain(item) for item in value],
    bytes: lambda value: {_TAG: "bytes", "base64": base64.b64encode(value).decode("ascii")},
    OrderedMap: lambda value: {_TAG: "map", "items": [[_plain(key), _plain(item)] for key, item in value.items()]},
}
_READERS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "bytes": lambda plain: base64.b64decode(plain["base64"]),
    "map": lambda plain: OrderedMap((_value(key), _value(item)) for key, item in plain["items"]),
}


def _enum_writer(name: str) -> Callable[[Any], Any]:
    return lambda value: {_TAG: name, "value": value.value}


def _enum_reader(cls: type[Enum]) -> Callable[[dict[str, Any]], Any]:
    return lambda plain: cls(plain["value"])


for _class in _classes():
    if _is_enum(_class):
        _WRITERS[_class] = _enum_writer(_class.__name__)
        _READERS[_class.__name__] = _enum_reader(_class)
    else:
        _WRITERS[_class] = _write_fields(_class)
        _READERS[_class.__name__] = _read_fields(_class)

__all__ = ["decode", "encode"]
