"""A cassette beside what the simulator answers: what the page needs of it, and the one that is open.

Who opens one knows both sides of this house (``azfiles_sim/testing/cassettes/beside.py``) and is handed in.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from azfiles_sim.inspector.exchanges import EXCERPT_BYTES, Excerpt
from azfiles_sim.inspector.scrubbing import Scrubber
from azfiles_sim.messages import HeaderPairs

Json: TypeAlias = dict[str, Any]

MOST_CASSETTE_BYTES: Final = 64 * 1024 * 1024
"""A larger file is not opened: all of it is read, and each of its requests is sent."""


class AnswerLike(Protocol):
    """What came back, from the service or from the simulator."""

    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def headers(self) -> HeaderPairs: ...
    @property
    def body(self) -> bytes: ...


class DriftLike(Protocol):
    """One place where the simulator answers otherwise."""

    @property
    def field(self) -> str: ...
    @property
    def recorded(self) -> str | None: ...
    @property
    def simulated(self) -> str | None: ...
    @property
    def problem(self) -> str: ...


class BesideLike(Protocol):
    """One interaction: what was asked, both answers, and where they differ. None: there was no answer."""

    @property
    def request(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def headers(self) -> HeaderPairs: ...
    @property
    def body(self) -> bytes: ...
    @property
    def recorded(self) -> AnswerLike | None: ...
    @property
    def simulated(self) -> AnswerLike | None: ...
    @property
    def drift(self) -> Sequence[DriftLike]: ...


class OpenedLike(Protocol):
    """A whole cassette. ``problem`` is why it could not be played, empty where it could."""

    @property
    def behaviour(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def interactions(self) -> Sequence[BesideLike]: ...


OpenCassette: TypeAlias = Callable[[Path], OpenedLike]
"""Holds the cassette of a path to a fresh simulator. Raises ValueError or OSError with what is wrong in one line."""


class Cassettes:
    """The cassette that is open; opening another one forgets it. Safe to use from several threads."""

    def __init__(self, open_cassette: OpenCassette, scrubber: Scrubber) -> None:
        self._open = open_cassette
        self._scrubber = scrubber
        self._lock = threading.Lock()
        self._name = ""
        self._opened: OpenedLike | None = None

    def open_path(self, path: Path) -> Json:
        """Open a cassette of this machine's disk. Raises ValueError and OSError."""
        if not path.is_absolute():
            raise ValueError("the cassette's path must be absolute: the server does not know your folder")
        size = path.stat().st_size
        if not path.is_file():  # a pipe or a device may have no end
            raise ValueError(f"{path} is no file")
        if size > MOST_CASSETTE_BYTES:
            raise ValueError(f"{path} has {size} bytes; at most {MOST_CASSETTE_BYTES} are read here")
        return self._remember(path.name, self._open(path))

    def open_text(self, name: str, text: str) -> Json:
        """Open a cassette that came as a text. Raises ValueError."""
        with tempfile.TemporaryDirectory(prefix="azfiles-inspector-") as folder:
            suffix = ".json" if name.lower().endswith(".json") else ".yaml"
            path = Path(folder) / f"cassette{suffix}"
            path.write_text(text, encoding="utf-8")
            try:
                opened = self._open(path)
            except ValueError as error:
                raise ValueError(str(error).replace(str(path), name)) from None
        return self._remember(name, opened)

    def summary(self) -> Json:
        """The open cassette's interactions in one line each; ``name`` is null where none is open."""
        with self._lock:
            name, opened = self._name, self._opened
        if opened is None:
            return {"name": None}
        return {
            "name": name,
            "behaviour": opened.behaviour,
            "problem": opened.problem,
            "interactions": [_line(one) for one in opened.interactions],
        }

    def interaction(self, number: int) -> Json:
        """One interaction, counted from 1. Raises LookupError."""
        with self._lock:
            opened = self._opened
        if opened is None or not 1 <= number <= len(opened.interactions):
            raise LookupError("no cassette with such an interaction is open")
        one = opened.interactions[number - 1]
        return {
            "number": number,
            "method": one.method,
            "target": self._scrubber.target(one.target),
            "headers": self._scrubber.headers(one.headers),
            "body": self._body(one.body),
            "recorded": self._answer(one.recorded),
            "simulated": self._answer(one.simulated),
            "drift": [
                {
                    "field": d.field,
                    "recorded": self._differing(d.field, d.recorded),
                    "simulated": self._differing(d.field, d.simulated),
                    "problem": d.problem,
                }
                for d in one.drift
            ],
        }

    def _remember(self, name: str, opened: OpenedLike) -> Json:
        with self._lock:
            self._name, self._opened = name, opened
        return self.summary()

    def _answer(self, answer: AnswerLike | None) -> Json | None:
        if answer is None:
            return None
        return {
            "status": answer.status,
            "reason": self._scrubber.text(answer.reason),
            "headers": self._scrubber.headers(answer.headers),
            "body": self._body(answer.body),
        }

    def _differing(self, field: str, value: str | None) -> str | None:
        """A value that differs. Its field may be a header."""
        return None if value is None else self._scrubber.headers([(field, value)])[0][1]

    def _body(self, body: bytes) -> Json:
        return self._scrubber.body(Excerpt(body[:EXCERPT_BYTES], len(body)))


def _line(one: BesideLike) -> Json:
    return {
        "request": one.request,
        "recorded": None if one.recorded is None else one.recorded.status,
        "simulated": None if one.simulated is None else one.simulated.status,
        "drift": len(one.drift),
    }


__all__ = ["MOST_CASSETTE_BYTES", "Cassettes", "OpenCassette", "OpenedLike"]
