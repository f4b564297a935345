"""The command line, as a process of its own and, where only a word is at stake, in this one."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from azfiles_sim import __main__ as entry
from azfiles_sim.accounts import DEFAULT_ACCOUNTS, EMULATOR_KEY
from azfiles_sim.messages import Reply
from azfiles_sim.server.command import ServeOptions, announce, complain, make_simulator, parse_arguments, run
from azfiles_sim.server.endpoints import Endpoints

from .conftest import Answering

KEY = base64.b64encode(b"a secret that nobody may see").decode()
PATIENCE_S = 30  # how long a broken server may hold up the suite; a working one takes a fraction of a second

Start = Callable[..., "subprocess.Popen[str]"]


def environment(**variables: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "AZFILES_SIM_ACCOUNTS"} | variables


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts ``python -m azfiles_sim serve`` with the given options; what still runs at the end is ended."""
    with ExitStack() as stack:

        def begin(*options: str, **variables: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "azfiles_sim", "serve", "--port", "0", *options],
                env=environment(**variables),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[str, str]:
    """Ask the process to stop; check that it did so cleanly; what it had written besides what was read."""
    process.send_signal(number)
    rest = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    return rest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_once_it_accepts_connections_and_stops_cleanly_on_a_signal(start, number):
    process = start()
    line = process.stdout.readline()
    endpoint = line.partition("listens at ")[2].partition(" ")[0]
    assert f"AccountName=devstoreaccount1;AccountKey={EMULATOR_KEY};FileEndpoint={endpoint};" in line
    reply = httpx.get(f"{endpoint}/?comp=list", trust_env=False)
    assert reply.headers["x-ms-error-code"] is not None  # it answers as the service does: nobody signed this
    assert end(process, number) == ("", "")


def test_an_idle_connection_does_not_keep_it_from_stopping(start):
    process = start("--json")
    port = int(json.loads(process.stdout.readline())["endpoint"].split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)):
        end(process)


def test_the_json_line_has_exactly_these_keys(start):
    process = start("--json")
    record = json.loads(process.stdout.readline())
    endpoint = record["endpoint"]
    assert endpoint.startswith("http://127.0.0.1:")
    assert record == {
        "endpoint": endpoint,
        "account": "devstoreaccount1",
        "connection_string": f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={EMULATOR_KEY};"
        f"FileEndpoint={endpoint};",
        "ca_file": None,
        "accounts": [
            {
                "name": "devstoreaccount1",
                "kind": "standard",
                "endpoint": endpoint,
                "connection_string": record["connection_string"],
            }
        ],
        "control": None,
        "control_token": None,
        "pid": process.pid,
    }
    end(process)


def test_the_environment_names_the_accounts(start):
    process = start("--json", AZFILES_SIM_ACCOUNTS=f" first @ premium : {KEY} ; second : {KEY} : {KEY} ; ")
    record = json.loads(process.stdout.readline())
    assert [(account["name"], account["kind"]) for account in record["accounts"]] == [
        ("first", "premium"),
        ("second", "standard"),
    ]
    assert record["account"] == "first"
    assert all(account["endpoint"].endswith(f"/{account['name']}") for account in record["accounts"])
    assert f"AccountKey={KEY};" in record["connection_string"]
    end(process)


def test_https_serves_under_the_authority_of_the_folder(start, ca_dir):
    process = start("--json", "--https", "--ca-dir", str(ca_dir))
    record = json.loads(process.stdout.readline())
    assert record["ca_file"] == str(ca_dir / "ca.pem")
    assert record["endpoint"].startswith("https://")
    trust = ssl.create_default_context(cafile=record["ca_file"])
    reply = httpx.get(f"{record['endpoint']}/?comp=list", verify=trust, trust_env=False)
    assert "x-ms-request-id" in reply.headers
    end(process)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    with httpx.Client(trust_env=False) as http:
        for _ in range(PATIENCE_S * 20):
            try:
                http.get(f"http://127.0.0.1:{port}/")
            except httpx.ConnectError:
                with pytest.raises(subprocess.TimeoutExpired):  # else it has ended, and waiting is in vain
                    process.wait(0.05)
            else:
                return
    pytest.fail("it never answered")


@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-", ">/dev/full", "reader gone"])
def test_it_serves_and_stops_cleanly_where_nobody_can_read_the_line(redirection):
    port = free_port()
    read, write = os.pipe()
    os.close(read)
    shell = f'exec "$0" -m azfiles_sim serve --port {port} {redirection if ">" in redirection else ""}'
    with subprocess.Popen(["sh", "-c", shell, sys.executable], env=environment(), stdout=write) as process:
        os.close(write)
        try:
            wait_until_it_answers(process, port)
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def test_a_taken_port_is_one_line_and_status_2(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (2, "")
    assert err == f"azfiles-sim: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        (f"one:{KEY};one:{KEY}", "AZFILES_SIM_ACCOUNTS: the account one is given twice"),
        (f"one@gold:{KEY}", "AZFILES_SIM_ACCOUNTS: account 1: the kind is not known"),
        (f"one:{KEY[:-1]}", "AZFILES_SIM_ACCOUNTS: account 1: a key is not base64"),
        (KEY, "AZFILES_SIM_ACCOUNTS: account 1: it has no key"),
    ],
)
def test_a_bad_environment_is_one_line_and_status_2_and_shows_no_key(start, accounts, message):
    process = start(AZFILES_SIM_ACCOUNTS=accounts)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert out == ""
    assert err.startswith(f"azfiles-sim: {message}")
    assert err.count("\n") == 1
    assert KEY[:8] not in err


def test_data_is_refused_and_not_kept_in_memory_instead(capsys):
    assert run(["serve", "--data", "/tmp/somewhere"], environment={}) == 2
    assert capsys.readouterr() == (
        "",
        "azfiles-sim: --data is not built yet: this version keeps everything in memory\n",
    )


def test_a_host_that_is_not_this_machines_is_one_line_and_status_2(capsys):
    assert run(["serve", "--host", "192.0.2.1", "--port", "0"], environment={}, make=answering) == 2
    assert capsys.readouterr().err == (
        "azfiles-sim: cannot listen on 192.0.2.1 port 0: Cannot assign requested address\n"
    )


def test_a_host_that_does_not_exist_is_one_line_and_status_2(capsys):
    assert run(["serve", "--host", "no.such.host.invalid"], environment={}, make=answering) == 2
    err = capsys.readouterr().err
    assert err.startswith("azfiles-sim: cannot listen on no.such.host.invalid port 10004: ")
    assert err.count("\n") == 1


def test_a_folder_that_cannot_hold_certificates_is_one_line_and_status_2(tmp_path, capsys):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "authority"
    assert run(["serve", "--https", "--ca-dir", str(folder)], environment={}, make=answering) == 2
    assert capsys.readouterr().err == f"azfiles-sim: cannot keep certificates in {folder}: Not a directory\n"


@pytest.mark.parametrize(
    "arguments", [[], ["serve", "--port", "65536"], ["serve", "--port", "x"], ["serve", "--unknown"], ["fly"]]
)
def test_wrong_arguments_are_status_2_and_nothing_on_stdout(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: azfiles-sim" in err


def test_the_defaults_are_loopback_and_port_10004():
    assert parse_arguments(["serve"]) == ServeOptions(
        host="127.0.0.1", port=10004, https=False, seed=0, data=None, ca_dir=None, strict_versions=False, json=False
    )


def test_every_option_is_read():
    given = "serve --host ::1 --port 7 --https --seed 3 --data d --ca-dir c --strict-versions --json"
    assert parse_arguments(given.split()) == ServeOptions(
        host="::1", port=7, https=True, seed=3, data=Path("d"), ca_dir=Path("c"), strict_versions=True, json=True
    )


def answering(accounts, _options) -> Answering:
    return Answering(lambda _: Reply(200, "OK"), accounts)


class Listening:
    """Stands where stdout stands, and lets a signal follow the line that it was waiting for."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize(("options", "scheme"), [([], "http"), (["--https"], "https")])
def test_the_main_thread_serves_until_the_signal(monkeypatch, ca_dir, options, scheme):
    stdout = Listening()
    monkeypatch.setattr(sys, "stdout", stdout)
    arguments = ["serve", "--port", "0", "--ca-dir", str(ca_dir), *options]
    assert run(arguments, environment={}, make=answering) == 0
    assert stdout.text.startswith(f"azfiles-sim listens at {scheme}://127.0.0.1:")
    assert stdout.text.count("\n") == 1


def test_the_simulator_gets_the_accounts_and_the_options():
    simulator = make_simulator(DEFAULT_ACCOUNTS, parse_arguments(["serve", "--seed", "5", "--strict-versions"]))
    assert [account.name for account in simulator.accounts] == ["devstoreaccount1"]


def test_the_entry_point_reads_the_programs_arguments(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["azfiles-sim", "serve", "--data", "d"])
    assert entry.main() == 2
    assert "--data" in capsys.readouterr().err


def test_without_its_extra_the_command_says_what_to_install(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("azfiles_sim.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert entry.main() == 2
    assert capsys.readouterr().err == "azfiles-sim: aiohttp is missing; install azfiles-toolkit[server]\n"


def test_neither_line_needs_a_stream(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    announce("nobody reads this")
    complain("nor this")
    assert sys.stdout is None


def test_a_stdout_that_fails_is_turned_to_the_null_device(monkeypatch):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        announce("nobody reads this")
        broken.flush()
        assert os.fstat(broken.fileno()).st_rdev == Path(os.devnull).stat().st_rdev


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:7/devstoreaccount1"),
        ("localhost", "http://localhost:7/devstoreaccount1"),
        ("0.0.0.0", "http://127.0.0.1:7/devstoreaccount1"),
        ("::", "http://[::1]:7/devstoreaccount1"),
        ("::1", "http://[::1]:7/devstoreaccount1"),
    ],
)
def test_an_endpoint_is_an_address_that_a_client_can_use(host, expected):
    assert Endpoints(DEFAULT_ACCOUNTS, host, 7).endpoint() == expected


def test_localhost_is_served_on_every_address_that_it_has(serve, client):
    port = free_port()
    served = serve(lambda _: Reply(200, "OK"), host="localhost", port=port)
    assert served.port == port
    found = socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(address)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_served_simulator_tells_its_addresses_and_no_key_in_its_repr(serve):
    served = serve(lambda _: Reply(200, "OK"))
    assert repr(served) == f"ServedSimulator('http://127.0.0.1:{served.port}/devstoreaccount1')"
    assert served.ca_file is None
    assert served.connection_string == served.endpoints.connection_string(DEFAULT_ACCOUNTS[0])
