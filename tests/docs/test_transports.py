"""The code in docs/transports.md runs as it stands there, against a served simulator."""

from __future__ import annotations

import re

import azfiles
from tests.docs.following import DOCS, Reader

PAGE = (DOCS / "transports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_each_block_runs() -> None:
    reader = Reader(DOCS / "transports.md", shell=False)
    assert reader.follow() == len(BLOCKS)
    assert reader.names["content"] == b"over sockets"
    assert reader.names["counting"].requests == 1


def test_every_transport_is_told() -> None:
    told = set(re.findall(r"`(\w*Transport)`", PAGE.partition("```python")[0]))
    protocols = {"Transport", "AsyncTransport"}
    assert told == {name for name in azfiles.__all__ if name.endswith("Transport")} - protocols
