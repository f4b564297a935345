"""A mistake to be found, put into the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from azfiles_sim.model import commands
from azfiles_sim.model.changes import PutNode
from azfiles_sim.model.rules import RULES


@contextmanager
def forgetting_metadata() -> Iterator[None]:
    """A mistake: Set File Metadata answers as it should and stores none."""
    real: Any = RULES[commands.SetFileMetadata]

    def wrong(context: Any, command: Any) -> Any:
        decision = real(context, command)
        kept = tuple(
            PutNode(change.tree, replace(change.node, metadata=())) if isinstance(change, PutNode) else change
            for change in decision.changes
        )
        return replace(decision, changes=kept)

    with patch.dict(RULES, {commands.SetFileMetadata: wrong}):
        yield
