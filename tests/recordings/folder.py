"""Where the recordings of the real service are: they are not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_VARIABLE = "AZFILES_RECORDINGS"
DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings"


def recordings_folder() -> Path:
    """The folder that the environment names, else the one shared beside the repository."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def find_recordings() -> list[Path]:
    return sorted(recordings_folder().glob("*.yaml"))
