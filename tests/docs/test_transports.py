"""The code in docs/transports.md runs as it stands there, against a served simulator."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread

PAGE = (Path(__file__).parents[2] / "docs" / "transports.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What a reader has; the blocks go on where the one before left off."""
    with serve_in_thread(Simulator(), https=True, ca_dir=tmp_path_factory.mktemp("ca")) as server:
        yield {"azfiles": azfiles, "connection_string": server.connection_string, "ca_file": server.ca_file}


def test_each_block_runs(names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(names["ca_file"]))  # what the first block has no need to say
    from azfiles.transports import tls

    tls._context.cache_clear()
    for number, block in enumerate(BLOCKS):
        code = compile(block, f"docs/transports.md, block {number}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        outcome = eval(code, names)
        if inspect.iscoroutine(outcome):
            asyncio.run(outcome)
    tls._context.cache_clear()
    assert names["content"] == b"over sockets"
    assert names["counting"].requests == 1


def test_every_transport_is_told() -> None:
    told = set(re.findall(r"`(\w*Transport)`", PAGE.partition("```python")[0]))
    protocols = {"Transport", "AsyncTransport"}
    assert told == {name for name in azfiles.__all__ if name.endswith("Transport")} - protocols
