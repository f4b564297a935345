"""``azfiles-sim serve --inspect``, as a process of its own and, where only a word is at stake, in this one."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from importlib.resources import files

import httpx
import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.accounts import DEFAULT_ACCOUNTS
from azfiles_sim.inspector import InspectedSimulator, Inspection
from azfiles_sim.server.assembling import make_simulator
from azfiles_sim.server.command import run
from azfiles_sim.server.guarding import make_guard
from azfiles_sim.server.options import parse_arguments
from tests.proof import THOROUGH

SLOW = pytest.mark.skipif(not THOROUGH, reason="it starts processes: AZFILES_THOROUGH=1, as in CI, has it")


def test_the_page_has_a_port_of_its_own_unless_another_is_named():
    assert parse_arguments(["serve"]).inspect is None
    assert parse_arguments(["serve", "--inspect"]).inspect == 10005
    assert parse_arguments(["serve", "--inspect", "0", "--json"]).inspect == 0


def test_without_what_makes_the_page_the_option_is_refused_and_not_ignored(capsys):
    assert run(["serve", "--inspect"]) == 2
    assert "--inspect" in capsys.readouterr().err


def test_only_where_it_is_asked_for_are_requests_and_replies_kept():
    options = parse_arguments(["serve", "--inspect"])
    assert type(make_simulator(DEFAULT_ACCOUNTS, parse_arguments(["serve"]))) is Simulator
    kept = make_simulator(DEFAULT_ACCOUNTS, options, Inspection(lambda _: None))
    assert isinstance(kept, InspectedSimulator)
    assert len(kept.exchanges) == 0
    with pytest.raises(TypeError, match="inspected"):
        Inspection(lambda _: None).make_handle(Simulator(), make_guard(None)[0], acts=True)


def test_the_pages_files_are_part_of_the_package():
    names = {file.name for file in files("azfiles_sim.inspector").joinpath("page").iterdir()}
    assert {"index.html", "page.css", "main.js", "icon.svg"} <= names


@SLOW
@pytest.mark.parametrize("own", [(), ("--json",)])
def test_its_address_stands_in_the_one_line_and_answers_to_its_token_alone(own):
    command = [sys.executable, "-m", "azfiles_sim", "serve", "--port", "0", "--inspect", "0", *own]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            told = json.loads(line)["inspector"] if own else line.rpartition(" - inspector: ")[2].strip()
            text = (
                json.loads(line)["connection_string"] if own else line.split("connection string: ")[1].split(" - ")[0]
            )
            page, _, token = told.partition("#")
            with azfiles.connect(text) as service:
                service.share("seen").create()
            with httpx.Client(base_url=page, trust_env=False) as http:
                assert http.get("/").text.startswith("<!doctype html>")
                assert http.get("/_azfiles/v1/journal").status_code == 401
                bearer = {"Authorization": f"Bearer {token}"}
                [entry] = http.get("/_azfiles/v1/journal", headers=bearer).json()["entries"]
                exchange = http.get(f"/_azfiles/v1/look/exchanges/{entry['number']}", headers=bearer).json()
                assert exchange["reply"]["status"] == 201
                assert http.get("/", headers={"Host": "evil.example"}).status_code == 403
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


@SLOW
def test_a_port_that_is_taken_is_told_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "azfiles_sim", "serve", "--port", "0", "--inspect", str(port)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"cannot listen on 127.0.0.1 port {port}" in ended.stderr
