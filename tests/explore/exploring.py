"""What all tests of explored seeds have in common."""

from __future__ import annotations

from azfiles_sim.explore.composing import compose
from azfiles_sim.explore.program import as_document, from_document
from azfiles_sim.explore.running import run


def nothing_found(seed, scale, *options):
    """The run of a seed, which must pass. ``options`` are the command's that mean this scale."""
    result = run(compose(seed, scale))
    again = " ".join((f"azfiles-sim explore --from {seed} --seeds 1", *options))
    assert result.violation is None, f"{again}\n{result.violation}"
    assert not result.undecided, again
    return result


def check_repeats(program):
    """The same number gives the same bytes, and its program can be kept."""
    assert run(program).digest == run(program).digest
    assert from_document(as_document(program)) == program
