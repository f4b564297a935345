"""Endpoints, paths and connection strings, to and from text."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.address import (
    ConnectionString,
    Endpoint,
    ResourceAddress,
    encode_component,
    encode_query,
    is_loopback,
    parse_account_url,
    parse_connection_string,
    parse_endpoint,
    parse_resource_url,
    split_path,
)
from azfiles.core.connection import read_account_url, read_connection_string, read_credential
from azfiles.credentials import EMULATOR_CREDENTIAL, Sas, SharedKey
from azfiles.errors import InvalidArgument

KEY = "a2V5LW9mLXRoZS10ZXN0cw=="
HOST_STYLE = Endpoint("https://acct.file.core.windows.net", "acct")


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://acct.file.core.windows.net", HOST_STYLE),
        ("https://acct.file.core.windows.net/", HOST_STYLE),
        ("https://ACCT.file.core.windows.net:443/", HOST_STYLE),
        (
            "https://acct-secondary.file.core.windows.net",
            Endpoint("https://acct-secondary.file.core.windows.net", "acct"),
        ),
        ("https://acct.file.example.org:8443", Endpoint("https://acct.file.example.org:8443", "acct")),
        ("http://acct.file.localhost:10004", Endpoint("http://acct.file.localhost:10004", "acct")),
        ("http://127.0.0.1:10004/acct", Endpoint("http://127.0.0.1:10004", "acct", ("acct",))),
        ("http://127.0.0.1:10004/acct/", Endpoint("http://127.0.0.1:10004", "acct", ("acct",))),
        ("http://[::1]:10004/acct", Endpoint("http://[::1]:10004", "acct", ("acct",))),
        ("http://localhost/acct", Endpoint("http://localhost", "acct", ("acct",))),
        ("http://localhost:80/acct", Endpoint("http://localhost", "acct", ("acct",))),
        ("https://proxy.example.org/acct", Endpoint("https://proxy.example.org", "acct", ("acct",))),
    ],
)
def test_an_accounts_url_gives_its_endpoint(url: str, endpoint: Endpoint):
    assert parse_endpoint(url) == endpoint


def test_a_domain_of_ones_own_needs_the_account_from_elsewhere():
    endpoint = parse_endpoint("https://files.example.org", account="acct")
    assert endpoint == Endpoint("https://files.example.org", "acct")
    with pytest.raises(InvalidArgument, match="names no account"):
        parse_endpoint("https://files.example.org")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("acct.file.core.windows.net", "absolute http or https"),
        ("ftp://acct.file.core.windows.net", "absolute http or https"),
        ("https://", "absolute http or https"),
        ("https://acct.file.core.windows.net:port", "host or port"),
        ("https://[::1/acct", "host or port"),
        ("https://me:hush123@acct.file.core.windows.net", "user information"),
        ("https://acct.file.core.windows.net#x", "fragment"),
        ("https://acct.file.core.windows.net/share", "something inside the account"),
        ("https://acct.file.core.windows.net?sv=1&sig=hush123", "query"),
        ("https://acct.blob.core.windows.net", "the blob service's"),
        ("https://127.0.0.1/", "names no account"),
        ("https://127.0.0.1/%2E%2E", "names no account"),
        ("https://acct.file.core.windows.net/a b", "characters that a URL cannot"),
        ("https://acct.file.core.windows.net/\u00e4", "characters that a URL cannot"),
        ("https://127.0.0.1/%ff", "not UTF-8"),
        ("http://acct.file.core.windows.net", "allow_http=True"),
        ("http://10.0.0.1/acct", "allow_http=True"),
    ],
)
def test_a_url_that_is_no_accounts_is_refused_with_the_reason_and_without_secrets(url: str, complaint: str):
    with pytest.raises(InvalidArgument, match=complaint) as caught:
        parse_endpoint(url)
    assert "hush123" not in str(caught.value)


def test_plain_http_beyond_loopback_is_taken_where_the_user_says_so():
    assert parse_endpoint("http://10.0.0.1/acct", allow_http=True).scheme == "http"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("acct.file.localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost.example.org", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.org", False),
        ("acct.file.core.windows.net", False),
    ],
)
def test_only_names_and_addresses_of_this_machine_are_loopback(host: str, loopback: bool):
    assert is_loopback(host) is loopback


def test_targets_and_urls_are_percent_encoded_utf8():
    path_style = Endpoint("http://127.0.0.1:10004", "acct", ("acct",))
    assert HOST_STYLE.target() == "/"
    assert HOST_STYLE.target((), (("comp", "list"),)) == "/?comp=list"
    assert path_style.target((), (("comp", "list"),)) == "/acct/?comp=list"
    assert path_style.target(("s", "a b+c", "\u00e4%&=#?")) == "/acct/s/a%20b%2Bc/%C3%A4%25%26%3D%23%3F"
    assert HOST_STYLE.target(("s", "-._~")) == "/s/-._~"
    assert HOST_STYLE.url == "https://acct.file.core.windows.net"
    assert path_style.url == "http://127.0.0.1:10004/acct"
    assert path_style.host == "127.0.0.1:10004"
    assert HOST_STYLE.url_of(("s", "f"), snapshot="2019-05-09T01:34:04.0000000Z") == (
        "https://acct.file.core.windows.net/s/f?sharesnapshot=2019-05-09T01%3A34%3A04.0000000Z"
    )
    assert encode_query((("a b", "c+d/e"),)) == "a%20b=c%2Bd%2Fe"


def test_what_cannot_be_encoded_is_refused():
    with pytest.raises(InvalidArgument, match="slash"):
        encode_component("a/b")
    with pytest.raises(InvalidArgument, match="surrogate"):
        encode_component("\ud800")
    with pytest.raises(InvalidArgument, match="surrogate"):
        encode_query((("prefix", "\ud800"),))


@pytest.mark.parametrize(
    ("path", "components"),
    [("", ()), ("/", ()), ("a", ("a",)), ("a/b.txt", ("a", "b.txt")), ("/a/b/", ("a", "b")), (["a", "b"], ("a", "b"))],
)
def test_a_path_is_split_at_its_slashes(path, components: tuple[str, ...]):
    assert split_path(path) == components


def test_an_empty_component_is_refused():
    with pytest.raises(InvalidArgument, match="empty component"):
        split_path("a//b")


_names = st.text(st.characters(exclude_characters="/", exclude_categories=("Cs",)), min_size=1, max_size=12).filter(
    lambda name: name not in {".", ".."}
)


@given(st.lists(_names, min_size=1, max_size=4))
def test_the_names_in_a_resources_url_are_what_its_path_decodes_to(names: list[str]):
    parts = urlsplit(HOST_STYLE.url_of(("share", *names), snapshot="2019-05-09T01:34:04.0000000Z"))
    assert [unquote(piece) for piece in parts.path.split("/")[1:]] == ["share", *names]
    assert parse_qs(parts.query) == {"sharesnapshot": ["2019-05-09T01:34:04.0000000Z"]}


def test_an_accounts_url_may_carry_a_signature():
    endpoint, query = parse_account_url("https://acct.file.core.windows.net/?sv=1&sig=x")
    assert (endpoint, query) == (HOST_STYLE, "sv=1&sig=x")
    assert read_account_url("https://acct.file.core.windows.net/?sv=1&sig=x") == (HOST_STYLE, Sas("sv=1&sig=x"))
    assert read_account_url("https://acct.file.core.windows.net/?") == (HOST_STYLE, None)


def test_a_credential_given_as_text_is_a_signature_or_a_key():
    assert read_credential("?sv=1&sig=x", HOST_STYLE) == Sas("sv=1&sig=x")
    assert read_credential(f" {KEY}\n", HOST_STYLE) == SharedKey("acct", KEY)
    ends_like_one = f"{'A' * 83}sIg=="
    assert read_credential(ends_like_one, HOST_STYLE) == SharedKey("acct", ends_like_one)
    with pytest.raises(InvalidArgument, match="empty"):
        read_credential(" ", HOST_STYLE)


LOCAL = Endpoint("http://127.0.0.1:10004", "acct", ("acct",))


@pytest.mark.parametrize(
    ("text", "endpoint", "credential"),
    [
        (
            f"DefaultEndpointsProtocol=https;AccountName=acct;AccountKey={KEY};EndpointSuffix=core.windows.net",
            HOST_STYLE,
            SharedKey("acct", KEY),
        ),
        (f"accountname=acct;ACCOUNTKEY={KEY}", HOST_STYLE, SharedKey("acct", KEY)),
        (f" AccountName=acct ; AccountKey= {KEY};; ", HOST_STYLE, SharedKey("acct", KEY)),
        (f"AccountName=acct;AccountKey={KEY};FileEndpoint=http://127.0.0.1:10004/acct;", LOCAL, SharedKey("acct", KEY)),
        (
            f"AccountName=acct;AccountKey={KEY};FileEndpoint=http://127.0.0.1:10004/acct/;BlobEndpoint=http://127.0.0.1:10000/acct",
            LOCAL,
            SharedKey("acct", KEY),
        ),
        (
            "FileEndpoint=https://acct.file.core.windows.net;SharedAccessSignature=?sv=1&sig=x",
            HOST_STYLE,
            Sas("sv=1&sig=x"),
        ),
        (f"AccountName=acct;AccountKey={KEY};SharedAccessSignature=sv=1&sig=x", HOST_STYLE, Sas("sv=1&sig=x")),
        ("AccountName=acct", HOST_STYLE, None),
        ("FileEndpoint=https://acct.file.core.windows.net", HOST_STYLE, None),
        (
            f"AccountName=acct;AccountKey={KEY};FileEndpoint=https://files.example.org",
            Endpoint("https://files.example.org", "acct"),
            SharedKey("acct", KEY),
        ),
        (
            "UseDevelopmentStorage=true",
            Endpoint("http://127.0.0.1:10004", "devstoreaccount1", ("devstoreaccount1",)),
            EMULATOR_CREDENTIAL,
        ),
    ],
)
def test_a_connection_string_gives_endpoint_and_credential(text: str, endpoint: Endpoint, credential: object):
    assert read_connection_string(text) == (endpoint, credential)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        (" ; ", "empty"),
        ("hush123", "part 1 of the connection string has no '='"),
        ("AccountName=acct;hush123", "part 2"),
        ("AccountName=acct;hush123==", "name that is not known"),
        ("AccountName=acct;AccountName=hush123", "AccountName stands twice"),
        ("AccountName=acct;AccountKey=", "AccountKey in the connection string is empty"),
        ("AccountKey=hush123", "no AccountName"),
        ("AccountName=acct;AccountKey=hush123", "not base64"),
        ("EndpointSuffix=core.windows.net", "neither FileEndpoint nor AccountName"),
        ("AccountName=acct;DefaultEndpointsProtocol=ftp", "must be https or http"),
        ("AccountName=acct;DefaultEndpointsProtocol=http", "allow_http"),
        ("AccountName=a b", "characters that a URL cannot"),
        ("AccountName=acct;FileEndpoint=https://acct.file.core.windows.net?sig=hush123", "has a query"),
        ("AccountName=acct;FileEndpoint=https://acct.file.core.windows.net/share", "something inside"),
        ("UseDevelopmentStorage=false", "can only be true"),
        ("UseDevelopmentStorage=true;AccountKey=hush123", "stands alone, but AccountKey came"),
    ],
)
def test_a_malformed_connection_string_is_refused_with_the_reason_and_without_its_values(text: str, complaint: str):
    with pytest.raises(InvalidArgument, match=complaint) as caught:
        read_connection_string(text)
    assert "hush123" not in str(caught.value)


def test_a_connection_strings_repr_shows_no_secret():
    parts = parse_connection_string("AccountName=acct;AccountKey=aHVzaDEyMw==;EndpointSuffix=core.windows.net")
    assert parts == ConnectionString(HOST_STYLE, "acct", "aHVzaDEyMw==")
    assert "aHVz" not in repr(parts)


@given(st.text(max_size=60), st.sampled_from([read_connection_string, parse_endpoint]))
def test_any_text_is_either_understood_or_refused_as_an_argument(text: str, read):
    try:
        understood = read(text)
    except InvalidArgument:
        understood = None
    assert understood is None or isinstance(understood, (Endpoint, tuple))


def test_a_connection_string_or_url_over_plain_http_is_taken_only_where_that_was_allowed():
    text = "DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=a2V5;EndpointSuffix=core.example.org"
    with pytest.raises(InvalidArgument, match="http"):
        read_connection_string(text)
    endpoint, _ = read_connection_string(text, allow_http=True)
    assert endpoint.origin == "http://acct.file.core.example.org"
    with pytest.raises(InvalidArgument, match="http"):
        read_account_url("http://acct.file.core.example.org")
    assert read_account_url("http://acct.file.core.example.org", allow_http=True)[0] == endpoint


@pytest.mark.parametrize(
    ("url", "address", "query"),
    [
        ("https://acct.file.core.windows.net", ResourceAddress(""), None),
        ("https://acct.file.core.windows.net/data", ResourceAddress("data"), None),
        ("https://acct.file.core.windows.net/data/d%20%C3%A4/f?", ResourceAddress("data", ("d \u00e4", "f")), None),
        ("https://acct.file.core.windows.net/data/f?sv=1&sig=x", ResourceAddress("data", ("f",)), "sv=1&sig=x"),
        (
            "https://acct.file.core.windows.net/data/f?sv=1&sharesnapshot=2026-01-01T00%3A00%3A00.0000000Z&sig=x",
            ResourceAddress("data", ("f",), "2026-01-01T00:00:00.0000000Z"),
            "sv=1&sig=x",
        ),
    ],
)
def test_a_resources_url_is_taken_apart_into_where_what_and_the_signature(url: str, address, query):
    assert parse_resource_url(url) == (HOST_STYLE, address, query)


@pytest.mark.parametrize("query", ["sharesnapshot=", "sharesnapshot=a&sharesnapshot=b"])
def test_a_resources_url_names_one_snapshot_at_most_and_its_refusal_shows_no_signature(query: str):
    with pytest.raises(InvalidArgument, match="sharesnapshot") as raised:
        parse_resource_url(f"https://acct.file.core.windows.net/data?{query}&sig=hush123")
    assert "hush123" not in str(raised.value)
