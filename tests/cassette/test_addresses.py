"""What part of a URI is the account."""

from __future__ import annotations

import pytest

from azfiles.cassette.addresses import parse_uri, rename_account, rename_account_in_host, rename_accounts_in_text


def swap(name: str) -> str:
    return {"acct": "storagename"}.get(name, name)


@pytest.mark.parametrize(
    ("uri", "account", "path"),
    [
        ("https://acct.file.core.windows.net/s/d/f?comp=x", "acct", "s/d/f"),
        ("https://ACCT-secondary.file.core.windows.net", "acct", ""),
        ("https://acct.file.core.windows.net?comp=list", "acct", ""),
        ("http://127.0.0.1:10004/acct-secondary/s%2Fd", "acct", "s/d"),
        ("http://127.0.0.1:10004/", "", ""),
        ("http://localhost/acct", "acct", ""),
        ("https://files.example.com/s/f", "", "s/f"),
        ("https://user:pw@acct.blob.core.windows.net/c/b", "acct", "c/b"),
        ("https%3A%2F%2Facct.file.core.windows.net%2Fs", "acct", "s"),
        ("/s/f?x=1", "", "s/f"),
        ("", "", ""),
    ],
)
def test_a_uri_names_its_account_and_path(uri: str, account: str, path: str):
    found = parse_uri(uri)
    assert (found.account, found.path) == (account, path)


def test_query_pairs_are_decoded_and_a_plus_stays_a_plus():
    assert parse_uri("https://h/?A=b%2Bc+d&&=x&e").query == (("a", "b+c+d"), ("e", ""))


@pytest.mark.parametrize(
    ("uri", "renamed"),
    [
        ("https://acct.file.core.windows.net/acct", "https://storagename.file.core.windows.net/acct"),
        ("https://me:pw@acct-secondary.file.x/s", "https://storagename-secondary.file.x/s"),
        ("http://127.0.0.1:1/acct/acct/f?x=acct", "http://127.0.0.1:1/storagename/acct/f?x=acct"),
        ("http://127.0.0.1:1/%2F/acct/s", "http://127.0.0.1:1/%2F/storagename/s"),
        ("http://127.0.0.1:1/%61cct/s", "http://127.0.0.1:1/%61cct/s"),
        ("https://files.example.com/acct/s", "https://files.example.com/acct/s"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/"),
        ("/acct/s", "/acct/s"),
    ],
)
def test_only_the_account_of_a_uri_is_renamed(uri: str, renamed: str):
    assert rename_account(uri, swap) == renamed


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("<E U='https://acct.file.core.windows.net/'/>", "<E U='https://storagename.file.core.windows.net/'/>"),
        ("https%3A%2F%2Facct.file.core%2Fs", "https%3A%2F%2Fstoragename.file.core%2Fs"),
        ("http://127.0.0.1:10004/acct/s", "http://127.0.0.1:10004/storagename/s"),
        ("http%3a%2f%2f[::1]%3a1%2facct-secondary", "http%3a%2f%2f[::1]%3a1%2fstoragename-secondary"),
        ("acct https://acct.example.com/acct", "acct https://acct.example.com/acct"),
        ("http://127.0.0.1/acct.txt", "http://127.0.0.1/acct.txt"),
    ],
)
def test_in_a_text_the_account_is_renamed_in_urls_only(text: str, renamed: str):
    assert rename_accounts_in_text(text, swap) == renamed


@pytest.mark.parametrize(
    ("host", "renamed"),
    [("acct.file.core.windows.net:443", "storagename.file.core.windows.net:443"), ("127.0.0.1:1", "127.0.0.1:1")],
)
def test_a_host_header_names_the_account_in_host_style_only(host: str, renamed: str):
    assert rename_account_in_host(host, swap) == renamed
