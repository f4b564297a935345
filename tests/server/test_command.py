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

import azfiles
from azfiles_sim import __main__ as entry
from azfiles_sim.accounts import DEFAULT_ACCOUNTS, EMULATOR_KEY, AccountSpec
from azfiles_sim.messages import Reply
from azfiles_sim.server.announcing import announce, complain
from azfiles_sim.server.assembling import make_simulator
from azfiles_sim.server.command import run
from azfiles_sim.server.endpoints import Endpoints
from azfiles_sim.server.options import ServeOptions, parse_arguments
from tests.proof import THOROUGH, some

from .conftest import Answering

KEY = base64.b64encode(b"a secret that nobody may see").decode()
SLOW = pytest.mark.skipif(not THOROUGH, reason="it starts processes: AZFILES_THOROUGH=1, as in CI, has it")
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


@pytest.mark.parametrize("number", some([signal.SIGTERM, signal.SIGINT], 1))
def test_it_says_one_line_once_it_accepts_connections_and_stops_cleanly_on_a_signal(start, number):
    process = start()
    line = process.stdout.readline()
    endpoint = line.partition("listens at ")[2].partition(" ")[0]
    assert f"AccountName=devstoreaccount1;AccountKey={EMULATOR_KEY};FileEndpoint={endpoint};" in line
    reply = httpx.get(f"{endpoint}/?comp=list", trust_env=False)
    assert reply.headers["x-ms-error-code"] is not None  # it answers as the service does: nobody signed this
    assert end(process, number) == ("", "")


@SLOW
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
        "control": f"{endpoint.removesuffix('/devstoreaccount1')}/_azfiles/v1",
        "control_token": record["control_token"],
        "proxy": None,
        "inspector": None,
        "pid": process.pid,
    }
    assert len(record["control_token"]) >= 43  # 32 random bytes
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


@SLOW
def test_state_in_a_folder_outlives_a_killed_process_and_belongs_to_one_at_a_time(start, tmp_path):
    folder = str(tmp_path / "state")
    first = start("--json", "--data", folder, "--durable")
    with azfiles.connect(json.loads(first.stdout.readline())["connection_string"]) as client:
        client.share("data").create()
        client.share("data").file("f").upload(b"x" * 100_000)
    second = start("--data", folder)
    out, err = second.communicate(timeout=PATIENCE_S)
    assert (second.returncode, out) == (2, "")
    assert err.startswith("azfiles-sim: --data: ")
    assert (err.count("\n"), folder in err) == (1, True)
    first.kill()
    first.wait(PATIENCE_S)
    third = start("--json", "--data", folder)
    record = json.loads(third.stdout.readline())
    with azfiles.connect(record["connection_string"]) as client:
        assert client.share("data").file("f").download() == b"x" * 100_000
    headers = {"Authorization": f"Bearer {record['control_token']}"}
    assert httpx.post(f"{record['control']}/reset", headers=headers, trust_env=False).status_code == 200
    assert end(third) == ("", "")


def test_a_folder_that_cannot_be_one_is_one_line_and_status_2(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert run(["serve", "--data", str(tmp_path / "file")], environment={}) == 2
    assert capsys.readouterr() == ("", f"azfiles-sim: --data: cannot use {tmp_path / 'file'}: File exists\n")


@SLOW
def test_the_environments_token_is_the_control_interfaces_and_can_be_turned_off(start):
    token = "a-token-for-the-tests-only"
    process = start("--json", "--control-host", "sim.test", AZFILES_SIM_CONTROL_TOKEN=token)
    record = json.loads(process.stdout.readline())
    assert record["control_token"] == token
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{record['control']}/forks", headers=headers, trust_env=False).json() == {"forks": []}
    allowed = httpx.get(f"{record['control']}/forks", headers=headers | {"Host": "sim.test"}, trust_env=False)
    assert allowed.status_code == 200
    end(process)
    without = start("--json", "--no-control", AZFILES_SIM_CONTROL_TOKEN=token)
    record = json.loads(without.stdout.readline())
    assert (record["control"], record["control_token"]) == (None, None)
    end(without)


def test_a_proxy_leads_to_the_tls_server_by_the_services_own_name(start, ca_dir):
    process = start("--json", "--https", "--ca-dir", str(ca_dir), "--proxy-port", "0")
    record = json.loads(process.stdout.readline())
    trust = ssl.create_default_context(cafile=record["ca_file"])
    with httpx.Client(proxy=record["proxy"], verify=trust, trust_env=False) as http:
        reply = http.get("https://devstoreaccount1.file.core.windows.net/?comp=list")
        assert "x-ms-request-id" in reply.headers
        with pytest.raises(httpx.ProxyError):
            http.get("https://example.org/")
    end(process)


@SLOW
def test_a_taken_proxy_port_is_one_line_and_status_2(start, ca_dir):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--https", "--ca-dir", str(ca_dir), "--proxy-port", str(port))
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (2, "")
    assert err == f"azfiles-sim: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


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


@pytest.mark.parametrize("redirection", some([">&-", ">&- 2>&-", ">/dev/full", "reader gone"], 1))
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
    some(
        [
            (f"one:{KEY[:-1]}", "AZFILES_SIM_ACCOUNTS: account 1: a key is not base64"),
            (f"one:{KEY};one:{KEY}", "AZFILES_SIM_ACCOUNTS: the account one is given twice"),
            (f"one@gold:{KEY}", "AZFILES_SIM_ACCOUNTS: account 1: the kind is not known"),
            (KEY, "AZFILES_SIM_ACCOUNTS: account 1: it has no key"),
        ],
        1,
    ),
)
def test_a_bad_environment_is_one_line_and_status_2_and_shows_no_key(start, accounts, message):
    process = start(AZFILES_SIM_ACCOUNTS=accounts)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert out == ""
    assert err.startswith(f"azfiles-sim: {message}")
    assert err.count("\n") == 1
    assert KEY[:8] not in err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--durable"], "--durable says how --data keeps the state: give both"),
        (["--proxy-port", "0"], "--proxy-port leads to a TLS server: give --https too"),
        (["--tenant", "zz", "--bearer", "development"], "--tenant is a GUID, as in a token's tid"),
        (["--tenant", "t"], "--tenant says whose bearer tokens are taken: give --bearer development too"),
        (["--fault-seed", "1"], "--fault-seed is what the chances of --faults start from: give both"),
        (["--no-control", "--control-host", "a"], "--control-host and --no-control contradict each other"),
    ],
)
def test_an_option_that_would_do_nothing_alone_is_refused(capsys, options, says):
    assert run(["serve", *options], environment={}, make=answering) == 2
    assert capsys.readouterr() == ("", f"azfiles-sim: {says}\n")


@pytest.mark.parametrize("token", ["short", "a token with spaces in it"])
def test_a_control_token_that_cannot_be_one_is_refused_without_being_quoted(capsys, token):
    assert run(["serve"], environment={"AZFILES_SIM_CONTROL_TOKEN": token}, make=answering) == 2
    said = capsys.readouterr().err
    assert said.startswith("azfiles-sim: AZFILES_SIM_CONTROL_TOKEN: a token has 16 or more")
    assert token not in said


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
        host="127.0.0.1",
        port=10004,
        https=False,
        seed=0,
        data=None,
        ca_dir=None,
        durable=False,
        strict_versions=False,
        bearer="refused",
        tenant=None,
        copy_speed=None,
        range_md5=True,
        control=True,
        control_hosts=(),
        proxy_port=None,
        faults=None,
        fault_seed=None,
        json=False,
    )


def test_every_option_is_read():
    given = (
        "serve --host ::1 --port 7 --https --seed 3 --data d --ca-dir c --durable --strict-versions --no-control "
        "--control-host a --control-host b --proxy-port 8 --bearer development --tenant t --copy-speed 9 "
        "--no-range-md5 "
        "--faults f.toml --fault-seed 4 --json"
    )
    assert parse_arguments(given.split()) == ServeOptions(
        host="::1",
        port=7,
        https=True,
        seed=3,
        data=Path("d"),
        ca_dir=Path("c"),
        durable=True,
        strict_versions=True,
        bearer="development",
        tenant="t",
        copy_speed=9,
        range_md5=False,
        control=False,
        control_hosts=("a", "b"),
        proxy_port=8,
        faults=Path("f.toml"),
        fault_seed=4,
        json=True,
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


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "٣", "1" * 19])
def test_a_speed_that_is_none_is_refused(speed, capsys):
    with pytest.raises(SystemExit):
        parse_arguments(["serve", f"--copy-speed={speed}"])
    assert "is not a speed" in capsys.readouterr().err


@pytest.mark.parametrize(("given", "status"), [((), "success"), (("--copy-speed", "100"), "pending")])
def test_copies_from_another_account_are_as_slow_as_asked_for(given, status):
    """They are over at once unless a speed is given; a test then moves the clock on."""
    keys = {"one": b"a key of one account", "two": b"a key of another account"}
    accounts = [AccountSpec(name, keys=(key,)) for name, key in keys.items()]
    simulator = make_simulator(accounts, parse_arguments(["serve", *given]))

    def connect(account: str) -> azfiles.ServiceClient:
        credential = azfiles.SharedKey(account, base64.b64encode(keys[account]).decode())
        return azfiles.connect(
            f"http://127.0.0.1/{account}", credential, transport=azfiles.InProcessTransport(simulator.handle)
        )

    with connect("one") as source, connect("two") as destination:
        source.share("data").create()
        source.share("data").file("f").upload(bytes(1000))
        destination.share("data").create()
        file = source.share("data").file("f")
        signature = file.make_sas(https_only=False)
        copy = destination.share("data").file("copy").start_copy(f"http://127.0.0.1/one/data/f?{signature.token}")
        assert copy.status == status
        simulator.control.advance(10)
        assert destination.share("data").file("copy").get_copy_status().status == "success"


def test_the_entry_point_reads_the_programs_arguments(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["azfiles-sim", "serve", "--durable"])
    assert entry.main() == 2
    assert "--data" in capsys.readouterr().err


def test_without_its_extra_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["azfiles-sim", "serve"])
    for name in [name for name in sys.modules if name.startswith("azfiles_sim.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httptools", None)
    assert entry.main() == 2
    assert capsys.readouterr().err == "azfiles-sim: httptools is missing; install azfiles-toolkit[server]\n"


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "-h"], []])
def test_without_its_extra_help_tells_how_the_command_is_called_all_the_same(arguments, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("azfiles_sim.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httptools", None)
    monkeypatch.setattr(sys, "argv", ["azfiles-sim", *arguments])
    assert entry.main() == 2
    told = capsys.readouterr()
    assert told.out.startswith("usage: azfiles-sim serve [options]\n       azfiles-sim explore [options]\n")
    assert told.err == "azfiles-sim: httptools is missing; install azfiles-toolkit[server]\n"


def test_explore_is_listed_and_needs_nothing_of_the_server(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        parse_arguments(["--help"])
    assert "search seeds for a history" in capsys.readouterr().out
    for name in [name for name in sys.modules if name.startswith("azfiles_sim.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httptools", None)
    monkeypatch.setattr(sys, "argv", ["azfiles-sim", "explore", "--seeds", "1", "--operations", "1"])
    assert entry.main() == 0
    assert capsys.readouterr().out.startswith("nothing found in 1 seeds")


@pytest.mark.parametrize("port", ["abc", "65536", "-1", "1.5", "", "9" * 5000])
def test_what_is_no_port_is_refused_with_a_sentence(port, capsys):
    with pytest.raises(SystemExit):
        parse_arguments(["serve", f"--port={port}"])
    assert "is not a port: a whole number from 0 to 65535 is expected" in capsys.readouterr().err


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
