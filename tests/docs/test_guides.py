"""The guides run as they stand: each block, one after another, and each prints what the page says.

Their reader knows nothing but the page: what a block needs stands in it, or above it.
"""

from __future__ import annotations

import builtins
import inspect
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from azure.core import exceptions as core_exceptions
from azure.storage import fileshare
from azure.storage.fileshare._download import StorageStreamDownloader as Downloader

import azfiles
from azfiles.core.failures import error_class
from azfiles_sim import Simulator
from azfiles_sim.wire.errors import TEXTS
from tests.docs.following import DOCS, ROOT, Reader, blocks_of, reading
from tests.proof import THOROUGH

GUIDES = {
    "index.md": 1,
    "getting-started.md": 4,
    "configuration.md": 3,
    "authentication.md": 6,
    "leases.md": 2,
    "streaming.md": 6,
    "testing-your-code.md": 4,
    "time-and-faults.md": 3,
    "troubleshooting.md": 1,
    "how-a-call-runs.md": 1,
    "install.md": 0,
    "containers.md": 0,
    "cassettes.md": 5,
    "retries.md": 2,
    "simulator.md": 2,
    "faults.md": 2,
    "transfers.md": 6,
    "moving/from-official-sdk.md": 2,
    "moving/from-azurite.md": 1,
    "moving/from-vcrpy.md": 2,
}
"""How many blocks of Python each has: a fence that is not read as one would run nowhere."""

READ_ELSEWHERE = {
    "cli.md": "tests/cli/test_page.py",
    "control.md": "tests/control/test_documented.py",
    "explore.md": "tests/explore/test_finding.py",  # its commands are read, and others carried out: these take minutes
    "inspector.md": "tests/inspector/test_documented.py",
}
"""Pages whose blocks are tested beside what they tell of. All others have a module of their name here."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AZFILES_CASSETTE_CACHE", "off")
    return tmp_path


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_does_what_it_says(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``sh`` blocks in CI: starting programs is slow."""
    with reading(DOCS / name, shell=THOROUGH) as reader:
        for variable, value in reader.environment.items():
            monkeypatch.setenv(variable, value)
        prepare(reader, folder)
        reader.follow()
    assert sum(block.language == "python" for block in blocks_of(DOCS / name)) == GUIDES[name]


def prepare(reader: Reader, folder: Path) -> None:
    """What a reader has before he begins."""
    if reader.page.name == "from-vcrpy.md":
        shutil.copy(ROOT / "cassettes" / "first_steps.yaml", folder / "session.yaml")
    if reader.page.name == "containers.md":
        (folder / "cassettes").mkdir()
        shutil.copy(ROOT / "cassettes" / "first_steps.yaml", folder / "cassettes")


def test_every_page_with_code_is_run_by_a_test() -> None:
    """And each test names the page that it is of."""
    modules = {f"{path.stem.removeprefix('test_')}.md": path for path in Path(__file__).parent.glob("test_*.py")}
    modules |= {page: ROOT / path for page, path in READ_ELSEWHERE.items()}
    for page in DOCS.rglob("*.md"):
        name = str(page.relative_to(DOCS))
        if name not in GUIDES and any(block.language in {"python", "sh"} for block in blocks_of(page)):
            assert page.name in modules[name].read_text(encoding="utf-8"), name


SHARE_LETTERS: dict[str, Callable[[azfiles.ShareClient, Path], object]] = {
    "download": lambda share, _: share.file("f").download(),
    "download_tree": lambda share, here: share.root.download_tree(here / "copy").raise_for_failures(),
    "put_range": lambda share, _: share.file("f").put_range(0, b"z"),
    "delete": lambda share, _: share.file("f").delete(),
    "upload": lambda share, _: share.file("f").upload(b"new"),
    "update": lambda share, _: share.file("f").update(lambda content: content + b"1"),
    "lock": lambda share, _: share.file("f").with_lock(lambda held: held.token),
    "upload_tree": lambda share, here: share.root.upload_tree(here / "local").raise_for_failures(),
    "sync_up": lambda share, here: share.root.sync_up(here / "local").raise_for_failures(),
    "sync_up(delete=True)": lambda share, here: share.root.sync_up(here / "local", delete=True).raise_for_failures(),
    "delete_tree": lambda share, _: share.directory("d").delete_tree().raise_for_failures(),
}


def letters_told() -> dict[str, str]:
    section = (DOCS / "authentication.md").read_text(encoding="utf-8").partition("| task | letters |")[2]
    rows = re.findall(r"^\| (`.+`) \| `([rcwdl]+)` \|$", section, re.MULTILINE)
    return {task: letters for tasks, letters in rows for task in re.findall(r"`([^`]+)`", tasks)}


@pytest.mark.parametrize("task", SHARE_LETTERS)
def test_the_letters_told_are_enough_and_none_can_be_left_out(task: str, tmp_path: Path) -> None:
    letters = letters_told()[task]
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "one").write_bytes(b"1")
    assert allows(letters, task, tmp_path)
    assert not any(allows(letters.replace(one, ""), task, tmp_path) for one in letters if len(letters) > 1)


def allows(letters: str, task: str, here: Path) -> bool:
    simulator = Simulator()
    share = azfiles.connect(simulator.handle).share("data")
    share.create()
    share.file("f").create(8)
    share.directory("d").create()
    share.file("d/g").create(1)
    client = azfiles.connect(simulator.handle, share.make_sas(permissions=letters), retry=None)
    try:
        SHARE_LETTERS[task](client.share("data"), here)
    except azfiles.TreeIncomplete as error:
        return not all(isinstance(one.error, azfiles.AuthenticationFailed) for one in error.report.failures)
    except azfiles.AuthenticationFailed:
        return False
    return True


def test_each_task_of_the_table_of_letters_is_tried() -> None:
    assert letters_told().keys() == SHARE_LETTERS.keys()


def test_troubleshooting_has_every_code_with_its_class() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[A-Z]\w+`(?:, `\w+`)*) \| `(\w+)` \|", text, re.MULTILINE)
    told = {code: kind for codes, kind in rows for code in re.findall(r"`(\w+)`", codes)}
    assert told == {code.value: error_class(status, code.value).__name__ for code, (status, _) in TEXTS.items()}


def test_troubleshooting_tells_the_class_of_any_other_code() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    section = text.partition("## Any other code")[2].partition("## ")[0]
    told = re.findall(r"^\| (\d.*|all else) \| `(\w+)` \|$", section, re.MULTILINE)
    assert len(told) == 9
    for statuses, kind in told:
        code = "LeaseOfTomorrow" if "Lease" in statuses else "Unheard"
        for status in re.findall(r"\d+", statuses) or ["400"]:
            assert error_class(int(status), code).__name__ == kind


def test_troubleshooting_has_every_error_without_a_code() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    section = text.partition("## No code")[2].partition("## ")[0]
    told = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    kinds = {name for name in azfiles.errors.__all__ if not issubclass(getattr(azfiles, name), azfiles.ServiceError)}
    assert told == kinds - {"AzureFilesError"}


def test_every_extra_is_in_the_table() -> None:
    text = (DOCS / "install.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert told == project["optional-dependencies"].keys()


def test_every_variable_is_told() -> None:
    """Each variable of ours that the code reads has its row among the settings."""
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    read = {
        name
        for package in ("azfiles", "azfiles_sim")
        for module in (ROOT / package).rglob("*.py")
        for name in re.findall(r"\"((?:AZFILES|AZURE_STORAGE)_[A-Z_]+)\"", module.read_text(encoding="utf-8"))
    }
    assert read <= set(re.findall(r"`(\w+)`", text))


def test_the_benchmarks_that_were_measured_are_the_ones_told_of() -> None:
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    told, missing = text.partition("so far: ")[2].split("Those of")
    results = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    first_headings = {
        "targets": "## The seed's targets",
        "bulk": "## Upload of 1024 MiB over http, 4 at once",
        "bulk_tls": "## Upload of 1024 MiB over https, 4 at once",
        "connections": "## Upload of 256 MiB over http, 1 at once",
        "small_operations": "## Small operations",
        "files": "## 10,000 files",
        "starting": "## Import",
        "in_process": "## In process",
        "emulators": "## Served simulator and Azurite",
        "transports": "## Libraries",
    }
    for table, heading in first_headings.items():
        assert (f"`{table}`" in told) == (heading in results) == (f"`{table}`" not in missing), table


def test_the_settings_told_are_the_defaults() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    timeouts, retry, circuit = azfiles.Timeouts(), azfiles.RetryPolicy(), azfiles.CircuitPolicy()
    told = f"{timeouts.metadata_s:g} s, data {timeouts.data_s:g} s, lists {timeouts.listing_s:g} s, leases {timeouts.lease_s:g} s"
    assert told in text
    assert f"{retry.attempts} tries, {retry.deadline_s:g} s" in text
    assert (
        circuit.failure_rate,
        f"half of {circuit.least_calls} or more failed within {circuit.window_s:g} s" in text,
    ) == (
        0.5,
        True,
    )
    named = set(re.findall(r"`(\w+)`", text.partition("| argument |")[2].partition("## ")[0]))
    assert inspect.signature(azfiles.connect).parameters.keys() <= named


def test_what_stands_for_the_official_sdk_is_there_on_both_sides() -> None:
    """Each method and class that the table names."""
    table = (DOCS / "moving" / "from-official-sdk.md").read_text(encoding="utf-8").partition("## Your code")[2]
    rows = re.findall(r"^\| (`.+`.*) \| (`.+) \|$", table, re.MULTILINE)
    assert len(rows) > 15
    theirs = {*dir(fileshare), *dir(core_exceptions), *names_in(vars(fileshare).values()), *names_in([Downloader])}
    clients = (azfiles.ServiceClient, azfiles.ShareClient, azfiles.DirectoryClient, azfiles.FileClient)
    ours = {*azfiles.__all__, "Path", *names_in(clients), *dir(builtins)}
    for left, right in rows:
        assert set(re.findall(r"\b(\w+)\(|`([A-Z]\w+)", left)) <= either(theirs), left
        assert set(re.findall(r"\.(\w+)\(|`([A-Z]\w+)", right)) <= either(ours), right


def names_in(kinds: Iterable[object]) -> set[str]:
    return {name for kind in kinds for name in dir(kind)}


def either(names: set[str]) -> set[tuple[str, str]]:
    """What the one or the other group of an expression finds."""
    return {pair for name in names for pair in ((name, ""), ("", name))}
