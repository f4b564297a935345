"""Where the simulator knowingly answers otherwise than a recording, and why. Each entry is exact and must be needed."""

from __future__ import annotations

from dataclasses import dataclass

from .comparing import Difference


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


CORS = "the recorded account had CORS rules in July 2019, and so Vary on reads; the simulator has no CORS rules yet"

KNOWN_DIFFERENCES: dict[str, tuple[Known, ...]] = {
    "test_directory.test_set_directory_properties_with_empty_smb_properties": (
        Known(1, "Vary", "Origin", None, CORS),
        Known(3, "Vary", "Origin", None, CORS),
    ),
    "test_file.test_set_file_properties_with_file_permission": (
        Known(2, "Vary", "Origin", None, CORS),
        Known(3, "Vary", "Origin", None, CORS),
        Known(5, "Vary", "Origin", None, CORS),
    ),
    "test_share.test_create_permission_for_share": (Known(2, "Vary", "Origin", None, CORS),),
}
