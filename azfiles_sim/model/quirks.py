"""Ways in which the service once behaved otherwise, or may: each has a name, a default and its evidence."""

from __future__ import annotations

from typing import Final

from azfiles_sim.quick import dataclass


@dataclass(frozen=True, slots=True)
class Quirks:
    """Switches for a whole simulator; no rule looks at a request's date or at who sent it."""

    etag_follows_explicit_times: bool = False
    """Create takes an explicit change time, or else an explicit last-write time, for change time, ETag and
    Last-Modified. Recorded in 2019 (create with last-write time) and in 2022 (create with change time); not in 2025,
    when the ETag stayed the server's now."""

    put_range_keeps_times: bool = False
    """Put Range moves the ETag but neither last-write nor change time. Recorded in 2019; today both are the ETag's."""

    deleted_share_name_is_held: bool = False
    """Create Share answers ShareBeingDeleted for 30 seconds after a delete, as the documents say at least. Off, because
    tests that delete and create a share again would have to wait; recorded sessions do not show how long it lasts."""

    pending_copy_bytes_per_s: int | None = None
    """Copies from another account are pending for as long as their bytes take at this speed, as the documents let
    expect; inside an account a copy is over at once (recorded). Off, because no time passes on its own in a test."""

    def __post_init__(self) -> None:
        if self.pending_copy_bytes_per_s is not None and self.pending_copy_bytes_per_s < 1:
            raise ValueError("a pending copy needs a speed of at least one byte in a second")


TODAY: Final = Quirks()
RECORDED_2019: Final = Quirks(etag_follows_explicit_times=True, put_range_keeps_times=True)
"""The service as the sessions recorded in 2019 show it (API versions 2018-11-09 and 2019-02-02)."""

__all__ = ["RECORDED_2019", "TODAY", "Quirks"]
