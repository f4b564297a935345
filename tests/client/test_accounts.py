"""Which account is meant, and as whom: what is given goes before the environment, and no credential goes astray."""

from __future__ import annotations

import pytest

import azfiles
from azfiles.clients.accounts import AccountOptions, find_account
from azfiles.errors import InvalidArgument

KEY = "a2V5"
SAS = "sv=2025-11-05&sr=s&sig=c2ln"
LOCAL = f"AccountName=local;AccountKey={KEY};FileEndpoint=http://127.0.0.1:1/local"
CHINA = "https://mine.file.core.chinacloudapi.cn"
URL = "https://mine.file.core.windows.net"
SHARED_KEY = azfiles.SharedKey("mine", KEY)


@pytest.mark.parametrize(
    ("options", "environment", "url", "credential"),
    [
        ({"account_name": "mine", "account_key": KEY}, {}, URL, SHARED_KEY),
        ({"account_name": "mine", "sas_token": "?" + SAS}, {}, URL, azfiles.Sas(SAS)),
        ({"account_name": "mine", "anon": True}, {"AZURE_STORAGE_KEY": KEY}, URL, azfiles.Anonymous()),
        ({"account_url": "http://127.0.0.1:1/local", "account_key": KEY}, {}, None, azfiles.SharedKey("local", KEY)),
        ({"connection_string": LOCAL}, {"AZURE_STORAGE_ACCOUNT": "mine"}, "http://127.0.0.1:1/local", None),
        (
            {},
            {"AZURE_STORAGE_CONNECTION_STRING": LOCAL, "AZURE_STORAGE_ACCOUNT": "mine"},
            "http://127.0.0.1:1/local",
            None,
        ),
        ({}, {"AZURE_STORAGE_ACCOUNT": "mine", "AZURE_STORAGE_KEY": KEY}, URL, SHARED_KEY),
        (
            {},
            {"AZURE_STORAGE_ACCOUNT": "mine", "AZURE_STORAGE_KEY": KEY, "AZURE_STORAGE_SAS_TOKEN": SAS},
            URL,
            azfiles.Sas(SAS),
        ),
        ({"account_name": "mine"}, {"AZURE_STORAGE_KEY": KEY}, URL, SHARED_KEY),
        ({"account_name": "local"}, {"AZURE_STORAGE_CONNECTION_STRING": LOCAL}, "http://127.0.0.1:1/local", None),
        (
            {"account_url": "http://127.0.0.1:1/local"},
            {"AZURE_STORAGE_CONNECTION_STRING": LOCAL},
            "http://127.0.0.1:1/local",
            azfiles.SharedKey("local", KEY),
        ),
        ({"sas_token": SAS}, {"AZURE_STORAGE_CONNECTION_STRING": LOCAL}, "http://127.0.0.1:1/local", azfiles.Sas(SAS)),
        ({"credential": KEY}, {"AZURE_STORAGE_ACCOUNT": "mine"}, URL, KEY),
        ({}, {"AZURE_STORAGE_ACCOUNT": "mine\n", "AZURE_STORAGE_KEY": f"{KEY}\r\n"}, URL, SHARED_KEY),
        ({}, {"AZURE_STORAGE_SERVICE_ENDPOINT": f"{CHINA}/", "AZURE_STORAGE_KEY": KEY}, CHINA, SHARED_KEY),
        (
            {},
            {
                "AZURE_STORAGE_ACCOUNT": "mine",
                "AZURE_STORAGE_SERVICE_ENDPOINT": CHINA,
                "AZURE_STORAGE_SAS_TOKEN": SAS,
            },
            CHINA,
            azfiles.Sas(SAS),
        ),
        ({"account_name": "mine", "account_key": KEY}, {"AZURE_STORAGE_SERVICE_ENDPOINT": CHINA}, CHINA, SHARED_KEY),
        (
            {"account_url": "https://example.com/mine"},
            {"AZURE_STORAGE_SERVICE_ENDPOINT": "https://example.com/mine", "AZURE_STORAGE_SAS_TOKEN": SAS},
            "https://example.com/mine",
            azfiles.Sas(SAS),
        ),
        ({"account_url": "http://127.0.0.1:1/local"}, {"AZURE_STORAGE_SAS_TOKEN": SAS}, None, azfiles.Sas(SAS)),
        (
            {"account_name": "other", "account_key": KEY},
            {"AZURE_STORAGE_SERVICE_ENDPOINT": CHINA},
            "https://other.file.core.windows.net",
            azfiles.SharedKey("other", KEY),
        ),
    ],
)
def test_the_account_and_its_credential_are_told(options, environment, url, credential):
    account = find_account(AccountOptions(**options), environment)
    assert account.url == (url or account.url)
    assert account.credential == credential
    with azfiles.connect(account.to, account.credential) as service:
        assert service.url.rstrip("/") == account.url
    for secret in (KEY, "c2ln"):
        assert secret not in repr(account)
        assert secret not in repr(AccountOptions(**options))


@pytest.mark.parametrize(
    ("options", "environment", "says"),
    [
        ({}, {}, "AZURE_STORAGE_CONNECTION_STRING"),
        ({"account_name": "mine"}, {}, "AZURE_STORAGE_KEY"),
        ({"account_name": "mine"}, {"AZURE_STORAGE_ACCOUNT": "other", "AZURE_STORAGE_KEY": KEY}, "that account alone"),
        ({"account_name": "mine"}, {"AZURE_STORAGE_CONNECTION_STRING": LOCAL}, "AZURE_STORAGE_KEY"),
        (
            {"account_url": "https://local.file.core.windows.net"},
            {"AZURE_STORAGE_CONNECTION_STRING": LOCAL},
            "AZURE_STORAGE_KEY",
        ),
        ({"account_name": "mine", "account_key": KEY, "sas_token": SAS}, {}, "one of them"),
        ({"connection_string": LOCAL, "account_name": "mine"}, {}, "leave account_name"),
        ({}, {"AZURE_STORAGE_ACCOUNT": URL, "AZURE_STORAGE_KEY": KEY}, "a URL is for account_url"),
        (
            {},
            {"AZURE_STORAGE_ACCOUNT": "other", "AZURE_STORAGE_SERVICE_ENDPOINT": CHINA, "AZURE_STORAGE_KEY": KEY},
            "no credential for the account 'mine'",
        ),
        (
            {},
            {"AZURE_STORAGE_SERVICE_ENDPOINT": "https://mine.blob.core.windows.net", "AZURE_STORAGE_KEY": KEY},
            "AZURE_STORAGE_SERVICE_ENDPOINT: .*is the blob service's",
        ),
        ({}, {"AZURE_STORAGE_CONNECTION_STRING": KEY + "x"}, "AZURE_STORAGE_CONNECTION_STRING: part 1"),
        ({}, {"AZURE_STORAGE_ACCOUNT": "mine", "AZURE_STORAGE_KEY": f"'{KEY}'"}, "AZURE_STORAGE_KEY: the account key"),
        (
            {},
            {"AZURE_STORAGE_ACCOUNT": "mine", "AZURE_STORAGE_SAS_TOKEN": f"'{SAS}'\n{SAS}"},
            "AZURE_STORAGE_SAS_TOKEN: the shared",
        ),
        (
            {"account_url": "https://mine.file.example.com"},
            {"AZURE_STORAGE_ACCOUNT": "mine", "AZURE_STORAGE_SAS_TOKEN": SAS},
            "is sent to Azure's hosts and to this machine only, not to mine.file.example.com",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_shows_no_secret(options, environment, says):
    with pytest.raises(InvalidArgument, match=says) as raised:
        find_account(AccountOptions(**options), environment)
    assert KEY not in str(raised.value)
    assert "c2ln" not in str(raised.value)
