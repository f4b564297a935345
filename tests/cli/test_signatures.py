"""``sas create`` and ``sas explain``: what a signature allows, and why one does not work."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import azfiles
from azfiles.core import sas
from azfiles.core.sas_terms import read_terms
from azfiles.core.sharedkey import authorization
from tests.cli.conftest import Run

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def captured(url: str, headers: list[tuple[str, str]], changed: dict[str, str] | None = None) -> str:
    """A request that the served simulator refused, as ``curl -v`` shows it. ``changed`` is what came instead, as where a
    proxy changes headers on the way.
    """
    target = "/" + url.partition("://")[2].partition("/")[2]
    lines = [f"> GET {target} HTTP/1.1", *(f"> {name}: {value}" for name, value in headers), ">"]
    sent = {name: value for name, value in headers if name != "Host"} | (changed or {})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(urllib.request.Request(url, headers=sent))
    reply = raised.value
    lines += [
        f"< HTTP/1.1 {reply.code} {reply.reason}",
        *(f"< {name}: {value}" for name, value in reply.headers.items()),
    ]
    return "\n".join([*lines, "<", reply.read().decode()])


def shared_key_request(account, key: azfiles.SharedKey, moment: datetime = NOW) -> tuple[str, list[tuple[str, str]]]:
    target = f"/{key.account}/data/notes.txt?comp=metadata"
    headers = [
        ("Host", account.endpoint.partition("://")[2].partition("/")[0]),
        ("x-ms-version", "2025-11-05"),
        ("x-ms-date", f"{moment:%a, %d %b %Y %H:%M:%S GMT}"),
        ("x-ms-client-request-id", "one"),
    ]
    headers.append(("Authorization", authorization(key, method="GET", target=target, headers=headers)))
    return account.endpoint.removesuffix(f"/{key.account}") + target, headers


def test_a_signature_is_made_narrow_and_works(azfiles_command: Run, share, account):
    made = azfiles_command("sas", "create", "data", "--permissions", "rl", "--allow-http")
    assert (made.status, made.err) == (0, "")
    token = made.out.strip()
    assert read_terms(token).permissions == "rl"
    ran = azfiles_command("cat", f"{account.endpoint}/data/notes.txt?{token}")
    assert (ran.status, ran.out) == (0, "to do\n")
    assert ran.err.startswith("azfiles: warning: the URL holds a signature")
    assert token not in ran.err


def test_its_url_its_time_and_its_json(azfiles_command: Run, share, account):
    url = azfiles_command("sas", "create", "data/notes.txt", "--url", "--allow-http", "--expires", "2099-05-09").out
    assert url.startswith(f"{account.endpoint}/data/notes.txt?sv=")
    assert "se=2099-05-09T00%3A00%3A00Z" in url
    whole = azfiles_command(
        "sas", "create", "azfiles://", "--resource-types", "sco", "--expires", "7d", "--json"
    ).json()
    ends = datetime.fromisoformat(whole["expires_at"])
    assert timedelta(days=6, hours=23) < ends - NOW < timedelta(days=7, minutes=9)
    assert whole["url"] == f"{account.endpoint}/?{whole['sas']}"


def test_over_http_it_warns_that_only_https_is_signed(azfiles_command: Run, share):
    assert "--allow-http" in azfiles_command("sas", "create", "data").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("data/photos/",), "azfiles sas create azfiles://data  signs for all in the share"),
        (("data", "--permissions", "x"), "permissions"),
        (("data", "--expires", "soon"), "neither a time such as 1h nor a moment"),
        (("data", "--expires", "2120-01-01", "--starts", "2121-01-01"), "expires_at"),
        (("data", "--ip", "nowhere"), "ip"),
    ],
)
def test_what_cannot_be_signed_is_said(azfiles_command: Run, share, arguments, said):
    ran = azfiles_command("sas", "create", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


def test_a_good_signature_is_told_in_words(azfiles_command: Run, share, key):
    token = sas.make_share_sas(key, "data", now=NOW, permissions="rl", expires_at=NOW + HOUR * 50, ip="10.0.0.1").token
    ran = azfiles_command("sas", "explain", "-", stdin=f"https://{key.account}.file.core.windows.net/data?{token}\n")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "signature     of an account key, for one resource (service SAS)",
        "for           all in the share 'data', not the share itself",
        "allows        read, list",
        f"until         {NOW + HOUR * 50:%Y-%m-%d %H:%M:%S} UTC (in 2 days)",
        "over          https",
        "from address  10.0.0.1",
        "version       2025-11-05",
        "",
        "The signature: it was made with the key in use.",
    ]
    plain = azfiles_command("sas", "explain", "-", "--json", stdin=token).json()
    assert (plain["resource"], plain["permissions"], plain["expired"], plain["problems"]) == (
        "share",
        ["read", "list"],
        False,
        [],
    )


def test_an_expired_signature_says_since_when(azfiles_command: Run, account, key):
    token = sas.make_file_sas(key, "data", ("f",), now=NOW - HOUR * 4, expires_at=NOW - HOUR * 3 - HOUR / 60).token
    ran = azfiles_command("sas", "explain", "-", stdin=token)
    assert ran.status == 1
    assert "It does not work: it expired 3 hours ago." in ran.out
    assert azfiles_command("sas", "explain", "-", "--json", stdin=token).json()["expired"]


def test_one_that_begins_later_or_is_of_another_service_says_so(azfiles_command: Run, account, key):
    token = sas.make_share_sas(key, "data", now=NOW, starts_at=NOW + HOUR * 2.5).token
    assert "it begins in 2 hours" in azfiles_command("sas", "explain", "-", stdin=token).out
    ran = azfiles_command("sas", "explain", "-", stdin="sv=2025-11-05&sr=c&sp=r&se=2099-01-01&sig=abc")
    assert "sr is 'c', for a blob container" in ran.out


def test_a_signature_that_was_changed_does_not_fit(azfiles_command: Run, share, account, key):
    token = sas.make_share_sas(key, "data", now=NOW, permissions="r", allow_http=True).token.replace("sp=r", "sp=rw")
    ran = azfiles_command("sas", "explain", "-", stdin=f"{account.endpoint}/data/notes.txt?{token}")
    assert (ran.status, "it was changed after it was made" in ran.out) == (1, True)


def test_a_request_refused_for_its_resource_shows_the_lines_that_differ(azfiles_command: Run, share, account, key):
    token = sas.make_file_sas(key, "data", ("photos", "2.jpg"), now=NOW, allow_http=True).token
    seen = captured(f"{account.endpoint}/data/notes.txt?{token}", [("Host", "h")])
    ran = azfiles_command("sas", "explain", "-", stdin=seen.replace("/data/notes.txt", "/data/photos/2.jpg", 1))
    assert ran.status == 1
    assert "the lines differ below" in ran.out
    assert f"  the resource\n    signed   /file/{key.account}/data/photos/2.jpg\n" in ran.out
    assert f"    service  /file/{key.account}/data/notes.txt\n" in ran.out


def test_a_header_that_was_changed_on_its_way_is_shown(azfiles_command: Run, share, account, key):
    url, headers = shared_key_request(account, key)
    seen = captured(url, headers, {"x-ms-client-request-id": "two", "x-ms-more": "1"})
    ran = azfiles_command("sas", "explain", "-", stdin=seen)
    assert ran.status == 1
    assert "the service computed another text" in ran.out
    assert "  x-ms-client-request-id\n    signed   one\n    service  two\n" in ran.out
    assert "  x-ms-more\n    signed   no such line\n    service  1\n" in ran.out
    parted = azfiles_command("sas", "explain", "-", "--json", stdin=seen).json()["differences"]
    assert {"line": "x-ms-client-request-id", "signed": "one", "service": "two"} in parted


@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_key_is_told_from_a_changed_request(azfiles_command: Run, share, account, key, known, monkeypatch):
    wrong = azfiles.SharedKey(key.account, "d3Jvbmc=")
    seen = captured(*shared_key_request(account, wrong))
    if known:
        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", wrong.account)
        monkeypatch.setenv("AZURE_STORAGE_KEY", wrong.key)
    out = azfiles_command("sas", "explain", "-", stdin=seen).out
    expected = "under the key in use, so that key is none" if known else "the signature is not that of the key in use"
    assert expected in out
    assert authorization(wrong, method="GET", target="/", headers=[]).split(":")[1] not in out


def test_a_clock_that_is_off_is_told_by_how_much(azfiles_command: Run, share, account, key):
    seen = captured(*shared_key_request(account, key, NOW - HOUR * 2.1))
    assert (
        "the client's clock is 2 hours behind the service's" in azfiles_command("sas", "explain", "-", stdin=seen).out
    )


def test_an_error_of_azfiles_itself_is_explained(azfiles_command: Run, share, account, key, monkeypatch):
    monkeypatch.setenv(
        "AZURE_STORAGE_CONNECTION_STRING", account.connection_string.replace(key.key, "d3Jvbmcga2V5IQ==")
    )
    refused = azfiles_command("ls", "data", "--json")
    assert refused.status == 4
    for text in (refused.err, json.loads(refused.err)["error"]["message"]):
        ran = azfiles_command("sas", "explain", "-", stdin=text)
        assert (ran.status, "is none of the account's" in ran.out or "the service says" in ran.out) == (1, True)


def test_a_file_is_read_and_a_signature_on_the_command_line_is_warned_of(
    azfiles_command: Run, account, key, tmp_path: Path
):
    token = sas.make_share_sas(key, "data", now=NOW).token
    (tmp_path / "sas.txt").write_text(token)
    assert azfiles_command("sas", "explain", tmp_path / "sas.txt").err == ""
    long = f"403 AuthenticationFailed: {'no ' * 1000}[GET /data, request id x]"
    assert azfiles_command("sas", "explain", long).out.startswith("request    GET /data\n")
    ran = azfiles_command("sas", "explain", token)
    assert ran.err.startswith("azfiles: warning: the signature was on the command line")


def test_without_a_text_the_signature_in_use_is_explained(azfiles_command: Run, account, key, monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", sas.make_account_sas(key, now=NOW).token)
    assert "the account's directories and files" in azfiles_command("sas", "explain").out


def test_what_has_neither_signature_nor_refusal_is_an_error(azfiles_command: Run, account):
    ran = azfiles_command("sas", "explain", "-", stdin="hello")
    assert (ran.status, ran.out) == (2, "")
    assert "the output of curl -v, or an error of azfiles is expected" in ran.err


@pytest.mark.parametrize(
    "authorization", ["Bearer eyJzZWNyZXQ", "bearer eyJzZWNyZXQ", "Basic eyJzZWNyZXQ:x", "eyJzZWNyZXQ"]
)
def test_no_token_of_a_refused_request_is_shown(azfiles_command: Run, authorization):
    text = f"> GET /data HTTP/1.1\n> Host: h\n> Authorization: {authorization}\n>\n< HTTP/1.1 401 No\n"
    for form in ((), ("--json",)):
        ran = azfiles_command("sas", "explain", "-", *form, stdin=text)
        assert ran.status == 1
        assert "eyJzZWNyZXQ" not in ran.out + ran.err
    assert ran.json()["problems"] == ["the service says: nothing of the signature"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("",), "The whole account is azfiles://"),
        (("data", "--expires", "2020-01-01"), "--expires: 2020-01-01 00:00 UTC is over"),
        (("azfiles://", "--policy", "p"), "stored access policies are of shares"),
        (("data", "--resource-types", "o"), "--resource-types is for the whole account"),
        (
            ("data@2026-01-01T00:00:00.0000000Z/f", "--url"),
            "azfiles sas create azfiles://data/f  signs for its snapshots",
        ),
    ],
)
def test_no_signature_is_wider_than_what_was_asked_for(azfiles_command: Run, account, arguments, said):
    ran = azfiles_command("sas", "create", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


def test_an_error_of_ours_under_another_shares_signature_is_not_put_down_to_a_text_that_nobody_signed(
    azfiles_command: Run, share, account, key, monkeypatch
):
    token = sas.make_share_sas(key, "other", now=NOW, permissions="rl", allow_http=True).token
    with_key = account.connection_string
    with_token = f"FileEndpoint={account.endpoint};SharedAccessSignature={token}"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", with_token)
    error = azfiles_command("ls", "data", "--json").err
    for in_use in (with_token, with_key):
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", in_use)
        said = azfiles_command("sas", "explain", "-", "--json", stdin=error).json()
        (problem,) = said["problems"]
        assert "the same text" in problem
        assert "for another resource, or with another key" in problem
        assert (said["share"], said["differences"]) == ("data", [])
