"""What was found out of a signature or a failing request: a value, and how its lines are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from azfiles.cli import wording
from azfiles.core.signed_texts import Difference
from azfiles.redaction import redact_text

_NAMES: Final[Mapping[str, str]] = {
    "sp": "sp (permissions)",
    "st": "st (start)",
    "se": "se (end)",
    "si": "si (stored policy)",
    "sip": "sip (IP addresses)",
    "spr": "spr (protocols)",
    "sv": "sv (service version)",
    "ss": "ss (services)",
    "srt": "srt (resource types)",
}


@dataclass(frozen=True)
class Explanation:
    """``facts`` are pairs for a table, ``problems`` why it does not work, each a sentence, ``differences`` where what was
    signed and what the service computed part. ``plain`` is all of it for programs.
    """

    facts: Sequence[tuple[str, str]]
    problems: Sequence[str]
    notes: Sequence[str] = ()
    differences: Sequence[Difference] = ()
    plain: Mapping[str, object] = field(default_factory=dict[str, object])


def trouble(problems: Sequence[str], parted: Sequence[Difference]) -> dict[str, object]:
    """What is wrong, for programs."""
    return {
        "problems": list(problems),
        "differences": [
            {"line": one.name, "signed": _shown(one.client), "service": _shown(one.service)} for one in parted
        ],
    }


def line_shown(difference: Difference) -> str:
    """The name of a line, with what it means."""
    return _NAMES.get(difference.name, difference.name)


def value_shown(value: str | None) -> str:
    return "no such line" if value is None else wording.shown(_shown(value) or "") or "empty"


def _shown(value: str | None) -> str | None:
    return None if value is None else redact_text(value)


__all__ = ["Explanation", "line_shown", "trouble", "value_shown"]
