"""How far the long counts of ``make proof`` have come, so that one that was interrupted goes on where it stopped.

Each count has a small file under ``.proof``, which holds only for the code that it was made with. ``python -m
tests.proof`` prints the figures.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / ".proof"
PROVING: Final = os.environ.get("AZFILES_PROOF") == "1"
"""Whether the full counts are asked for (``make proof``)."""

THOROUGH: Final = PROVING or os.environ.get("AZFILES_THOROUGH") == "1"
"""Whether counts are to be CI's (``make coverage``), not those of ``make test``, which has to end within two minutes."""


def some(cases: Sequence[_T], quick: int) -> Sequence[_T]:
    """All of the cases where counts are CI's, the first few in ``make test``."""
    return cases if THOROUGH else cases[:quick]


CODE: Final = (
    "azfiles",
    "azfiles_sim",
    "tests/conformance/arms.py",
    "tests/crash",
    "tests/explore",
    "tests/faults",
    "tests/flows",
    "tests/fuzz",
    "tests/locks",
    "tests/machines",
    "tests/oracle",
    "tests/transfers",
    "tests/trees",
    "tests/versions/examples.py",
    "tests/wire/asking.py",
)


def code_version(places: Iterable[Path] = tuple(ROOT / place for place in CODE)) -> str:
    """A hash of all Python files in some places: what was counted with other code does not count."""
    summed = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            summed.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return summed.hexdigest()


class Count:
    """Figures of one count by their names. With no folder they are kept nowhere and begin anew."""

    def __init__(self, name: str, seed: int, *, folder: Path | None = None, version: str | None = None) -> None:
        self.figures: Counter[str] = Counter()
        self._key = {"seed": seed, "version": code_version() if version is None else version}
        self._path = None if folder is None else folder / f"{name}.json"
        kept = None if self._path is None else _read(self._path)
        if kept is not None and all(kept[word] == value for word, value in self._key.items()):
            self.figures.update(kept["figures"])

    def save(self) -> None:
        """Keep the figures as they are: the former file stays until the new one is whole."""
        if self._path is None:
            return
        self._path.parent.mkdir(exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({**self._key, "figures": self.figures}, indent=1) + "\n", encoding="utf-8")
        draft.replace(self._path)


def totals(folder: Path = FOLDER, version: str | None = None) -> dict[str, Counter[str]]:
    """The figures by kind of count, the part of its name before a hyphen; only those of this version."""
    version = code_version() if version is None else version
    found: dict[str, Counter[str]] = {}
    for path in sorted(folder.glob("*.json")):
        kept = _read(path)
        if kept is not None and kept["version"] == version:
            found.setdefault(path.stem.partition("-")[0], Counter()).update(kept["figures"])
    return found


def text(found: dict[str, Counter[str]]) -> str:
    return "".join(
        f"{kind}: {', '.join(f'{number} {name}' for name, number in figures.items())}\n"
        for kind, figures in found.items()
    )


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # none yet, or one that was damaged: counting begins anew
        return None


if __name__ == "__main__":
    sys.stdout.write(text(totals()))
