"""Searches seeds for a history of several clients that no correct service could have given."""

from __future__ import annotations

from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Carry out ``azfiles-sim explore`` and return its exit status (see ``command``)."""
    try:
        from azfiles_sim.explore.command import main as carry_out

        return carry_out(arguments)
    except KeyboardInterrupt:  # before the search began, so there is nothing to tell
        return INTERRUPTED


__all__ = ["INTERRUPTED", "main"]
