"""Which ids of this run stand for which of a recording, one to one.

Lease ids are new in every run, and so are the names of temporary files: a live one stands for a recorded one from the
first request that carries it. A request fits where each of its ids either stands for the recorded one already, or
neither is taken yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from azfiles.cassette.lease_ids import map_lease_ids, normalize_lease_id

Ids: TypeAlias = tuple[tuple[str, str], ...]
"""The ids in a request by their role: a header's name, or where the name of a temporary file stands."""

TEMPORARY_NAME: Final = re.compile(r"(?<=\.azfiles-)[0-9a-f]{32}(?=\.[a-z]+)")
"""What is new in every run in the name of a temporary file."""
_BLANK: Final = "0" * 32


class Correspondence:
    """The pairs seen so far. Ids are given in the spelling of ``normalize_lease_id``."""

    def __init__(self) -> None:
        self._recorded: dict[str, str] = {}  # live -> recorded, normalized
        self._live: dict[str, str] = {}  # recorded, normalized -> live, as the client spelled it

    @property
    def recorded(self) -> Mapping[str, str]:
        """The recorded ids that those of this run stand for."""
        return self._recorded

    def __bool__(self) -> bool:
        return bool(self._live)

    def recorded_ids(self, live: Ids) -> Ids:
        """Live ids as they were recorded, as far as that is known."""
        return tuple((role, self._recorded.get(one, one)) for role, one in live)

    def fits(self, live: Ids, recorded: Ids) -> bool:
        """Whether binding these ids keeps the correspondence one to one, also among themselves."""
        forward: dict[str, str] = {}
        back: dict[str, str] = {}
        for (_, ours), (_, theirs) in zip(live, recorded, strict=True):
            bound = self._recorded.get(ours)
            taken = self._live.get(theirs)
            if bound is None and taken is None:
                if forward.setdefault(ours, theirs) != theirs or back.setdefault(theirs, ours) != ours:
                    return False
            elif bound != theirs:
                return False
        return True

    def bind(self, live: Ids, recorded: Ids, headers: Iterable[tuple[str, str]]) -> None:
        """From now on each of these stands for the other. ``headers`` of the live request tell how it spells them."""
        spelling = {normalize_lease_id(value): value.strip() for name, value in headers if "lease-id" in name.lower()}
        for (_, ours), (_, theirs) in zip(live, recorded, strict=True):
            self._recorded[ours] = theirs
            self._live.setdefault(theirs, spelling.get(ours, ours))

    def live_lease(self, as_recorded: str) -> str:
        """The live id that stands for a lease id in a response; one that the service chose stands for itself."""
        recorded = normalize_lease_id(as_recorded)
        if recorded not in self._live and recorded not in self._recorded:
            self._recorded[recorded] = recorded
            self._live[recorded] = as_recorded
        return self._live.get(recorded, as_recorded)

    def as_live(self, text: str) -> str:
        """A text of the recording with the ids of this run."""
        return map_lease_ids(text, self._live)

    def as_recorded(self, text: str) -> str:
        """A text of this run with the ids of the recording."""
        return map_lease_ids(text, self._recorded)


def without_names(text: str) -> tuple[str, list[str]]:
    """A path without what is new in every run in names of temporary files, and that."""
    if ".azfiles-" not in text:
        return text, []
    found = [normalize_lease_id(name) for name in TEMPORARY_NAME.findall(text)]
    return TEMPORARY_NAME.sub(_BLANK, text), found


__all__ = ["Correspondence", "Ids", "without_names"]
