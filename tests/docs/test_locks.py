"""The code in docs/locks.md runs as it stands there, and its tables are what the code has."""

from __future__ import annotations

import ast
import asyncio
import re
from typing import Any

import pytest

import azfiles
from azfiles.flows.locking.companion import companion_of, to_metadata
from azfiles.models import LockRecord
from tests.docs.following import DOCS, Reader
from tests.flows.feeding import target
from tests.locks.worlds import acquired, connected, world_in

PAGE = (DOCS / "locks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def executed(number: int, names: dict[str, Any]) -> dict[str, Any]:
    code = compile(BLOCKS[number], f"docs/locks.md, block {number}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, names)
    if waiting is not None:
        asyncio.run(waiting)
    return names


def test_the_page_runs_from_its_beginning() -> None:
    reader = Reader(DOCS / "locks.md", shell=False)
    assert reader.follow() == len(BLOCKS)
    assert (reader.names["result"], reader.names["length"]) > (0, 0)
    assert bytes(reader.names["file"].download()) == b"newd: 18more"


def test_a_file_and_a_share_are_locked() -> None:
    world = world_in("given back")
    share = azfiles.connect(world.simulator.handle, clock=world.clock).share("data")
    names = executed(1, {"file": share.file("d/f"), "share": share})
    assert bytes(share.file("d/f").get().content).endswith(b"more")
    assert isinstance(names["result"], int)


def test_leases_are_found_and_ended(capsys: pytest.CaptureFixture[str]) -> None:
    world = world_in("given back")
    acquired(world)
    share = connected(world).share("data")
    executed(3, {"share": share, "file": share.file("d/f")})
    assert capsys.readouterr().out.startswith("d/f infinite LockRecord(token=")
    assert share.find_leases() == ()


def test_the_format_is_as_the_table_says() -> None:
    rows = re.findall(r"^\| `(azfiles_\w+)` \|", PAGE, re.MULTILINE)
    assert rows == list(to_metadata(LockRecord(1, held=True, ttl_s=1.0, owner="x")))
    row = re.search(r"^\| `azfiles_state` \|.*$", PAGE, re.MULTILINE)
    assert row is not None
    states = [(True, False), (False, False), (False, True)]
    words = [to_metadata(LockRecord(1, held=held, ttl_s=1.0, unsettled=late))["azfiles_state"] for held, late in states]
    assert re.findall(r"`(\w+)`", row[0]) == ["azfiles_state", *words]
    assert companion_of(target("report.csv")).path == (".report.csv.azfiles-lock",)
    assert "`.report.csv.azfiles-lock`" in PAGE
