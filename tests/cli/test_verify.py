"""``azfiles cassette verify``: what is true is passed, what drifted is told in three formats."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import azfiles
from azfiles.cassette.document import read_cassette
from azfiles.cassette.writing import write_cassette
from azfiles_sim import Simulator
from tests.cli.conftest import Run

URL = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
KEY = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
SECRET = "c2VjcmV0IHNpZ25hdHVyZSBvZiB0aGlydHktdHdvIGI="


@pytest.fixture
def path(tmp_path: Path) -> Path:
    recorded = tmp_path / "session.yaml"
    with azfiles.recording(azfiles.InProcessTransport(Simulator().handle), recorded) as recorder:
        share = azfiles.connect(URL, KEY, transport=recorder).share("data")
        share.create()
        share.file("f").create(4)
        share.file("f").put_range(0, b"abcd")
        share.file("f").get()
    return recorded


@pytest.fixture
def drifted(path: Path) -> Path:
    """The session with another byte, a header more that holds a secret, and another reason."""
    text = path.read_text()
    text = text.replace("message: Created", "message: Made", 1)
    text = text.replace("string: abcd", "string: abXd")
    path.write_text(text.replace("      Server:\n", f"      x-ms-more:\n      - a?sig={SECRET}\n      Server:\n", 1))
    return path


def test_a_true_recording_has_no_drift_and_the_status_is_0(azfiles_command: Run, path: Path):
    ran = azfiles_command("cassette", "verify", path)
    assert ran == (0, f"{path}: 4 requests, no drift\n", "")


def test_drift_is_told_in_text_and_the_status_is_1(azfiles_command: Run, drifted: Path):
    ran = azfiles_command("cassette", "verify", drifted)
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.splitlines() == [
        f"{drifted}: drift in 2 of 4 requests",
        "  #1 Create Share /data: reason: recorded 'Made', simulated 'Created'",
        "  #1 Create Share /data: x-ms-more: recorded 'a?sig=REDACTED', simulated nothing",
        "  #4 Get File /data/f: body from byte 2: recorded b'Xd' of 4 bytes, simulated b'cd' of 4 bytes",
    ]


def test_drift_is_told_as_json(azfiles_command: Run, drifted: Path):
    ran = azfiles_command("cassette", "verify", "--format", "json", drifted)
    document = json.loads(ran.out)
    assert (ran.status, document["drift"]) == (1, 3)
    (cassette,) = document["cassettes"]
    assert (cassette["path"], cassette["behaviour"], cassette["requests"]) == (str(drifted), "today", 4)
    assert cassette["drift"][0] == {
        "interaction": 1,
        "request": "Create Share /data",
        "field": "reason",
        "recorded": "Made",
        "simulated": "Created",
        "problem": "",
    }


def test_drift_is_told_as_junit_in_a_file(azfiles_command: Run, drifted: Path, tmp_path: Path):
    ran = azfiles_command("cassette", "verify", "--format", "junit", "-o", tmp_path / "report.xml", drifted)
    assert (ran.status, ran.out) == (1, "")
    root = ET.parse(tmp_path / "report.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    (suite,) = root.iter("testsuite")
    failures = {case.get("name"): case.find("failure") for case in suite}
    first = failures["#1 Create Share /data"]
    assert first is not None
    assert first.get("message") == "drift in reason, x-ms-more"
    assert failures["#2 Create File /data/f"] is None


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_format_shows_a_secret_of_the_cassette(azfiles_command: Run, drifted: Path, form: str):
    assert SECRET in drifted.read_text()
    assert SECRET not in azfiles_command("cassette", "verify", "--format", form, drifted).out


def test_a_folder_is_gone_through_and_one_without_a_cassette_is_an_error(azfiles_command: Run, path: Path):
    assert azfiles_command("cassette", "verify", path.parent).out == f"{path}: 4 requests, no drift\n"
    (path.parent / "empty").mkdir()
    ran = azfiles_command("cassette", "verify", path.parent / "empty")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no cassette" in ran.err


def test_a_cassette_that_cannot_be_read_is_in_the_report_too_and_the_others_are_judged(
    azfiles_command: Run, drifted: Path
):
    (drifted.parent / "broken.yaml").write_text("interactions: [")
    ran = azfiles_command("cassette", "verify", "--format", "junit", drifted.parent)
    assert ran.status == 2
    assert f"azfiles: cassette {drifted.parent / 'broken.yaml'}: not readable" in ran.err
    root = ET.fromstring(ran.out)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "2", "1")
    told = json.loads(azfiles_command("cassette", "verify", "--format", "json", drifted.parent).out)
    assert list(told["unread"]) == [str(drifted.parent / "broken.yaml")]
    assert told["drift"] == 3


def test_what_a_recording_takes_for_granted_and_nobody_can_make_is_drift_too(azfiles_command: Run, path: Path):
    """A cassette that says of an impossible name that it is there."""
    text = path.read_text().replace("/data/f", "/data/CON")
    path.write_text(text)
    found = [one for one in read_cassette(path) if one.request.method == "GET"]
    write_cassette(path, found)
    ran = azfiles_command("cassette", "verify", path)
    assert ran.status == 1
    assert "preparing what the recording takes for granted: PUT /data/CON" in ran.out
    suite = ET.fromstring(azfiles_command("cassette", "verify", "--format", "junit", path).out)
    assert suite.get("failures") == "1"
