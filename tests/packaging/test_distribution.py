"""What is published installs and works on its own: the wheel that was made from the source distribution alone.

It takes minutes and asks a package index, so it runs where counts are CI's (``AZFILES_THOROUGH``).
"""

from __future__ import annotations

import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.packaging.building import ROOT, build, new_environment, newer_pythons, run
from tests.proof import THOROUGH

pytestmark = pytest.mark.skipif(not THOROUGH, reason="minutes of pip: AZFILES_THOROUGH=1 asks for it, as CI does")

FIRST_CALL = """
import azfiles, azfiles_sim, pathlib
for package in (azfiles, azfiles_sim):
    assert "site-packages" in package.__file__, package.__file__
    assert pathlib.Path(package.__file__).with_name("py.typed").exists()
with azfiles.connect(azfiles_sim.Simulator().handle) as client:
    share = client.share("data")
    share.create()
    share.file("july.txt").upload(b"sold: 17")
    assert share.file("july.txt").download() == b"sold: 17"
"""
"""What needs no extra."""

RECORDED = """
to = "UseDevelopmentStorage=true"
def session(transport):
    with azfiles.connect(to, transport=transport) as client:
        client.share("data").create()
handle = azfiles_sim.Simulator().handle
"""

EXTRAS = {
    "server": """
from azfiles_sim.server import serve_in_thread
with serve_in_thread(azfiles_sim.Simulator(), https=True, ca_dir=pathlib.Path("ca")) as server:
    with azfiles.connect(server.connection_string, ca_file=server.ca_file) as client:
        client.share("data").create()
""",
    "recording": RECORDED
    + """
session(azfiles.recording(azfiles.InProcessTransport(handle), "tape.yaml"))
session(azfiles.replaying("tape.yaml"))
""",
    "sealing": RECORDED
    + """
import os
os.environ["AZFILES_CASSETTE_KEY"] = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
session(azfiles.recording(azfiles.InProcessTransport(handle), "tape.yaml", sealed=True))
session(azfiles.replaying("tape.yaml"))
""",
    "cli": """
import subprocess, sys
subprocess.run([sys.executable, "-m", "azfiles", "--help"], check=True)
subprocess.run([sys.executable, "-m", "azfiles", "cassette", "scan", "--help"], check=True)
""",
    "checksums": """
import awscrt.checksums
assert share.file("july.txt").put_range(0, b"s", checksum="crc64")
from azfiles_sim.model.crc64 import crc64, pure_crc64
pieces = [bytes(range(256)) * 2000, memoryview(bytearray(b"some more"))]
assert crc64(pieces, 7) == pure_crc64(pieces, 7)
""",
    "fast": """
import awscrt.checksums
azfiles.FastTransport().close()
""",
    "testing": """
from azfiles_sim import testing
from azfiles_sim.testing import conformance, strategies
assert list(pathlib.Path(conformance.__file__).parent.glob("test_*.py"))
import subprocess, sys
subprocess.run([sys.executable, "-m", "azfiles_sim", "explore", "--seeds", "2"], check=True)
""",
    "adapters": """
from azfiles_sim.adapters import azure_core_transport
azure_core_transport(azfiles_sim.Simulator())
""",
    "metrics": """
from azfiles.observers.prometheus import Metrics
azfiles.connect(azfiles_sim.Simulator().handle, observers=[Metrics()]).share("data").create()
""",
    "telemetry": """
from azfiles.observers.opentelemetry import Telemetry
azfiles.connect(azfiles_sim.Simulator().handle, observers=[Telemetry()]).share("data").create()
""",
    "fsspec": """
import fsspec
assert fsspec.get_filesystem_class("azfiles").protocol
""",
    "login": """
import azure.identity
from azfiles.cli.login import Login
assert azure.identity.DefaultAzureCredential and callable(Login().get_token)
""",
}
"""What each extra is for, first of all."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def wheel(built: tuple[Path, Path]) -> Path:
    return built[1]


def test_the_wheel_has_all_of_both_packages_and_nothing_else(wheel: Path) -> None:
    """Pages, documents and type marks beside the code too."""
    listed = subprocess.run(
        ["git", "ls-files", "azfiles", "azfiles_sim"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names >= set(listed.stdout.split())
    assert {name.split("/")[0] for name in names} == {"azfiles", "azfiles_sim"}
    assert not [name for name in names if "__pycache__" in name]
    assert {"azfiles/py.typed", "azfiles_sim/py.typed"} <= names


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
        (points,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
        commands = archive.read(points).decode()
    assert "Requires-Python: >=3.11" in text
    assert "Classifier: Typing :: Typed" in text
    assert "License-Expression: MIT" in text
    assert {"azfiles = azfiles.__main__:main", "azfiles-sim = azfiles_sim.__main__:main"} <= set(commands.splitlines())


def test_the_source_distribution_has_what_the_tests_and_the_site_need(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"docs/conf.py", "docs/index.md", "tests/proof.py", "cassettes/first_steps.yaml", "pyproject.toml"} <= names


def test_it_works_without_any_extra_and_names_the_one_that_is_missing(wheel: Path, tmp_path: Path) -> None:
    environment = new_environment(tmp_path / "env")
    environment.install(str(wheel))
    run(environment.python, "-I", "-c", FIRST_CALL, cwd=tmp_path)
    for missing, line in {
        "server": [environment.script("azfiles-sim"), "serve"],
        "cli": [environment.script("azfiles"), "--help"],
        "recording": [
            environment.python,
            "-I",
            "-c",
            "import azfiles; azfiles.recording(azfiles.InProcessTransport(print), 'tape.yaml')",
        ],
    }.items():
        done = run(*line, cwd=tmp_path, check=False)
        assert done.returncode != 0
        assert f"azfiles-toolkit[{missing}]" in done.stderr.splitlines()[-1], done.stderr


@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_brings_all_that_it_is_for(extra: str, wheel: Path, tmp_path: Path) -> None:
    environment = new_environment(tmp_path / "env")
    environment.install(f"{wheel}[{extra}]")
    run(environment.python, "-I", "-c", FIRST_CALL + EXTRAS[extra], cwd=tmp_path)


def test_every_extra_for_users_is_tried() -> None:
    """What stands in the first of the two tables."""
    table = (ROOT / "docs" / "install.md").read_text(encoding="utf-8").partition("For work on azfiles itself")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == EXTRAS.keys()


def test_it_works_on_every_newer_python_of_this_machine(wheel: Path, tmp_path: Path) -> None:
    pythons = newer_pythons()
    if not pythons:
        pytest.skip("no Python newer than this one is installed (python3.12, python3.13, ... or pyenv's)")
    for number, python in enumerate(pythons):
        environment = new_environment(tmp_path / f"env{number}", python)
        environment.install(f"{wheel}[server,recording,cli]")
        script = FIRST_CALL + EXTRAS["server"] + EXTRAS["recording"] + EXTRAS["cli"]
        run(environment.python, "-I", "-W", "error", "-c", script, cwd=tmp_path)
