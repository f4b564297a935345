"""Every claim of ``azfiles_sim.testing.conformance`` on every arm: the same functions that a user's run collects."""

from __future__ import annotations

import ast
from pathlib import Path

from azfiles_sim.testing import conformance
from azfiles_sim.testing.conformance.test_bad_input import *  # noqa: F403
from azfiles_sim.testing.conformance.test_credentials import *  # noqa: F403
from azfiles_sim.testing.conformance.test_directories import *  # noqa: F403
from azfiles_sim.testing.conformance.test_files import *  # noqa: F403
from azfiles_sim.testing.conformance.test_handles import *  # noqa: F403
from azfiles_sim.testing.conformance.test_leases import *  # noqa: F403
from azfiles_sim.testing.conformance.test_links import *  # noqa: F403
from azfiles_sim.testing.conformance.test_names import *  # noqa: F403
from azfiles_sim.testing.conformance.test_newer_shares import *  # noqa: F403
from azfiles_sim.testing.conformance.test_service import *  # noqa: F403
from azfiles_sim.testing.conformance.test_shares import *  # noqa: F403
from azfiles_sim.testing.conformance.test_transfers import *  # noqa: F403


def test_no_claim_is_left_out() -> None:
    """Nor hidden by another one of the same name."""
    folder = Path(next(iter(conformance.__path__)))
    claims = [
        node.name
        for path in sorted(folder.glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert len(claims) == len(set(claims)) > 90
    assert set(claims) <= set(globals())
