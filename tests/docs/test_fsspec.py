"""docs/fsspec.md does what it says, and tells of every option and environment variable."""

from __future__ import annotations

import inspect
from pathlib import Path

import fsspec
import pytest

import azfiles
from azfiles.clients.accounts import VARIABLES
from azfiles.filesystem import AzureFilesFileSystem
from tests.docs.following import DOCS, Block, Reader, blocks_of, reading
from tests.filesystem.needing import need

PAGE = DOCS / "fsspec.md"
WITH_PANDAS = "# sales.py"


class ReaderWithout(Reader):
    """A reader who has not installed pandas."""

    def _do(self, block: Block) -> str | None:
        return None if block.text.startswith(WITH_PANDAS) else super()._do(block)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with reading(PAGE, shell=False) as reader:
        for name, value in reader.environment.items():
            monkeypatch.setenv(name, value)
        with azfiles.connect(reader.environment["AZURE_STORAGE_CONNECTION_STRING"]) as service:
            service.share("data").create()
        yield reader.environment
        fs = fsspec.filesystem("azfiles")
        fs.disconnect()
        fs.clear_instance_cache()


def test_the_page_does_what_it_says(environment) -> None:
    assert ReaderWithout(PAGE, shell=False, environment=environment).follow() == 3


@pytest.mark.filterwarnings("default")
def test_the_page_does_what_it_says_with_pandas(environment) -> None:
    for name in ("pandas", "pyarrow", "upath"):
        need(name)
    assert Reader(PAGE, shell=False, environment=environment).follow() == 3
    assert sum(block.language == "python" for block in blocks_of(PAGE)) == 3


def test_every_option_and_variable_is_told_of() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for option in inspect.signature(AzureFilesFileSystem.__init__).parameters:
        assert option in {"self", "options"} or option in text, option
    for variable in VARIABLES:
        assert variable in text
