"""How much is compared: the one place that decides it. ``AZFILES_PROOF=1`` asks for the long counts."""

from __future__ import annotations

import os
from random import SystemRandom
from typing import Final

from tests.proof import FOLDER, PROVING

STEPS: Final = 40
"""Steps of one example at most."""

EXAMPLES: Final = 100
"""Examples of one machine in an ordinary run, and of one piece of a long count."""

COMPARED: Final = {"ShareLease": 20_000, "FileLease": 20_000, "Ranges": 20_000}
OTHERWISE_COMPARED: Final = 5_000
"""Steps that a long count compares, by machine."""

COUNTS: Final = FOLDER if PROVING else None
"""Where long counts are kept, so that one that was interrupted goes on where it stopped."""

SEED: Final = int(os.environ.get("AZFILES_ORACLE_SEED") or SystemRandom().randrange(1 << 32))
"""The seed of an ordinary run, another one each time. Long counts begin at 0."""


def steps_to_compare(machine: str) -> int:
    return COMPARED.get(machine, OTHERWISE_COMPARED)
