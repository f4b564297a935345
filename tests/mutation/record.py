"""What was judged already, so that a run that was stopped goes on; it holds only for the same code, tests and seed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

Verdict = tuple[str, str]
"""An outcome, and what goes with it: the test that saw the mutant, or how many did not."""

KILLED: Final = "killed"
TIMED_OUT: Final = "timed out"
DOES_NOT_LOAD: Final = "does not load"
SURVIVED: Final = "survived"
OUTCOMES: Final = (KILLED, TIMED_OUT, DOES_NOT_LOAD, SURVIVED)


class Record:
    """A JSON file with a key. One that was made under another key, but for words ``but_for``, is as good as none."""

    def __init__(self, path: Path, key: Mapping[str, Any], *, but_for: Collection[str] = ()) -> None:
        self._path = path
        self._key = dict(key)
        kept = read(path)
        fits = kept is not None and all(kept.get(word) == key[word] for word in key if word not in but_for)
        self.content: dict[str, Any] = kept["content"] if kept is not None and fits else {}

    def save(self) -> None:
        """The former file stays until the new one is whole."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({**self._key, "content": self.content}) + "\n", encoding="utf-8")
        draft.replace(self._path)


def read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # none yet, or a damaged one
        return None
