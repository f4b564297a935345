"""Plans from a file and by the control interface, and what must never stand in a diary."""

from __future__ import annotations

import json
import signal
import sys
import threading

import pytest

import azfiles
from azfiles_sim import ManualClock, Request, Simulator
from azfiles_sim.faults import LoseReply, LoseRequest, Rule, Script, document_of
from azfiles_sim.server.assembling import make_simulator
from azfiles_sim.server.command import run
from azfiles_sim.server.options import parse_arguments
from tests.control.conftest import control_of
from tests.faults.ground import ACCOUNT, CONTENT

PLAN = {"seed": 3, "by_name": False, "rules": [{"fault": "lose_request", "operation": ["H1"], "nth": [1]}]}
SECRET = "hush123hush123"
LEASE = "5ec2e700-0000-4000-8000-00005ec2e700"


# --- the command line ------------------------------------------------------------------------------------------------


class Asking:
    """Stands where stdout stands: once the line is there, it has somebody do the work and then end the server."""

    def __init__(self, work):
        self.text = ""
        self.worker = threading.Thread(target=self._work, args=(work,))

    def write(self, text):
        self.text += text

    def flush(self):
        self.worker.start()

    def _work(self, work):
        try:
            work(json.loads(self.text))
        finally:
            signal.raise_signal(signal.SIGTERM)


def test_a_served_plan_is_carried_out_and_its_diary_written_at_the_end(tmp_path, monkeypatch, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text('[[rules]]\nfault = "reset"\nacts = true\noperation = "Create Share"\nnth = 1\n')
    told = []

    def work(start):
        with azfiles.connect(start["connection_string"], retry=None) as service:
            try:
                service.share("data").create()
            except azfiles.TransportError as error:
                told.append(error.sent)
            told.append([share.name for share in service.list_shares()])

    stdout = Asking(work)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert run(["serve", "--port", "0", "--json", "--faults", str(plan)], environment={}) == 0
    stdout.worker.join()
    assert told == [True, ["data"]]
    assert capsys.readouterr().err == (
        "azfiles-sim: the faults that happened:\n"
        f"#1 PUT /{ACCOUNT}/data restype=share: connection reset in place of the reply\n"
    )


def test_the_seed_of_the_command_line_replaces_the_files(tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN))
    seeds = []
    for more in ([], ["--fault-seed", "9"]):
        options = parse_arguments(["serve", "--faults", str(plan), *more])
        simulator = make_simulator(Simulator().accounts, options)
        assert isinstance(simulator.faults.plan, Script)
        seeds.append(simulator.faults.plan.seed)
    assert seeds == [3, 9]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rules]]\nfault = 'lose_it'\n", "rule 1: fault is lose_request, not 'lose_it'"),
        ("seed = ", "Invalid value"),
        (None, "No such file or directory"),
    ],
)
def test_a_plan_that_is_none_is_one_line_and_status_2(tmp_path, capsys, text, says):
    plan = tmp_path / "plan.toml"
    if text is not None:
        plan.write_text(text)
    assert run(["serve", "--port", "0", "--faults", str(plan)], environment={}) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("azfiles-sim: --faults: ")
    assert says in err


# --- the control interface -------------------------------------------------------------------------------------------


def test_a_plan_is_set_shown_and_cleared_and_its_diary_read():
    simulator = Simulator(clock=ManualClock())
    controlled = control_of(simulator)
    assert controlled.ask("GET", "/faults") == (200, {"plan": None, "calls": 0, "happened": 0})
    assert controlled.ask("PUT", "/faults", PLAN) == (200, {"plan": PLAN, "calls": 0, "happened": 0})
    with azfiles.connect(simulator.handle, clock=simulator.clock, seed=1) as service:
        service.share("data").create()
        service.share("more").create()
    assert controlled.ask("GET", "/faults") == (200, {"plan": PLAN, "calls": 3, "happened": 1})
    status, diary = controlled.ask("GET", "/faults/diary")
    assert status == 200
    [entry] = diary["entries"]
    assert entry.pop("name")
    assert entry == {"number": 1, "request": "PUT /data restype=share", "fault": "request lost"}
    assert diary["text"] == "#1 PUT /data restype=share: request lost\n" == simulator.faults.diary_text
    assert controlled.ask("GET", "/faults/diary?since=1")[1] == {"entries": [], "text": ""}
    assert controlled.ask("DELETE", "/faults") == (200, {"plan": None, "calls": 0, "happened": 0})
    assert simulator.faults.plan is None


def test_a_reset_by_the_control_interface_begins_the_plan_anew():
    simulator = Simulator(clock=ManualClock(), faults=Script((Rule(LoseRequest(), times=1),)))
    controlled = control_of(simulator)
    simulator.handle(Request("GET", "/"))
    controlled.ask("POST", "/reset")
    assert controlled.ask("GET", "/faults")[1]["calls"] == 0
    simulator.handle(Request("GET", "/"))
    assert controlled.ask("GET", "/faults")[1]["happened"] == 1


def test_a_plan_made_in_python_is_shown_as_such():
    controlled = control_of(Simulator(faults=lambda _: None))
    assert controlled.ask("GET", "/faults")[1]["plan"] == {"made_in": "Python"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "the body must have rules, a list"),
        ({"rules": [{"fault": "lose_it"}]}, "rule 1: fault is lose_request, not 'lose_it'"),
        ({"rules": [], "sed": 1}, "unknown in the body: sed"),
    ],
)
def test_a_body_that_is_no_plan_is_told_what_to_do_and_the_plan_stays(body, says):
    kept = Script((Rule(LoseReply()),))
    controlled = control_of(Simulator(faults=kept))
    status, answer = controlled.ask("PUT", "/faults", body)
    assert status == 400
    assert says in answer["error"]
    assert controlled.ask("GET", "/faults")[1]["plan"] == document_of(kept)


# --- secrets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        f"/data/f?comp=lease&sig={SECRET}",
        f"/data/f?sv=2026&SIG={SECRET}&comp=range",
        f"/data/f?comp=range%26sig%3D{SECRET}",
        f"/data/f?comp={SECRET}",
        f"/data/f?restype={SECRET}&comp=;sig={SECRET}",
        f"http://localhost/data/f?comp=list&se=1&sig={SECRET}",
    ],
)
def test_no_diary_tells_a_secret(target):
    headers = (
        ("Authorization", f"SharedKey acct:{SECRET}"),
        ("x-ms-lease-id", LEASE),
        ("x-ms-proposed-lease-id", LEASE),
        ("x-ms-copy-source", f"https://h/s/f?sig={SECRET}"),
        ("x-ms-copy-source-authorization", f"Bearer {SECRET}"),
    )
    simulator = Simulator(faults=lambda _: LoseReply())
    simulator.control.plant(ACCOUNT, "data", {"f": CONTENT})
    simulator.handle(Request("PUT", target, headers, (SECRET.encode(),)))
    told = [
        str(simulator.faults.diary),
        simulator.faults.diary_text,
        repr(simulator.faults),
        *map(str, simulator.faults.diary),
        json.dumps(control_of(simulator).ask("GET", "/faults/diary")),
        json.dumps(control_of(simulator).ask("GET", "/faults")),
    ]
    assert len(simulator.faults.diary) == 1
    assert not [text for text in told if SECRET in text or LEASE in text]
