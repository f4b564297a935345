"""Packages that only CI has to have: a missing one is a failure there, and elsewhere a skip that names it."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest

from tests.proof import THOROUGH

_REQUIRED = os.environ.get("AZFILES_REQUIRE_FOREIGN") == "1"


def need(name: str) -> Any:
    """The module, or a skip; with ``AZFILES_REQUIRE_FOREIGN=1`` a failure where it is missing."""
    if not (THOROUGH or _REQUIRED):
        pytest.skip(f"{name} is slow to load: make coverage does it, with what make foreign-tools installs")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if _REQUIRED:
            raise
        pytest.skip(f"{missing.name} is not installed (make foreign-tools, the extra 'ecosystem')")
