"""Writes the allow-list into docs/oracle.md: ``python -m tests.oracle.document``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.evidence.proofs import PROOFS
from tests.oracle.allow import ENTRIES

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "oracle.md"
HEADING: Final = "## The allow-list\n"
SOURCES: Final = {proof.name: proof.source for proof in PROOFS}


def allow_list() -> str:
    """The section, from its heading to the end of the page."""
    unproved = sum(not entry.proof for entry in ENTRIES)
    rows = [
        f"| {entry.name} | {entry.reason} | {', '.join(SOURCES[name] for name in entry.proof) or '**unproved**'} |\n"
        for entry in sorted(ENTRIES, key=lambda entry: (not entry.proof, entry.name))
    ]
    return (
        f"{HEADING}\n{len(ENTRIES)} entries, {unproved} of them unproved: nobody has shown what the service does there, and"
        " the simulator follows\nthe documents or a choice of its own. This list is made by"
        " `python -m tests.oracle.document`.\n\n| entry | what differs | proof |\n|---|---|---|\n" + "".join(rows)
    )


def text() -> str:
    return PATH.read_text(encoding="utf-8").partition(HEADING)[0] + allow_list()


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
