"""What ``connect`` makes of what people give it."""

from __future__ import annotations

import re

import anyio
import pytest

import azfiles
from azfiles.runners.blocking import BlockingRunner
from azfiles.runners.seeded import SeededRunner
from azfiles_sim import ManualClock, Simulator

KEY = "c2VjcmV0LWtleS1vZi10aGUtdGVzdHM="
SAS = "sv=2025-11-05&sp=r&sig=U0VDUkVUU0lH"
STRING = f"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={KEY};EndpointSuffix=core.windows.net"
URL = "https://acct.file.core.windows.net"


class Bearer:
    def get_token(self, *scopes, **_):
        return self


def session_of(client):
    return client.target.session


@pytest.mark.parametrize(
    ("to", "credential", "url", "expected"),
    [
        (STRING, None, f"{URL}/", azfiles.SharedKey("acct", KEY)),
        (f"FileEndpoint={URL};SharedAccessSignature={SAS}", None, f"{URL}/", azfiles.Sas(SAS)),
        (f"FileEndpoint={URL}", f"?{SAS}", f"{URL}/", azfiles.Sas(SAS)),
        (f"FileEndpoint={URL}", azfiles.Anonymous(), f"{URL}/", azfiles.Anonymous()),
        (
            "UseDevelopmentStorage=true",
            None,
            "http://127.0.0.1:10004/devstoreaccount1/",
            azfiles.credentials.EMULATOR_CREDENTIAL,
        ),
        (URL, KEY, f"{URL}/", azfiles.SharedKey("acct", KEY)),
        (URL, azfiles.SharedKey("acct", KEY), f"{URL}/", azfiles.SharedKey("acct", KEY)),
        (URL, f"?{SAS}", f"{URL}/", azfiles.Sas(SAS)),
        (URL, azfiles.Sas(SAS), f"{URL}/", azfiles.Sas(SAS)),
        (f"{URL}?{SAS}", None, f"{URL}/", azfiles.Sas(SAS)),
        (URL, azfiles.Anonymous(), f"{URL}/", azfiles.Anonymous()),
        ("http://127.0.0.1:10004/acct", KEY, "http://127.0.0.1:10004/acct/", azfiles.SharedKey("acct", KEY)),
        (
            "https://files.example.org",
            azfiles.SharedKey("acct", KEY),
            "https://files.example.org/",
            azfiles.SharedKey("acct", KEY),
        ),
    ],
)
def test_an_address_and_a_credential_become_a_client(to, credential, url, expected):
    for client in (azfiles.connect(to, credential), azfiles.connect_async(to, credential)):
        assert client.url == url
        assert session_of(client).credential == expected
        assert KEY not in repr(client) + repr(client.target) + repr(client.share("x").file("y"))
        assert "U0VDUkVUU0lH" not in repr(client) + repr(client.target)


def test_an_object_that_hands_out_tokens_becomes_a_token_credential():
    bearer = Bearer()
    assert session_of(azfiles.connect(URL, bearer)).credential == azfiles.Token(bearer)
    assert session_of(azfiles.connect(URL, azfiles.Token(bearer))).credential == azfiles.Token(bearer)


def test_a_handler_is_called_as_the_emulators_account_unless_told_otherwise():
    handle = Simulator().handle
    assert session_of(azfiles.connect(handle)).credential == azfiles.credentials.EMULATOR_CREDENTIAL
    assert azfiles.connect(handle).url == "https://devstoreaccount1.file.core.windows.net/"
    assert azfiles.connect(handle, azfiles.SharedKey("other", KEY)).url == "https://other.file.core.windows.net/"
    assert session_of(azfiles.connect(handle, KEY)).credential == azfiles.SharedKey("devstoreaccount1", KEY)
    assert session_of(azfiles.connect(handle, SAS)).credential == azfiles.Sas(SAS)


@pytest.mark.parametrize(
    ("to", "credential", "options", "message"),
    [
        (URL, None, {}, "no credential"),
        ("AccountName=acct", None, {}, "AccountKey or SharedAccessSignature"),
        (f"FileEndpoint={URL}", None, {}, "no credential"),
        (f"{URL}?{SAS}", KEY, {}, "two credentials"),
        (STRING, KEY, {}, "two credentials"),
        (URL, 7, {}, "cannot be int"),
        (7, KEY, {}, "not int"),
        (URL, "", {}, "empty"),
        ("nonsense", None, {}, "connection string"),
        ("ftp://acct.file.core.windows.net", KEY, {}, "http or https URL"),
        ("http://files.example.org/acct", KEY, {}, "allow_http"),
        (URL, KEY, {"api_version": "yesterday"}, "api_version"),
        (URL, KEY, {"ca_file": "x", "transport": azfiles.InProcessTransport(Simulator().handle)}, "ca_file"),
        (Simulator().handle, None, {"transport": azfiles.InProcessTransport(Simulator().handle)}, "leave one out"),
        (URL, KEY, {"transport": object()}, "has no send"),
    ],
)
def test_what_does_not_fit_together_is_said_without_a_secret(to, credential, options, message):
    for connect in (azfiles.connect, azfiles.connect_async):
        with pytest.raises(azfiles.InvalidArgument, match=message) as refusal:
            connect(to, credential, **options)
        assert KEY not in str(refusal.value)
        assert "U0VDUkVUU0lH" not in str(refusal.value)


def test_plain_http_beyond_this_machine_is_taken_only_with_consent():
    client = azfiles.connect("http://files.example.org/acct", KEY, allow_http=True)
    assert client.url == "http://files.example.org/acct/"


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_timeout_that_is_none_is_refused(seconds):
    with pytest.raises(azfiles.InvalidArgument, match="lease_s"):
        azfiles.Timeouts(lease_s=seconds)


def test_a_seed_needs_a_clock_and_gives_the_seeded_runner():
    handle = Simulator().handle
    with pytest.raises(azfiles.InvalidArgument, match="clock"):
        azfiles.connect(handle, seed=1)
    assert isinstance(azfiles.connect(handle, seed=1, clock=ManualClock()).runner, SeededRunner)
    assert isinstance(azfiles.connect(handle).runner, BlockingRunner)


class Closing(azfiles.InProcessTransport):
    def __init__(self):
        super().__init__(Simulator().handle)
        self.closed = 0

    def close(self):
        self.closed += 1

    async def aclose(self):
        self.closed += 1


def test_a_client_closes_its_transport_at_the_end_of_its_block():
    transport = Closing()
    with azfiles.connect(URL, KEY, transport=transport):
        assert transport.closed == 0
    assert transport.closed == 1

    async def use():
        async with azfiles.connect_async(URL, KEY, transport=transport):
            assert transport.closed == 1

    anyio.run(use)
    assert transport.closed == 2


class Timed(azfiles.InProcessTransport):
    def __init__(self, handler):
        super().__init__(handler)
        self.timeouts = []

    def send(self, request, timeout_s):
        self.timeouts.append(timeout_s)
        return super().send(request, timeout_s)


def test_each_kind_of_operation_has_its_own_timeout():
    transport = Timed(Simulator().handle)
    timeouts = azfiles.Timeouts(metadata_s=1.0, data_s=2.0, listing_s=3.0, lease_s=4.0)
    account = "https://devstoreaccount1.file.core.windows.net"
    client = azfiles.connect(account, azfiles.EMULATOR_KEY, transport=transport, timeouts=timeouts)
    share = client.share("data")
    share.create()
    share.file("f").upload(b"x", atomic=False, carry_over=False)
    list(share.root.list())
    share.acquire_lease(duration_s=15)
    assert transport.timeouts == [1.0, 1.0, 2.0, 3.0, 4.0]


def test_an_operation_that_the_service_version_lacks_is_refused_by_name_and_not_sent():
    transport = Timed(Simulator().handle)
    account = "https://devstoreaccount1.file.core.windows.net"
    client = azfiles.connect(account, azfiles.EMULATOR_KEY, transport=transport, api_version="2019-02-02")
    with pytest.raises(azfiles.RequestNotSent, match="Rename File needs service version 2021"):
        client.share("data").file("f").rename("g")
    assert transport.timeouts == []


def test_the_advice_for_a_handler_with_a_transport_of_ones_own_works(tmp_path):
    handle = Simulator().handle
    with pytest.raises(azfiles.InvalidArgument) as refusal:
        azfiles.connect(handle, transport=azfiles.InProcessTransport(handle))
    advice = re.search(r'connect\("UseDev.*\)\)', str(refusal.value))
    assert advice
    path = tmp_path / "c.yaml"
    names = {
        "connect": azfiles.connect,
        "recording": azfiles.recording,
        "InProcessTransport": azfiles.InProcessTransport,
        "handler": handle,
        "path": path,
    }
    with eval(advice[0], names) as client:
        client.share("data").create()
    assert "restype=share" in path.read_text()


def test_the_intent_of_all_requests_is_said_where_it_was_asked_for():
    simulator, sent = Simulator(), []

    def handle(request):
        sent.append(dict(request.headers))
        return simulator.handle(request)

    azfiles.connect(handle, backup_intent=True).share("data").create()
    azfiles.connect(handle).share("more").create()
    assert [headers.get("x-ms-file-request-intent") for headers in sent] == ["backup", None]
