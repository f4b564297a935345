"""What the marks of a test and the command line ask for, together.

The command line goes before the mark. Nothing is recorded in CI unless the command line says so, and a mark that
says ``mode="none"`` is final: that cassette is never written, and its test asks nobody else.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import PureWindowsPath
from typing import Any, Final, cast

import pytest

from azfiles.cassette.bodies import BODY_LIMIT
from azfiles.transports.taping import MODES, Mode

MARK: Final = "azfiles_cassette"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The arguments of the mark ``azfiles_cassette``: mostly those of ``azfiles.use_cassette``, and the file's name."""

    name: str | None = None
    mode: Mode | None = None
    secrets: tuple[str, ...] = ()
    body_limit: int | None = BODY_LIMIT
    sealed: bool = False
    allow_unplayed: bool = False
    repeat_last: bool = False
    continue_with_simulator: bool = False
    """Whether what a replay has no answer to goes on in a simulator that is in the state at the recording's end."""


def asked_of(item: pytest.Item) -> Asked | None:
    """What the marks of a test, its class and its module say, the nearest first; secrets add up. ``None`` without a mark.

    Raises ``ValueError`` for what cannot be meant.
    """
    marks = list(item.iter_markers(MARK))
    if not marks:
        return None
    merged: dict[str, Any] = {}
    secrets: list[str] = []
    for mark in reversed(marks):
        given = dict(mark.kwargs)
        if len(mark.args) > 1:
            raise ValueError(f"the mark {MARK} takes a name, and all else by keyword")
        if mark.args:
            given["name"] = mark.args[0]
        check_mark(given)
        secrets += given.pop("secrets", ())
        merged |= given
    return Asked(**merged, secrets=tuple(secrets))


def check_mark(given: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` for arguments of a mark that cannot be meant."""
    known = [one.name for one in fields(Asked)]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; it knows {', '.join(known)}"
            raise ValueError(f"the mark {MARK} knows no {name!r}{meant}")
    if given.get("mode") not in {None, *MODES}:
        raise ValueError(f"the mark {MARK}: mode {given['mode']!r} is none of {', '.join(MODES)}")
    secrets: object = given.get("secrets", ())
    if not isinstance(secrets, list | tuple | set | frozenset) or not all(
        isinstance(one, str) for one in cast("Iterable[object]", secrets)
    ):
        raise ValueError(f"the mark {MARK}: secrets is a list of texts")
    limit: object = given.get("body_limit")
    if limit is not None and (not isinstance(limit, int) or limit < 0):
        raise ValueError(f"the mark {MARK}: body_limit {limit!r} is neither a number of bytes nor None")
    if given.get("name") is not None:
        _check_name(given["name"])


def _check_name(name: object) -> None:
    """A cassette lies in the folder ``cassettes`` or below it, under each operating system's rules."""
    path = PureWindowsPath(name) if isinstance(name, str) else None  # it parts at both kinds of slash
    if path is None or not path.name or path.anchor or ".." in path.parts:
        raise ValueError(f"the mark {MARK}: name {name!r} is not a file in the folder cassettes or below it")


def chosen_mode(options: Any, asked: Asked, environ: Mapping[str, str]) -> Mode:
    """In which mode a test's cassette is used. ``live`` is without the cassette."""
    if asked.mode == "none":
        return "none"
    if options.azfiles_simulator:
        return "live"
    if options.azfiles_record is not None:
        return cast("Mode", options.azfiles_record)
    if options.azfiles_live:
        return "live"
    if environ.get("CI", "").lower() not in {"", "0", "false"}:
        return "none"
    return asked.mode or "once"


__all__ = ["MARK", "Asked", "asked_of", "chosen_mode"]
