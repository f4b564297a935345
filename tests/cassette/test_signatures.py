"""A replay can hold the client to its key, though no signature was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import azfiles
from azfiles import InProcessTransport, connect, recording, replaying
from azfiles.cassette.signatures import check_signature
from azfiles.errors import CassetteError
from azfiles_sim import Simulator
from tests.cassette.builders import Answering, request, respond

KEY = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, azfiles.EMULATOR_KEY)
WRONG = azfiles.SharedKey(azfiles.EMULATOR_ACCOUNT, "d3Jvbmc=")
URL = f"https://{azfiles.EMULATOR_ACCOUNT}.file.core.windows.net"
PATH_STYLE = f"http://127.0.0.1:10004/{azfiles.EMULATOR_ACCOUNT}"


def signed_with(credential, url: str = URL):
    """The request that a client with this credential sends to read a file."""
    sent = []

    def answer(asked):
        sent.append(asked)
        return respond(500)

    with (
        connect(url, credential, transport=Answering(answer), retry=None) as client,
        pytest.raises(azfiles.ServerFault),
    ):
        client.share("data").directory("a b").file("é.txt").get_range(0, 1)
    return sent[0]


def sas(make) -> azfiles.Sas:
    with connect(URL, KEY, transport=Answering(lambda _: respond(500))) as client:
        return make(client)


SIGNATURES = [
    sas(lambda client: client.make_sas(permissions="r")),
    sas(lambda client: client.share("data").make_sas(permissions="rl", expires_at=timedelta(hours=2))),
    sas(lambda client: client.share("data").directory("a b").file("é.txt").make_sas()),
]


@pytest.mark.parametrize("url", [URL, PATH_STYLE])
@pytest.mark.parametrize("credential", [KEY, *SIGNATURES], ids=["key", "account", "share", "file"])
def test_what_the_key_signed_is_right_and_what_another_key_signed_is_not(credential, url: str):
    asked = signed_with(credential, url)
    check_signature(asked, KEY)
    with pytest.raises(
        CassetteError, match=r"Get File /data/a b/é.txt, bytes=0-0: its signature is not what the key gives"
    ):
        check_signature(asked, WRONG)


@pytest.mark.parametrize("credential", [KEY, *SIGNATURES[1:]], ids=["key", "share", "file"])
def test_a_request_that_was_changed_after_it_was_signed_is_found(credential):
    asked = signed_with(credential)
    with pytest.raises(CassetteError, match="not what the key gives"):
        check_signature(replace(asked, target=asked.target.replace("/data/", "/date/")), KEY)


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ({}, "/s/f"),
        ({"Authorization": "Bearer abc"}, "/s/f?sig=x"),
        ({"Authorization": "SharedKeyLite a:b"}, "/s/f"),
        ({}, "/s/f?skoid=x&sig=y"),
    ],
)
def test_what_a_key_cannot_judge_counts_as_unsigned(headers, target):
    with pytest.raises(CassetteError, match="no signature that an account key can verify"):
        check_signature(request("GET", target, headers), KEY)


def test_a_signature_for_another_account_or_that_is_none_is_told_and_not_shown():
    with pytest.raises(CassetteError, match="for another account"):
        check_signature(request("GET", "/s/f", {"Authorization": "SharedKey other:abc"}), KEY)
    with pytest.raises(CassetteError, match="not what the key gives") as told:
        check_signature(request("GET", "/s/f", {"Authorization": f"SharedKey {KEY.account}:not-base64"}), KEY)
    assert "not-base64" not in str(told.value)


def test_the_replayer_verifies_against_the_key_it_is_given(tmp_path: Path):
    def work(client: azfiles.ServiceClient) -> None:
        client.share("data").create()
        client.share("data").file("f").upload(b"abc")

    path = tmp_path / "a.yaml"
    with connect(URL, KEY, transport=recording(InProcessTransport(Simulator().handle), path)) as client:
        work(client)
    with connect(URL, KEY, transport=replaying(path, verify_key=KEY)) as client:
        work(client)
    with (
        pytest.raises(CassetteError, match="not what the key gives"),
        connect(URL, WRONG, transport=replaying(path, verify_key=KEY)) as client,
    ):
        work(client)
