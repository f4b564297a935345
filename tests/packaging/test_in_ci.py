"""The example workflow and the hook do what they say, in a project of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.following import blocks_of
from tests.packaging.building import ROOT, new_environment, run
from tests.proof import THOROUGH

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / "docs/examples/replay-cassettes.yml").read_text(encoding="utf-8"))
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
LEAK = "AccountKey=" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ=="

in_ci = pytest.mark.skipif(not THOROUGH, reason="programs and pip: AZFILES_THOROUGH=1 asks for it, as CI does")


def project_in(folder: Path) -> Path:
    """A project of one test that is recorded, from the guide to the plugin."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    first = next(block for block in blocks_of(ROOT / "docs" / "pytest.md") if block.language == "python")
    (tests / "test_report.py").write_text(first.text, encoding="utf-8")
    run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=folder, CI="")
    return folder


def test_the_workflow_has_the_steps_that_it_says() -> None:
    steps = WORKFLOW["jobs"]["replay"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert [command.split()[0] for command in commands] == ["pip", "azfiles", "azfiles", "pytest"]
    assert all("uses" in step or "run" in step for step in steps)
    offered = re.findall(r"Python :: (3\.\d+)\"", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert WORKFLOW["jobs"]["replay"]["strategy"]["matrix"]["python"] == offered


@in_ci
def test_the_workflows_commands_pass_and_fail_where_a_secret_slipped_in(tmp_path: Path) -> None:
    project = project_in(tmp_path / "project")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    scan, verify, replay = (step["run"] for step in WORKFLOW["jobs"]["replay"]["steps"][3:])
    for command in (scan, verify, replay):
        run("bash", "-euc", command, cwd=project, CI="true", PATH=path)
    (cassette,) = (project / "tests").rglob("*.yaml")
    cassette.write_text(cassette.read_text(encoding="utf-8").replace("sold: 17", LEAK), encoding="utf-8")
    done = run("bash", "-euc", scan, cwd=project, CI="true", PATH=path, check=False)
    assert done.returncode == 1
    assert LEAK not in done.stdout + done.stderr
    cassette.unlink()
    assert run("bash", "-euc", replay, cwd=project, CI="true", PATH=path, check=False).returncode == 1


def test_the_hook_looks_at_cassettes_alone() -> None:
    looks = re.compile(HOOK["files"]).search
    assert looks("tests/cassettes/test_a/test_b.yaml")
    assert looks("cassettes/session.json")
    assert not looks("compose.yaml")
    assert not looks("docs/cassettes.md")


@in_ci
def test_the_hook_lets_a_clean_recording_in_and_a_leaking_one_not(tmp_path: Path) -> None:
    """With pre-commit, on a repository of azfiles as it is, and a project that uses it."""
    ours = tmp_path / "azfiles"
    ours.mkdir()
    for name in ("azfiles", "azfiles_sim"):
        shutil.copytree(ROOT / name, ours / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours / name)
    commit_all(ours)
    project = project_in(tmp_path / "project")
    sample = (ROOT / "docs/examples/pre-commit-config.yaml").read_text(encoding="utf-8")
    settings = sample.replace("<the address of this repository>", f"file://{ours}")
    (project / ".pre-commit-config.yaml").write_text(settings, encoding="utf-8")
    commit_all(project)
    tools = new_environment(tmp_path / "env")
    tools.install("pre-commit")
    hook = (tools.script("pre-commit"), "run", "--all-files", "--show-diff-on-failure")
    run(*hook, cwd=project, PRE_COMMIT_HOME=str(tmp_path / "cache"))
    (cassette,) = (project / "tests").rglob("*.yaml")
    cassette.write_text(cassette.read_text(encoding="utf-8").replace("sold: 17", LEAK), encoding="utf-8")
    commit_all(project)
    done = run(*hook, cwd=project, check=False, PRE_COMMIT_HOME=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert str(cassette.relative_to(project)) in done.stdout
    assert LEAK not in done.stdout


def commit_all(folder: Path) -> None:
    who = ("-c", "user.name=reader", "-c", "user.email=reader@example.com", "-c", "init.defaultBranch=main")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "All")):
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
