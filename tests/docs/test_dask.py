"""docs/dask.md does what it says, and tells of every option of workers."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import azfiles
from tests.docs.following import DOCS, Reader, blocks_of, reading
from tests.filesystem.needing import need
from tests.proof import THOROUGH
from tests.trees.local import plant

PAGE = DOCS / "dask.md"


class Saving(Reader):
    """Who saves the programs of a page, and starts each by itself: they start processes, which import them."""

    def _run(self, block, names) -> str:
        name = block.text.split()[1]
        Path(name).write_text(self._filled_in(block.text), encoding="utf-8")
        environment = {**os.environ, **self.environment}
        done = subprocess.run([sys.executable, name], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.skipif(not THOROUGH, reason="starting a Dask cluster takes seconds; make coverage does it")
def test_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dask.dataframe", "distributed", "pandas", "pyarrow"):
        need(name)
    monkeypatch.chdir(tmp_path)
    plant(tmp_path / "photos", {f"{number}.jpg": b"sea" for number in range(5)})
    with (
        reading(PAGE, shell=False) as found,
        azfiles.connect(found.environment["AZURE_STORAGE_CONNECTION_STRING"]) as to,
    ):
        to.share("data").create()
        reader = Saving(PAGE, shell=False, environment=found.environment)
        reader.follow()
        assert reader.printed == "5 ()\n"
        photos = {found.path for found in to.share("data").root.walk() if found.path.endswith(".jpg")}
        assert photos == {f"{name}/{number}.jpg" for name in ("photos", "backup") for number in range(5)}
    assert sum(block.language == "python" for block in blocks_of(PAGE)) == 3


def test_every_option_of_workers_is_told_of() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for option in inspect.signature(azfiles.TreeWorkers).parameters:
        assert option in text, option
    for name in ("upload_tree", "download_tree", "copy_tree", "delete_tree", "sync_up", "sync_down"):
        assert "executor" in inspect.signature(getattr(azfiles.DirectoryClient, name)).parameters
        assert f"`{name}`" in text
