"""The code in docs/retries.md runs as it stands there; its table has tests in ``tests/flows``."""

from __future__ import annotations

import azfiles
from azfiles_sim import Simulator
from tests.docs.following import DOCS, blocks_of

POLICIES, SWAPS = (block.text for block in blocks_of(DOCS / "retries.md") if block.language == "python")


def names() -> dict[str, object]:
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    share.file("f").upload(b"line\n")
    return {"azfiles": azfiles, "to": "UseDevelopmentStorage=true", "share": share, "file": share.file("f")}


def test_policies_are_given_to_a_client_a_call_and_a_file() -> None:
    known = names()
    exec(compile(POLICIES, "docs/retries.md, policies", "exec"), known)
    share = known["share"]
    assert isinstance(share, azfiles.ShareClient)
    assert [entry.name for entry in share.root.list()] == []


def test_content_is_swapped_and_made() -> None:
    known = names()
    exec(compile(SWAPS, "docs/retries.md, swaps", "exec"), known)
    share = known["share"]
    assert isinstance(share, azfiles.ShareClient)
    assert share.file("f").download() == b"new content"
    assert share.file("new.txt").download() == b"first content"
