"""The harness of these tests: a program that is absent is told, and one that hangs is ended with all it started."""

from __future__ import annotations

import json
import time

import pytest

from .programs import NODE_DIR, REQUIRED_VARIABLE, find_azcopy, find_node, find_rclone, run_program


def test_what_is_absent_skips_with_its_name_and_fails_where_it_is_required(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.foreign.programs.NODE_DIR", tmp_path)
    monkeypatch.setattr("tests.foreign.programs._BESIDE_PYTHON", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    seekers = ((find_rclone, ()), (find_node, ()), (find_azcopy, (tmp_path,)))
    for required, outcome in (("", pytest.skip.Exception), ("1", pytest.fail.Exception)):
        monkeypatch.setenv(REQUIRED_VARIABLE, required)
        for seek, arguments in seekers:
            with pytest.raises(outcome, match="is not installed"):
                seek(*arguments)


def test_an_azcopy_that_cannot_start_is_absent(monkeypatch, tmp_path):
    packed = tmp_path / "node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64"
    packed.parent.mkdir(parents=True)
    packed.write_text("#!/bin/sh\necho libsecret is missing >&2; exit 127\n")
    monkeypatch.setattr("tests.foreign.programs.NODE_DIR", tmp_path)
    monkeypatch.setenv(REQUIRED_VARIABLE, "")
    with pytest.raises(pytest.skip.Exception, match="libsecret is missing"):
        find_azcopy(tmp_path)


def test_a_program_that_hangs_is_ended_together_with_its_children():
    began = time.monotonic()
    with pytest.raises(pytest.fail.Exception, match=r"did not end within 0\.2 s"):
        run_program(["/bin/sh", "-c", "sleep 60 & wait"], timeout_s=0.2)
    assert time.monotonic() - began < 10


def test_the_lock_file_names_no_registry_and_the_versions_are_exact():
    locked = json.loads((NODE_DIR / "package-lock.json").read_text())
    assert not [name for name, package in locked["packages"].items() if "resolved" in package]
    wanted = json.loads((NODE_DIR / "package.json").read_text())["dependencies"]
    assert {name: locked["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted
