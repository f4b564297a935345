"""What the simulator does not do of what is documented: the whole list of what it answers with 501.

Each row is refused by ``refusals.not_built`` and by nothing else; ``docs/coverage.md`` shows the table.
"""

from __future__ import annotations

from typing import Final

from azfiles_sim.quick import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is answered with 501: for which operations (by their numbers), what, and why it is not built."""

    operations: tuple[str, ...]
    what: str
    reason: str


FILE_TYPE: Final = Gap(
    ("F1",),
    "A value of the header x-ms-file-file-type other than Regular",
    "what the service makes of one on Create File is neither documented nor recorded; links have operations of their own",
)
PERMISSION_TO_BINARY: Final = Gap(
    ("H13",),
    "The binary form of a permission that was given as SDDL with what only Windows resolves",
    "names relative to a domain (DA) have no domain here; attributes of a resource and conditions in SDDL would have to be compiled",
)
STRUCTURED_SIZE: Final = Gap(
    ("F2",),
    "More than 65535 segments of 4 MiB with the header x-ms-structured-body",
    "the form counts its segments in 16 bits; what the service does beyond is not recorded",
)
GAPS: Final = (FILE_TYPE, PERMISSION_TO_BINARY, STRUCTURED_SIZE)

__all__ = ["FILE_TYPE", "GAPS", "PERMISSION_TO_BINARY", "STRUCTURED_SIZE", "Gap"]
