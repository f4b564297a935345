"""How much is compared: the one place that decides it. ``AZFILES_PROOF=1`` asks for the long counts."""

from __future__ import annotations

import os
from random import SystemRandom
from typing import Final

from tests.proof import FOLDER, PROVING

STEPS: Final = 40
"""Steps of one example at most."""

EXAMPLES: Final = 100
"""Examples of one piece of a long count, and the most of an ordinary run."""

_OTHERWISE_EXAMPLES: Final = {"Auth": 15}  # texts are slow to draw

_LEADING: Final = frozenset({"ShareLease", "FileLease", "Ranges"})
"""The machines of the areas that Azurite is the best witness of."""

COUNTS: Final = FOLDER if PROVING else None
"""Where long counts are kept, so that one that was interrupted goes on where it stopped."""

WALKS_SEED: Final = 20260504
_WALKS: Final = {"Auth": 8}
_OTHERWISE_WALKS: Final = 24

WALKS_PLAYED: Final = 4
"""How many of a machine's examples on tape an ordinary run takes to the simulator, and to Azurite. A long one takes all
to Azurite; seeded bugs are looked for in all.
"""

SEED: Final = int(os.environ.get("AZFILES_ORACLE_SEED") or SystemRandom().randrange(1 << 32))
"""The seed of an ordinary run, another one each time; ``.ci/run`` sets one, since what lands must not hang on a draw.
Long counts begin at 0.
"""


MODEL_EXAMPLES: Final = 40
"""Examples of the model machine for a seeded bug that Azurite cannot see."""

BUGS_TRIED: Final = 6
"""How many seeded bugs an ordinary run looks for with a live machine; a long one looks for all."""


def walks_on_tape(machine: str) -> int:
    """How many examples of a machine, drawn from ``WALKS_SEED``, are on tape: fewer than an ordinary run draws."""
    return _WALKS.get(machine, _OTHERWISE_WALKS)


def examples(machine: str) -> int:
    """Examples of an ordinary run: with Azurite, some four thousand steps of a leading machine take ten seconds."""
    return EXAMPLES if machine in _LEADING else _OTHERWISE_EXAMPLES.get(machine, 40)


def steps_to_compare(machine: str) -> int:
    """Steps that a long count compares at least."""
    return 20_000 if machine in _LEADING else 5_000
