"""Which of the project's functions are called: by a trace of calls only, which costs little."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import CodeType, FrameType
from typing import Self

from tests.mutation.reach import Function


class Trace:
    """The project's functions that are called while this is on."""

    def __init__(self, root: Path) -> None:
        self.functions: set[Function] = set()
        self.began = 0.0
        self._codes: set[CodeType] = set()
        self._files: dict[str, str | None] = {}
        self._root = root

    def __enter__(self) -> Self:
        self.begin()
        threading.settrace(self._called)
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def begin(self) -> None:
        self.functions = set()
        self._codes = set()
        self.began = time.process_time()
        sys.settrace(self._called)  # something in the last test may have taken it away

    def _called(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code in self._codes:
            return
        self._codes.add(code)
        if code.co_filename not in self._files:
            self._files[code.co_filename] = file_of(code, self._root)
        file = self._files[code.co_filename]
        if file is not None and code.co_name != "<module>":
            self.functions.add((file, code.co_qualname.partition(".<locals>")[0]))


def file_of(code: CodeType, root: Path) -> str | None:
    """The file of a function as its path within the project, None for those of others."""
    name = code.co_filename
    return name[len(str(root)) + 1 :] if name.startswith(f"{root}/") and "/.venv/" not in name else None
