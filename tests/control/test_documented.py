"""``docs/control.md``: every example runs as it stands there, and every path is in its table."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread
from azfiles_sim.server.control_routes import ROUTES

TEXT = (Path(__file__).parents[2] / "docs" / "control.md").read_text(encoding="utf-8")
NEEDS_CURL = "curl is not installed"


def test_every_example_runs_in_the_order_of_the_document(tmp_path):
    if shutil.which("curl") is None and os.environ.get("AZFILES_REQUIRE_FOREIGN") != "1":
        pytest.skip(NEEDS_CURL)
    simulator = Simulator()
    with serve_in_thread(simulator, control=True) as served:
        told = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))
        for said, really in (
            ("http://127.0.0.1:10004/_azfiles/v1", served.control),
            ("TOKEN=a-token-of-my-own", f"TOKEN={served.control_token}"),
        ):
            assert told.count(said) == 1
            told = told.replace(said, really)
        ran = subprocess.run(
            ["sh", "-euc", told],
            env={**os.environ, "no_proxy": "*"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert '"closed": 1' in ran.stdout
    assert [account.name for account in simulator.control.accounts()] == ["devstoreaccount1"]


def test_the_table_has_every_path_once():
    told = re.findall(r"^\| `([A-Z]+) (\S*)` \|", TEXT, re.MULTILINE)
    assert sorted(told) == sorted((route.method, route.path) for route in ROUTES)


def test_the_examples_use_every_path_but_the_index():
    examples = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", "")
    for route in ROUTES[1:]:
        pattern = r"\$CONTROL" + re.escape(route.path).replace(r"\*", "[^/ ]+") + r"[ \"?\n]"
        method = "" if route.method == "GET" else f"--request {route.method} "
        assert re.search(rf"control {method}\"?{pattern}", examples + "\n"), (route.method, route.path)
