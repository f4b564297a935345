"""YAML and JSON to plain values, safely: the fast reader first, and PyYAML for what that leaves alone."""

from __future__ import annotations

import contextlib
import gc
import io
import json
from collections.abc import Generator
from functools import cache
from types import ModuleType
from typing import Any, BinaryIO, TypeGuard

from azfiles.cassette.yaml_blocks import TakeBinary, UnusualYaml, read_blocks
from azfiles.errors import CassetteError

_TAG = "tag:yaml.org,2002:python/"


def load(file: BinaryIO, source: str, take_binary: TakeBinary) -> Any:
    """The value that a file of YAML or JSON stands for. Raises ``CassetteError``; ``source`` is what it calls the file.

    ``take_binary`` makes values of large ``!!binary`` blocks where the fast reader meets them; else they are ``bytes``.
    """
    yaml = import_yaml()
    lines = io.TextIOWrapper(file, encoding="ascii", newline="\n")
    try:
        return read_blocks(lines, take_binary)
    except (UnusualYaml, UnicodeDecodeError, RecursionError):
        pass
    finally:
        lines.detach()
    file.seek(0)
    text = _text_of(file.read(), source)
    if text.lstrip()[0] == "{":
        # JSON first: YAML reads most of it too, but takes the halves of an escaped surrogate pair one by one.
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(text)
    try:
        return yaml.load(text, Loader=_loader())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CassetteError(f"cassette {source}: not readable as YAML or JSON: {_first_words(error)}") from None


def _text_of(data: bytes, source: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CassetteError(f"cassette {source}: not UTF-8 text at byte {error.start}") from None
    if not text.strip():
        raise CassetteError(f"cassette {source}: the file is empty")
    return text


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
def collector_paused() -> Generator[None, None, None]:
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


__all__ = ["collector_paused", "import_yaml", "is_list", "is_mapping", "load"]
