"""What goes wrong in a script of the user's, told shortly: the error, and the script's own lines on the way to it."""

from __future__ import annotations

import traceback
from pathlib import Path


def explain_failure(script: Path, error: BaseException) -> str | None:
    """The error and where in the script, or in what lies beside it, it came about. ``None`` where neither had a part in
    it: then the error is nobody's but ours.
    """
    folder = script.resolve().parent
    lines = [
        f"  {place.filename}, line {place.lineno}, in {place.name}"
        for place in traceback.extract_tb(error.__traceback__)
        if Path(place.filename).resolve().parent == folder
    ]
    if isinstance(error, SyntaxError) and error.filename is not None:
        lines.append(f"  {error.filename}, line {error.lineno}")
        what = error.msg
    else:
        what = str(error)
    if not lines:
        return None
    return "\n".join([f"script {script}: {type(error).__name__}: {what}".rstrip(": "), *lines])


__all__ = ["explain_failure"]
