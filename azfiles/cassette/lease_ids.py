"""Lease ids: every spelling of one is the same id, in headers and wherever a text names one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from azfiles.cassette.interactions import Interaction, Lost
from azfiles.cassette.patterns import GUID, LEASE_HEADERS, WHOLE_GUID


def map_lease_ids(text: str, leases: Mapping[str, str]) -> str:
    """Text with each GUID that is a key of ``leases``, in any spelling, replaced by its value; one that was written
    without dashes, as in a file's name, is so after it.
    """

    def mapped(found: re.Match[str]) -> str:
        value = leases.get(normalize_lease_id(found[0]), found[0])
        return value if "-" in found[0] else value.replace("-", "")

    return GUID.sub(mapped, text)


def normalize_lease_id(text: str) -> str:
    """One spelling for all spellings of a GUID; what is not a GUID stays as it is."""
    text = text.strip()
    if WHOLE_GUID.fullmatch(text) is None:
        return text
    digits = text.strip("{}()").replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def lease_ids(interaction: Interaction) -> set[str]:
    """The lease ids in the headers of an interaction, in one spelling."""
    answered = () if isinstance(interaction.response, Lost) else interaction.response.headers
    pairs = (*interaction.request.headers, *answered)
    return {normalize_lease_id(value) for name, value in pairs if name.lower() in LEASE_HEADERS}


__all__ = ["lease_ids", "map_lease_ids", "normalize_lease_id"]
