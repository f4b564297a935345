"""The API reference has every public name, and nothing else."""

from __future__ import annotations

import importlib
import re
from collections import defaultdict

import pytest

from tests.docs.following import DOCS

WHOLE = (
    "azfiles",
    "azfiles.filesystem",
    "azfiles.observers",
    "azfiles_sim",
    "azfiles_sim.faults",
    "azfiles_sim.testing",
)
"""Modules whose public names all stand in the reference; of others it has what their pages speak of."""

_ELSEWHERE = {"azfiles_sim.testing": {"strategies"}}  # has a section of its own, by its module


def told() -> dict[str, set[str]]:
    """The names that the pages ask autodoc for, by module."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in (DOCS / "api").glob("*.md"):
        module = ""
        for directive, name in re.findall(r"^\.\. (\w+):: ([\w.]+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            if directive == "currentmodule":
                module = name
            elif directive.startswith("auto") and directive != "automodule":
                found[module].add(name)
    return found


@pytest.mark.parametrize("module", WHOLE)
def test_every_public_name_is_in_the_reference(module: str) -> None:
    public = set(importlib.import_module(module).__all__) - _ELSEWHERE.get(module, set())
    assert told()[module] == public
