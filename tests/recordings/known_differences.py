"""Where the simulator knowingly answers otherwise than a recording, and why. Each entry is exact and must be needed."""

from __future__ import annotations

from dataclasses import dataclass

from azfiles_sim.testing.cassettes.comparing import Difference


@dataclass(frozen=True, slots=True)
class Known:
    """One expected difference: the interaction (from 0), the field, both values, and the reason."""

    interaction: int
    field: str
    recorded: str | None
    simulated: str | None
    reason: str

    def explains(self, found: Difference) -> bool:
        return (self.interaction, self.field, self.recorded, self.simulated) == (
            found.interaction,
            found.field,
            found.recorded,
            found.simulated,
        )


KNOWN_DIFFERENCES: dict[str, tuple[Known, ...]] = {}
