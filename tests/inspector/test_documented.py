"""``docs/inspector.md`` says what is so, and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

from azfiles_sim.inspector.cassettes import MOST_CASSETTE_BYTES
from azfiles_sim.inspector.exchanges import EXCERPT_BYTES, MOST_BYTES
from azfiles_sim.inspector.watching import JOURNAL_LIMIT
from azfiles_sim.journal import DEFAULT_LIMIT
from azfiles_sim.server.command import INSPECTOR_HOST
from azfiles_sim.server.options import DEFAULT_INSPECTOR_PORT, parse_arguments

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "inspector.md").read_text(encoding="utf-8")


def test_the_limits_are_those_of_the_code():
    for told in (
        f"the newest {JOURNAL_LIMIT:,} requests, not {DEFAULT_LIMIT:,}",
        f"the first {EXCERPT_BYTES // 1024} KiB of the\nbody",
        f"at most {MOST_BYTES >> 20} MiB",
        f"by its path ({MOST_CASSETTE_BYTES >> 20} MiB at most)",
        f"another port than {DEFAULT_INSPECTOR_PORT}",
        f"listens on {INSPECTOR_HOST} only",
    ):
        assert told in PAGE


def test_the_command_is_one():
    [block] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert parse_arguments(block.split()[1:]).inspect == DEFAULT_INSPECTOR_PORT


def test_each_picture_is_named_is_there_and_is_small():
    named = set(re.findall(r"\((images/[\w-]+\.png)\)", PAGE))
    there = {f"images/{path.name}" for path in (DOCS / "images").glob("inspector-*.png")}
    assert named == there
    assert all((DOCS / name).stat().st_size < 200_000 for name in there)
