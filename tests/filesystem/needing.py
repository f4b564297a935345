"""Packages that only CI has to have: a missing one is a failure there, and elsewhere a skip that names it."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def need(name: str) -> Any:
    """The module, or a skip; with ``AZFILES_REQUIRE_FOREIGN=1`` a failure."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if os.environ.get("AZFILES_REQUIRE_FOREIGN") == "1":
            raise
        pytest.skip(f"{missing.name} is not installed (make foreign-tools, the extra 'ecosystem')")
