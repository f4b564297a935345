"""Errors name what would help, with statuses that scripts can tell apart, and nothing shows a secret."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

import azfiles
from azfiles.cli import exits
from azfiles.core import sas
from tests.cli.conftest import Run
from tests.proof import some

NOW = datetime.now(UTC)


def as_signature(monkeypatch: pytest.MonkeyPatch, account, token: str) -> None:
    text = f"FileEndpoint={account.endpoint};SharedAccessSignature={token}"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)


def test_without_a_credential_it_says_which_variables_to_set(azfiles_command: Run):
    ran = azfiles_command("ls")
    assert (ran.status, ran.out) == (exits.REFUSED, "")
    assert ran.err.startswith("azfiles: no account was given\n  set AZURE_STORAGE_CONNECTION_STRING")
    assert azfiles_command("ls", "https://acct.file.core.windows.net/data").status == exits.REFUSED


def test_the_account_comes_from_its_name_and_key_or_signature(azfiles_command: Run, share, account, key, monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
    monkeypatch.setenv("AZURE_STORAGE_KEY", key.key)
    assert azfiles_command("cat", f"{account.endpoint}/data/notes.txt") == (0, "to do\n", "")
    token = sas.make_share_sas(key, "data", now=NOW, allow_http=True).token
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", token)
    assert azfiles_command("cat", f"{account.endpoint}/data/notes.txt").out == "to do\n"
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "another")
    ran = azfiles_command("cat", f"{account.endpoint}/data/notes.txt")
    assert (ran.status, "no credential for the account" in ran.err) == (exits.REFUSED, True)


def test_plain_http_beyond_this_machine_wants_to_be_allowed(azfiles_command: Run, monkeypatch):
    monkeypatch.setattr("azfiles.cli.accounts.RETRY", None)
    text = "AccountName=acct;AccountKey=a2V5;FileEndpoint=http://storage.invalid:1/acct"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    ran = azfiles_command("ls")
    assert (ran.status, "AZFILES_ALLOW_HTTP=1 in the environment allows it" in ran.err) == (exits.FAILED, True)
    monkeypatch.setenv("AZFILES_ALLOW_HTTP", "1")
    assert azfiles_command("ls").status == exits.LATER


def test_a_wrong_key_says_where_the_right_ones_are(azfiles_command: Run, share, account, key, monkeypatch):
    wrong = account.connection_string.replace(key.key, "d3Jvbmcga2V5IQ==")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", wrong)
    ran = azfiles_command("ls", "data")
    assert ran.status == exits.REFUSED
    assert "the key in use is none of the account" in ran.err
    assert f"az storage account keys list --account-name {key.account}" in ran.err


def test_an_expired_signature_says_since_when(azfiles_command: Run, share, account, key, monkeypatch):
    begin = NOW - timedelta(hours=5)
    made = sas.make_share_sas(key, "data", now=begin, starts_at=begin, expires_at=timedelta(hours=1), allow_http=True)
    as_signature(monkeypatch, account, made.token)
    ran = azfiles_command("cat", "data/notes.txt")
    assert ran.status == exits.REFUSED
    assert "the signature in use expired 4 hours ago; azfiles sas create makes a new one" in ran.err


def test_a_signature_that_does_not_allow_it_says_what_it_allows(azfiles_command: Run, share, account, key, monkeypatch):
    as_signature(monkeypatch, account, sas.make_share_sas(key, "data", now=NOW, allow_http=True).token)
    ran = azfiles_command("mkdir", "data/new")
    assert ran.status == exits.REFUSED
    assert "the signature in use is for share and allows: read\n" in ran.err


def test_a_clock_that_is_off_says_how_to_set_it(azfiles_command: Run, share, account):
    account.simulator.clock.advance(3600)
    ran = azfiles_command("ls", "data")
    assert ran.status == exits.REFUSED
    assert "too far from the service's" in ran.err
    assert "timedatectl set-ntp true" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ls", "dat"), "there is no share 'dat' (404 ShareNotFound)\n  did you mean 'data'?"),
        (
            ("cat", "data/note.txt"),
            "azfiles://data/note.txt is not there (404 ResourceNotFound)\n  did you mean 'notes.txt'?",
        ),
        (("cat", "data/photo/2.jpg"), "the directory azfiles://data/photo is not there"),
        (("cat", "data/photo/2.jpg"), "did you mean 'photos'?"),
        (("cat", "data/photos"), "azfiles://data/photos is a directory, not a file"),
        (("ls", "data@2020-01-01T00:00:00.0000000Z"), "azfiles snapshot list azfiles://data"),
    ],
)
def test_what_is_missing_names_what_is_like_it(azfiles_command: Run, share, arguments, said):
    ran = azfiles_command(*arguments)
    assert ran.status == exits.MISSING
    assert said in ran.err


def test_a_service_that_is_not_there_says_what_to_look_at(azfiles_command: Run, monkeypatch):
    monkeypatch.setattr("azfiles.cli.accounts.RETRY", None)
    text = "AccountName=acct;AccountKey=a2V5;FileEndpoint=http://127.0.0.1:9/acct"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    ran = azfiles_command("ls")
    assert ran.status == exits.LATER
    assert "is something serving at http://127.0.0.1:9? azfiles-sim serve starts a simulator" in ran.err


def test_with_json_an_error_is_an_object_on_stderr(azfiles_command: Run, share):
    error = azfiles_command("ls", "dat", "--json").error()
    assert error["message"] == "there is no share 'dat' (404 ShareNotFound)"
    assert (error["exit"], error["code"], error["http_status"]) == (exits.MISSING, "ShareNotFound", 404)
    assert error["hints"][0] == "did you mean 'data'?"
    assert error["request_id"]


class Interrupted(io.RawIOBase):
    """A stream whose reader presses Ctrl-C."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object, /) -> int:
        raise KeyboardInterrupt


def test_who_presses_ctrl_c_gets_a_status_of_its_own_and_nothing_is_left(azfiles_command: Run, share, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Interrupted())))
    ran = azfiles_command("cp", "-", "azfiles://data/new")
    assert ran == (exits.INTERRUPTED, "", "azfiles: stopped\n")
    assert [entry.name for entry in share.root.list()] == ["notes.txt", "photos"]


def test_whoever_stops_reading_ends_it_quietly(share, account):
    share.file("large").upload(b"x" * 1_000_000)
    command = [sys.executable, "-m", "azfiles", "cat", "data/large"]
    environment = {**os.environ, "AZURE_STORAGE_CONNECTION_STRING": account.connection_string}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"x"
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == exits.NOBODY_READS


def test_no_secret_is_shown_whatever_is_done_and_whatever_goes_wrong(
    azfiles_command: Run, share, account, key, monkeypatch, tmp_path
):
    wrong = azfiles.SharedKey(key.account, "c2VjcmV0IHRoYXQgaXMgd3Jvbmc=")
    good = sas.make_share_sas(key, "data", now=NOW, permissions="rwdl", allow_http=True).token
    expired = sas.make_share_sas(key, "data", now=NOW - timedelta(days=1), allow_http=True).token
    (tmp_path / "f").write_bytes(b"")
    lease = share.file("notes.txt").acquire_lease().id
    with_key = account.connection_string
    environments = [
        with_key,
        with_key.replace(key.key, wrong.key),
        f"FileEndpoint={account.endpoint};SharedAccessSignature={good}",
        f"FileEndpoint={account.endpoint};SharedAccessSignature={expired}",
        f"AccountName={key.account};AccountKey={key.key};AccountKey={key.key}",
        f"AccountName={key.account};AccountKey={key.key[:-3]}",
    ]
    commands = [
        ("ls",), ("ls", "data", "--json"), ("tree", "data"), ("stat", "data/notes.txt", "data", "--json"),
        ("cat", "data/none"), ("cp", tmp_path / "f", "azfiles://data/notes.txt"), ("rm", "data/notes.txt"),
        ("sync", tmp_path, "azfiles://data/new", "--json"), ("mkdir", "data/a b"), ("lease", "find", "data", "--json"),
        ("snapshot", "list", "data"), ("temp", "clean", "data"), ("lock", "nope", "--", "true"), ("sas", "explain"),
        ("ls", f"{account.endpoint}/data/none?{good}"), ("ls", f"{account.endpoint}/data?x={good}&sharesnapshot="),
        ("sas", "explain", f"{account.endpoint}/data?{expired}"),
    ]  # fmt: skip
    secrets = [key.key, wrong.key, lease, *(token.partition("sig=")[2] for token in (good, expired))]
    shown = []
    pairs = list(itertools.product(environments, commands))
    spread = [pairs[7 * number % len(pairs)] for number in range(len(pairs))]
    assert set(spread) == set(pairs)
    for text, command in some(spread, 40):
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
        ran = azfiles_command(*command, stdin="")
        shown.append(ran.out + ran.err)
        assert not any(secret in ran.out + ran.err for secret in secrets), command
    assert sum("Traceback" in one for one in shown) == 0
    assert any("notes.txt" in one for one in shown)


@pytest.mark.parametrize(
    "arguments",
    [
        ("ls", "data?sv=2025-11-05&sig=c2VjcmV0"),
        ("ls", "data", "https://acct.file.core.windows.net/data?sig=c2VjcmV0"),
        ("ls", "--json", "data", "https://acct.file.core.windows.net/data?sig=c2VjcmV0"),
    ],
)
def test_no_wrong_argument_is_repeated_with_its_signature(azfiles_command: Run, arguments):
    ran = azfiles_command(*arguments)
    assert ran.status == exits.FAILED
    assert "sig=REDACTED" in ran.err
    assert "c2VjcmV0" not in ran.err


def test_with_json_wrong_arguments_are_told_so_too(azfiles_command: Run):
    error = azfiles_command("ls", "--json", "--nope").error()
    assert (error["exit"], error["message"].rstrip(".")) == (exits.FAILED, "No such option '--nope'")
    assert azfiles_command("lock", "--nope", "--", "azfiles", "ls", "--json").err.startswith("Usage: azfiles lock")


@pytest.mark.parametrize("command", some(["ls --help", "completion bash", "ls data"], 1))
def test_a_reader_that_has_gone_is_told_by_the_status_and_nothing_else(share, account, command):
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "AZURE_STORAGE_CONNECTION_STRING": account.connection_string}
    ran = subprocess.run(
        [sys.executable, "-m", "azfiles", *command.split()],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (exits.NOBODY_READS, b"")


@pytest.mark.parametrize(
    ("redirected", "status"),
    some(
        [
            ("ls data >&-", exits.FAILED),
            ("cat data/notes.txt >&-", exits.FAILED),
            ("cp - azfiles://data/notes.txt <&-", exits.FAILED),
            ("ls nothing 2>&-", exits.MISSING),
            ("ls --help >/dev/full", exits.FAILED),
            ("ls data >/dev/full", exits.FAILED),
            ("cp azfiles://data/notes.txt azfiles://data/copy <&- >&- 2>&-", exits.DONE),
        ],
        1,
    ),
)
def test_a_standard_stream_that_is_closed_or_full_fails_and_nothing_takes_its_place(share, account, redirected, status):
    environment = {**os.environ, "AZURE_STORAGE_CONNECTION_STRING": account.connection_string}
    script = f'"$0" -m azfiles {redirected}'
    ran = subprocess.run(["sh", "-c", script, sys.executable], capture_output=True, env=environment, check=False)
    assert (ran.returncode, ran.stdout, b"Traceback" in ran.stderr) == (status, b"", False)
    assert share.file("notes.txt").download() == b"to do\n"


def test_ctrl_c_before_there_is_a_command_is_as_quiet(tmp_path):
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "azfiles", "ls"]
    ran = subprocess.run(command, capture_output=True, env=environment, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (exits.INTERRUPTED, "azfiles: stopped\n")
