"""YAML and JSON text to plain values: safe, with PyYAML's C part where it was built, the garbage collector paused."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Generator
from functools import cache
from types import ModuleType
from typing import Any, TypeGuard

from azfiles.errors import CassetteError

_TAG = "tag:yaml.org,2002:python/"


def load(text: str, source: str) -> Any:
    """The value that YAML or JSON text stands for. Raises ``CassetteError``; ``source`` is what it calls the text."""
    with _collector_paused():
        if text.lstrip()[0] == "{":
            # JSON first: YAML reads most of it too, but takes the halves of an escaped surrogate pair one by one.
            with contextlib.suppress(ValueError):
                return json.loads(text)
        yaml = import_yaml()
        try:
            return yaml.load(text, Loader=_loader())
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise CassetteError(f"cassette {source}: not readable as YAML or JSON: {_first_words(error)}") from None


def import_yaml() -> ModuleType:
    """PyYAML, which the base install goes without. Raises a ``CassetteError`` that names the extra."""
    try:
        import yaml
    except ImportError as error:
        raise CassetteError("cassettes need PyYAML: install azfiles-toolkit[recording]") from error
    return yaml


def is_mapping(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


@contextlib.contextmanager
def _collector_paused() -> Generator[None, None, None]:
    """Loading makes many objects and no garbage; the cyclic collector would go through them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _first_words(error: Exception) -> str:
    """What and where, without the excerpt of the file that PyYAML adds: a damaged cassette may hold anything."""
    problem = getattr(error, "problem", None) or type(error).__name__
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else str(problem)


@cache
def _loader() -> Any:
    """PyYAML's safe loader plus the harmless Python tags that vcrpy's loader knows. No tag makes an object of a class
    that the file names.
    """
    yaml = import_yaml()
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("CassetteLoader", (base,), {})  # its own class: PyYAML keeps constructors on the class
    loader.add_constructor(f"{_TAG}str", _construct_text)
    loader.add_constructor(f"{_TAG}unicode", _construct_text)
    loader.add_constructor(f"{_TAG}tuple", _construct_list)
    loader.add_constructor(f"{_TAG}object/new:_io.BytesIO", _construct_file_body)
    loader.add_constructor(f"{_TAG}object/apply:builtins.iter", _construct_iterated_body)
    return loader


def _construct_text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


def _construct_list(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node, deep=True)


def _construct_file_body(loader: Any, node: Any) -> Any:
    """The content that a file object had when it was recorded as a body: the first item of its state."""
    state = loader.construct_mapping(node, deep=True).get("state")
    return state[0] if is_list(state) and state else b""


def _construct_iterated_body(loader: Any, node: Any) -> Any:
    """The pieces that an iterator gave when it was recorded as a body."""
    arguments = loader.construct_mapping(node, deep=True).get("args")
    return arguments[0] if is_list(arguments) and arguments else []


__all__ = ["import_yaml", "is_list", "is_mapping", "load"]
