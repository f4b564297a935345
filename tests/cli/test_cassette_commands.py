"""``azfiles cassette scan``, ``info`` and ``from-sim``."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

import azfiles
from azfiles.cassette.sealing import VARIABLE
from azfiles_sim import Simulator
from azfiles_sim.testing import verify_cassette
from tests.cli.conftest import Run

URL = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
KEY = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
SIGNATURE = "c2VjcmV0IHNpZ25hdHVyZSBvZiB0aGlydHktdHdvIGI%3D"
LEAKING = f"""\
interactions:
- request:
    body: null
    headers: {{}}
    method: GET
    uri: https://storagename.file.core.windows.net/s/f?sv=2025-11-05&sig={SIGNATURE}
  response:
    body: {{string: ''}}
    headers: {{}}
    status: {{code: 200, message: OK}}
version: 1
"""
SCRIPT = """
def session(client, clock):
    client.share("scripted").create()
    clock.advance(90)
    return client.share("scripted").get_properties().quota_gib
"""


def record(path: Path, **options: object) -> Path:
    with azfiles.recording(azfiles.InProcessTransport(Simulator().handle), path, **options) as recorder:  # type: ignore[arg-type]  # options of recording
        share = azfiles.connect(URL, KEY, transport=recorder).share("data")
        share.create()
        share.file("f").create(1 << 21)
        share.file("f").put_range(0, b"x" * (1 << 21))
        with pytest.raises(azfiles.NotFound):
            share.file("none").get_properties()
    return path


# --- scan -------------------------------------------------------------------------------------------------------------


def test_a_secret_is_told_with_file_and_line_but_not_itself_and_the_status_is_1(azfiles_command: Run, tmp_path: Path):
    (tmp_path / "leaking.yaml").write_text(LEAKING)
    ran = azfiles_command("cassette", "scan", tmp_path)
    assert ran == (1, f"{tmp_path / 'leaking.yaml'}:6: signature in request 1, uri\n", "")


def test_a_clean_cassette_says_nothing_and_the_status_is_0(azfiles_command: Run, tmp_path: Path):
    assert azfiles_command("cassette", "scan", record(tmp_path / "a.yaml")) == (0, "", "")


def test_a_damaged_file_does_not_hide_what_is_in_the_others(azfiles_command: Run, tmp_path: Path):
    (tmp_path / "a.yaml").write_text("interactions: [")
    (tmp_path / "b.yaml").write_text(LEAKING)
    ran = azfiles_command("cassette", "scan", tmp_path)
    assert (ran.status, len(ran.out.splitlines())) == (2, 1)
    assert f"azfiles: cassette {tmp_path / 'a.yaml'}: not readable" in ran.err


def test_a_sealed_cassette_is_scanned_without_its_key_as_far_as_it_can_be_read(
    azfiles_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, base64.b64encode(bytes(32)).decode())
    path = record(tmp_path / "a.yaml", sealed=True)
    monkeypatch.delenv(VARIABLE)
    assert azfiles_command("cassette", "scan", path) == (0, "", "")
    path.write_text(path.read_text().replace("/data/none", f"/data/none?sig={SIGNATURE}"))
    ran = azfiles_command("cassette", "scan", path)
    assert ran.status == 1
    assert ran.out.endswith(": signature in request 4, uri\n")


# --- info -------------------------------------------------------------------------------------------------------------


def test_info_tells_what_is_in_a_cassette(azfiles_command: Run, tmp_path: Path):
    path = record(tmp_path / "a.yaml")
    ran = azfiles_command("cassette", "info", path)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == str(path)
    assert "  written by    azfiles" in lines
    assert "  requests      4" in lines
    assert "  bodies        2.0 MiB sent, 0 B received" in lines
    assert any(line.endswith(", 1 bodies of 2.0 MiB beside it") for line in lines)
    assert "  operations    1 Create File" in lines
    assert "  refusals      1 404 ResourceNotFound" in lines


def test_info_as_json_has_the_same_figures(azfiles_command: Run, tmp_path: Path):
    path = record(tmp_path / "a.yaml")
    (told,) = json.loads(azfiles_command("cassette", "info", "--format", "json", path).out)
    assert (told["writer"], told["sealed"], told["requests"], told["lost"]) == ("azfiles", False, 4, 0)
    assert (told["sent_bytes"], told["stored_bodies"], told["stored_bytes"]) == (1 << 21, 1, 1 << 21)
    assert told["operations"] == {"Create File": 1, "Create Share": 1, "Get File Properties": 1, "Put Range": 1}
    assert told["file_bytes"] == path.stat().st_size
    assert len(told["api_versions"]) == 1


def test_a_sealed_cassette_is_told_without_its_key(
    azfiles_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(VARIABLE, base64.b64encode(bytes(32)).decode())
    path = record(tmp_path / "a.yaml", sealed=True)
    monkeypatch.delenv(VARIABLE)
    (told,) = json.loads(azfiles_command("cassette", "info", "--format", "json", path).out)
    assert (told["sealed"], told["requests"], told["stored_bodies"]) == (True, 4, 1)
    assert told["sent_bytes"] >= 1 << 21
    assert "written by    azfiles, sealed" in azfiles_command("cassette", "info", path).out


@pytest.mark.parametrize(
    ("text", "writer"),
    [(LEAKING, "vcrpy, or what writes as it does"), ('{"Entries": []}', "the Azure SDKs' test proxy")],
)
def test_who_wrote_it_is_told_by_its_form(azfiles_command: Run, tmp_path: Path, text: str, writer: str):
    (tmp_path / "a.json").write_text(text)
    (told,) = json.loads(azfiles_command("cassette", "info", "--format", "json", tmp_path / "a.json").out)
    assert (told["writer"], told["began"], told["duration_s"]) == (writer, None, None)


# --- from-sim ---------------------------------------------------------------------------------------------------------


def test_a_script_is_recorded_and_the_same_bytes_come_again(azfiles_command: Run, tmp_path: Path):
    script, first, second = tmp_path / "script.py", tmp_path / "a.yaml", tmp_path / "b.yaml"
    script.write_text(SCRIPT)
    ran = azfiles_command("cassette", "from-sim", script, "-o", first)
    assert ran == (0, f"{first}: 2 requests recorded\n", "")
    azfiles_command("cassette", "from-sim", script, "-o", second)
    assert first.read_bytes() == second.read_bytes()
    assert verify_cassette(first).drift == ()
    azfiles_command("cassette", "from-sim", script, "-o", second, "--seed", 2)
    assert first.read_bytes() != second.read_bytes()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1", "it has no function session(client)"),
        ("def session(client, network): ...", "session takes network; what there is beside the client: clock, connect"),
        ("def session(client): client.share('none').delete()", "404 ShareNotFound"),
    ],
)
def test_a_script_that_cannot_be_played_is_an_error_and_writes_nothing(
    azfiles_command: Run, tmp_path: Path, text: str, complaint: str
):
    (tmp_path / "script.py").write_text(text)
    ran = azfiles_command("cassette", "from-sim", tmp_path / "script.py", "-o", tmp_path / "a.yaml")
    assert (ran.status, ran.out) == (2, "")
    assert complaint in ran.err
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "azfiles: script {script}: it has no function session(client)\n"),
        (
            "ACCOUNTS = 5\ndef session(client): ...",
            "azfiles: script {script}: ACCOUNTS is to be a list of one AccountSpec or more\n",
        ),
        (
            "ACCOUNTS = []\ndef session(client): ...",
            "azfiles: script {script}: ACCOUNTS is to be a list of one AccountSpec or more\n",
        ),
        (
            "FAULTS = {}\ndef session(client): ...",
            "azfiles: script {script}: FAULTS is to be a plan of azfiles_sim.faults\n",
        ),
        (
            "def session(client):\n    help()\ndef help():\n    raise ValueError('no sig=c2VjcmV0IHNpZ25hdHVyZQ')",
            (
                "azfiles: script {script}: ValueError: no sig=REDACTED\n"
                "  {script}, line 2, in session\n  {script}, line 4, in help\n"
            ),
        ),
        ("def session(client:", "azfiles: script {script}: SyntaxError: '(' was never closed\n  {script}, line 1\n"),
        ("raise SystemExit", "azfiles: script {script}: SystemExit\n  {script}, line 1, in <module>\n"),
    ],
)
def test_what_is_wrong_with_a_script_is_told_shortly_with_its_own_lines(
    azfiles_command: Run, tmp_path: Path, text: str, told: str
):
    script = tmp_path / "script.py"
    script.write_text(text)
    ran = azfiles_command("cassette", "from-sim", script, "-o", tmp_path / "a.yaml")
    assert ran == (2, "", told.format(script=script))
    assert not (tmp_path / "a.yaml").exists()


def test_an_error_that_the_script_has_no_part_in_is_not_explained_away(
    azfiles_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    monkeypatch.setattr(Simulator, "__init__", None)
    with pytest.raises(TypeError):
        azfiles_command("cassette", "from-sim", script, "-o", tmp_path / "a.yaml")
