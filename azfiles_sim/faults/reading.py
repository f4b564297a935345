"""A script as a document: TOML or JSON, one form. Whatever is wrong in it is told with the rule's number and what would do.

```toml
seed = 7

[[rules]]
fault = "lose_reply"
operation = "Put Range*"
nth = [1, 3]

[[rules]]
fault = "refuse"
code = "ServerBusy"
retry_after_s = 2
path = "data/**"
probability = 0.1
```
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from azfiles_sim.faults.outcomes import WORDS
from azfiles_sim.faults.script import Rule, Script, one_of

Document: TypeAlias = dict[str, Any]


class PlanError(ValueError):
    """The document is no script. The message is one line."""


def read_plan(path: str | PathLike[str]) -> Script:
    """The script in a file: JSON where its name ends in ``.json``, else TOML. Raises PlanError, and OSError where the file
    cannot be read.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
        document: object = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{file}: {error}") from None
    try:
        return script_of(document)
    except PlanError as error:
        raise PlanError(f"{file}: {error}") from None


def script_of(document: object) -> Script:
    """The script that a document describes. Raises PlanError."""
    told = _table(document, "a plan")
    _refuse_unknown(told, ("seed", "by_name", "rules"), "the plan")
    seed = _whole(told.get("seed", 0), "seed")
    by_name = _truth(told.get("by_name", False), "by_name")
    rules = told.get("rules", [])
    if not isinstance(rules, list):
        raise PlanError("rules is a list")
    return Script(
        tuple(_rule(rule, number) for number, rule in enumerate(cast("list[object]", rules), 1)), seed, by_name
    )


def document_of(script: Script) -> Document:
    """The document that describes a script: ``script_of`` makes the same one of it."""
    return {"seed": script.seed, "by_name": script.by_name, "rules": [_told(rule) for rule in script.rules]}


# --- rules -----------------------------------------------------------------------------------------------------------


def _rule(value: object, number: int) -> Rule:
    try:
        told = _table(value, "it")
        word = told.get("fault")
        kind = WORDS.get(word) if isinstance(word, str) else None
        if kind is None:
            raise PlanError(f"fault is {one_of(word, WORDS)}")
        own = {field.name: field for field in fields(kind)}
        _refuse_unknown(told, ("fault", *_KEYS, *own), f"a rule of {word}")
        needed = [name for name, field in own.items() if field.default is MISSING and name not in told]
        if needed:
            raise PlanError(f"{word} needs {', '.join(needed)}")
        options = {name: _OF_TYPE[str(own[name].type)](told[name], name) for name in own if name in told}
        outcome: Any = kind(**options)
        where: Document = {field: read(told[key], key) for key, (field, read) in _KEYS.items() if key in told}
        return Rule(outcome, **where)
    except ValueError as error:
        raise PlanError(f"rule {number}: {error}") from None


def _told(rule: Rule) -> Document:
    outcome: Any = rule.outcome
    told: Document = {"fault": next(word for word, kind in WORDS.items() if kind is type(outcome))}
    told |= _differing(outcome)
    differing = _differing(rule)
    for key, (field, _) in _KEYS.items():
        if field in differing:
            value: Any = differing[field]
            told[key] = list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value
    return told


def _differing(value: Any) -> Document:
    """The fields that are not their defaults."""
    return {
        field.name: getattr(value, field.name)
        for field in fields(value)
        if getattr(value, field.name) != field.default and field.name != "outcome"
    }


# --- values ----------------------------------------------------------------------------------------------------------


def _table(value: object, what: str) -> Document:
    if not isinstance(value, dict):
        raise PlanError(f"{what} is a table of keys and values")
    return cast("Document", value)


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PlanError(f"{name} is a whole number")
    return value


def _number(value: object, name: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise PlanError(f"{name} is a number")
    return float(value)


def _truth(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise PlanError(f"{name} is true or false")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise PlanError(f"{name} is a text")
    return value


def _wholes(value: object, name: str) -> tuple[int, ...]:
    """One number or several."""
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    if any(not isinstance(item, int) or isinstance(item, bool) for item in items):
        raise PlanError(f"{name} is a whole number or a list of such")
    return tuple(cast("list[int]", items))


def _texts(value: object, name: str) -> tuple[str, ...]:
    """One text or several."""
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return tuple(_text(item, name) for item in items)


_Reader: TypeAlias = Callable[[object, str], Any]
_KEYS: Final[dict[str, tuple[str, _Reader]]] = {
    "operation": ("operations", _texts),
    "path": ("path", _text),
    "account": ("account", _text),
    "nth": ("nth", _wholes),
    "probability": ("probability", _number),
    "times": ("times", _whole),
    "after_s": ("after_s", _number),
    "until_s": ("until_s", _number),
}
"""What a rule of any fault may say: its key, the field of ``Rule``, and how it is read."""

_OF_TYPE: Final[dict[str, _Reader]] = {
    "float": _number,
    "int": _whole,
    "int | None": _whole,
    "bool": _truth,
    "str": _text,
    "str | None": _text,
}
"""How a field of an outcome is read, by its annotation."""


def _refuse_unknown(told: Mapping[str, object], known: Iterable[str], what: str) -> None:
    for name in told:
        if name not in set(known):
            raise PlanError(f"{what} has no {name!r}: {one_of(name, known)}")


__all__ = ["Document", "PlanError", "document_of", "read_plan", "script_of"]
