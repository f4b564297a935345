"""No Docker engine runs where this project is made. So the image's recipe is read, and what it does is done by hand."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import azfiles
from azfiles_sim.server.options import ServeOptions, parse_arguments
from tests.packaging.building import ROOT, new_environment, run
from tests.proof import THOROUGH

RECIPE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICE: dict[str, Any] = COMPOSE["services"]["files"]


def instructions(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", RECIPE, re.MULTILINE)


def started(more: list[str]) -> ServeOptions:
    """What the command line makes of the image's entry point with these arguments; SystemExit where it knows no such."""
    (entry,) = instructions("ENTRYPOINT")
    program, *words = json.loads(entry)
    assert program == "azfiles-sim"
    return parse_arguments([*words, *more])


def test_the_image_starts_what_the_command_line_has() -> None:
    (arguments,) = instructions("CMD")
    options = started(json.loads(arguments))
    assert (options.host, str(options.data)) == ("0.0.0.0", "/data")
    assert instructions("EXPOSE") == [str(options.port)]
    assert instructions("VOLUME") == ["/data"]


def test_the_compose_file_starts_what_the_command_line_has() -> None:
    options = started(SERVICE["command"])
    assert options.control_hosts == ("files",)
    assert SERVICE["ports"] == [f"127.0.0.1:{options.port}:{options.port}"]
    (mounted,) = SERVICE["volumes"]
    volume, _, where = mounted.partition(":")
    assert volume in COMPOSE["volumes"]
    assert where == str(options.data)
    assert SERVICE["environment"].keys() == {"AZFILES_SIM_CONTROL_TOKEN"}


def test_the_image_copies_what_is_there_and_lets_in() -> None:
    """Whatever is copied from outside exists, and .dockerignore lets it through."""
    copied = [name for line in instructions("COPY") if not line.startswith("--from") for name in line.split()[:-1]]
    allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_is_no_superuser() -> None:
    assert instructions("USER") == ["sim"]
    assert RECIPE.index("\nUSER ") < RECIPE.index("\nENTRYPOINT ")


@pytest.mark.skipif(not THOROUGH, reason="pip installs: AZFILES_THOROUGH=1 asks for it, as CI does")
def test_the_images_commands_make_a_simulator_that_answers(tmp_path: Path) -> None:
    """Its COPY and RUN lines, in a folder and an environment of their own; then its entry point with compose's words."""
    source, wheels, data = (tmp_path / name for name in ("source", "wheels", "data"))
    for folder in (source, data):
        folder.mkdir()
    for line in instructions("COPY"):
        if not line.startswith("--from"):
            for name in line.split()[:-1]:
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                copy(ROOT / name, source / name)
    environment = new_environment(tmp_path / "env")
    run(environment.python, "-m", "ensurepip", cwd=tmp_path)
    commands = [line for line in instructions("RUN") if "pip" in line]
    assert len(commands) == 2
    for command in commands:
        run(
            "sh",
            "-euc",
            command.replace("python ", f"{environment.python} ").replace("/wheels", str(wheels)),
            cwd=source,
        )
    assert not wheels.exists()
    words = [
        word.replace("/data", str(data)) for word in json.loads(instructions("ENTRYPOINT")[0]) + SERVICE["command"]
    ]
    words[words.index("0.0.0.0")] = "127.0.0.1"
    program = subprocess.Popen(
        [environment.script(words[0]), *words[1:], "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert program.stdout is not None
        told = json.loads(program.stdout.readline())
        with azfiles.connect(told["connection_string"]) as client:
            client.share("data").create()
            assert [share.name for share in client.list_shares()] == ["data"]
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
        program.stdout.close()
    assert list(data.iterdir())
