"""``AZURE_STORAGE_AUTH_MODE=login``: as whoever is logged in to Entra ID, by azure-identity."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from azfiles.transports import tls
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread
from tests.cli.conftest import Run
from tests.filesystem.needing import need
from tests.foreign.sdk_kit import Token


@pytest.fixture(autouse=True)
def login(azfiles_command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for, in an environment that names no account so far."""
    monkeypatch.setenv("AZURE_STORAGE_AUTH_MODE", "login")


def test_without_azure_identity_it_says_which_extra_to_install(azfiles_command: Run, account, monkeypatch):
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    ran = azfiles_command("ls")
    assert (ran.status, ran.out, ran.err) == (
        2, "", "azfiles: AZURE_STORAGE_AUTH_MODE=login needs azure-identity\n  pip install 'azfiles-toolkit[login]'\n"
    )  # fmt: skip


def test_another_mode_is_named_with_those_that_there_are(azfiles_command: Run, account, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_AUTH_MODE", "entra")
    ran = azfiles_command("ls")
    assert (ran.status, ran.err.splitlines()[0]) == (2, "azfiles: AZURE_STORAGE_AUTH_MODE is 'entra'")
    monkeypatch.setenv("AZURE_STORAGE_AUTH_MODE", "key")
    assert azfiles_command("ls") == (0, "", "")


def test_a_signature_in_the_url_is_taken_for_what_it_is(azfiles_command: Run, share, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_AUTH_MODE", "key")
    url = azfiles_command("sas", "create", "data", "--permissions", "l", "--allow-http", "--url").out.strip()
    monkeypatch.setenv("AZURE_STORAGE_AUTH_MODE", "login")
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    assert azfiles_command("ls", url).out == "notes.txt\nphotos/\n"


@pytest.fixture
def trust_anew():
    """What a process trusts it reads once; a command is a process of its own elsewhere."""
    tls._context.cache_clear()
    yield
    tls._context.cache_clear()


def az(folder: Path, answer: str) -> Path:
    """A stand-in for the Azure CLI, which azure-identity starts; it counts how often."""
    program = folder / "az"
    program.write_text(f"#!/bin/sh\necho >> {folder}/asked\n{answer}\n", encoding="utf-8")
    program.chmod(0o755)
    return folder / "asked"


def test_the_login_of_the_azure_cli_is_taken_and_asked_for_once(
    azfiles_command: Run, tmp_path, monkeypatch, trust_anew
):
    need("azure.identity")
    made = Token("https://storage.azure.com/").token
    told = {"accessToken": made.token, "expires_on": made.expires_on, "expiresOn": time.ctime(), "tokenType": "Bearer"}
    asked = az(tmp_path, f"cat <<'END'\n{json.dumps(told)}\nEND")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    with serve_in_thread(Simulator(bearer="development"), https=True, ca_dir=tmp_path / "ca") as served:
        monkeypatch.setenv("SSL_CERT_FILE", str(served.ca_file))
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", served.connection_string)  # whose key is not used
        assert azfiles_command("mkdir", "data") == (0, "", "")
        asked.unlink()
        plain = tmp_path / "plain.txt"
        plain.write_bytes(b"by me")
        assert azfiles_command("cp", plain, "azfiles://data") == (0, "", "")
        assert asked.read_text() == "\n"
        assert azfiles_command("cat", "data/plain.txt").out == "by me"
        ran = azfiles_command("ls", "nowhere", "-l")
        assert (ran.status, made.token in ran.out + ran.err) == (3, False)


def test_without_a_login_it_says_how_to_log_in(azfiles_command: Run, account, tmp_path, monkeypatch):
    need("azure.identity")
    az(tmp_path, "echo 'Please run az login to set up an account' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    ran = azfiles_command("ls")
    assert ran.status == 4
    assert ran.err.startswith(
        "azfiles: AZURE_STORAGE_AUTH_MODE=login, and Entra ID gave no token\n  az login  logs you in\n"
    )
