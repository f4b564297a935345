"""Shared Key: what is accepted, what is refused, and what a refusal says; the official SDK's signer is the referee."""

from __future__ import annotations

import base64
import hmac

import pytest
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest
from azure.storage.fileshare._shared.authentication import SharedKeyCredentialPolicy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from azfiles_sim import Request
from azfiles_sim.wire import sharedkey

from .asking import (
    ACCOUNT,
    KEY,
    NEWEST,
    OTHER,
    OTHER_KEY,
    SECOND_KEY,
    Asker,
    code,
    detail,
    header,
    sign,
    string_to_sign,
    xml,
)


def sdk_signed(asker: Asker, method: str, url: str, headers: dict[str, str], key: bytes = KEY) -> list[tuple[str, str]]:
    """The headers of a request as the official SDK signs it."""
    request = HttpRequest(method, url, headers={"x-ms-date": asker.date(), "x-ms-version": NEWEST, **headers})
    policy = SharedKeyCredentialPolicy(ACCOUNT, base64.b64encode(key).decode())
    policy.on_request(PipelineRequest(request, PipelineContext(None)))  # type: ignore[no-untyped-call]
    return list(request.headers.items())


def test_a_request_signed_by_the_official_sdk_is_accepted_in_both_styles() -> None:
    asker = Asker()
    path = sdk_signed(asker, "GET", f"http://127.0.0.1:10004/{ACCOUNT}/?comp=list&prefix=a%2Fb&include=metadata", {})
    assert asker.send(Request("GET", f"/{ACCOUNT}/?comp=list&prefix=a%2Fb&include=metadata", path)).status == 200
    host = f"{ACCOUNT}.file.core.windows.net"
    pairs = sdk_signed(asker, "GET", f"https://{host}/?comp=list", {})
    assert asker.send(Request("GET", "/?comp=list", [*pairs, ("Host", host)])).status == 200


names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(metadata=st.dictionaries(names, values, max_size=5), key=st.sampled_from([KEY, SECOND_KEY]))
def test_whatever_headers_the_official_sdk_signs_are_accepted_with_either_key(
    metadata: dict[str, str], key: bytes
) -> None:
    asker = Asker()
    headers = {f"x-ms-meta-{name}": value for name, value in metadata.items()}
    headers |= {"x-ms-enabled-protocols": "SMB", "x-ms-enable-extra": "1", "Content-Length": "0"}
    pairs = sdk_signed(asker, "PUT", f"http://127.0.0.1:10004/{ACCOUNT}/data?restype=share", headers, key)
    assert asker.send(Request("PUT", f"/{ACCOUNT}/data?restype=share", pairs)).status == 201


def test_header_text_is_tried_as_utf_8_and_as_the_bytes_it_was_on_the_socket() -> None:
    asker = Asker()
    value = "Grüße, 世界"
    pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST), ("x-ms-meta-a", value), ("Content-Length", "0")]
    target = f"/{ACCOUNT}/data?restype=share"
    authorization = ("Authorization", f"SharedKey {ACCOUNT}:{sign(string_to_sign('PUT', target, pairs, ACCOUNT), KEY)}")
    from_socket = [(name, text.encode().decode("latin-1")) for name, text in pairs]
    assert asker.send(Request("PUT", target, [*from_socket, authorization])).status == 201
    in_latin_1 = [("x-ms-meta-a", "Grüße") if name == "x-ms-meta-a" else (name, text) for name, text in pairs]
    authorization = (
        "Authorization",
        f"SharedKey {ACCOUNT}:{sign(string_to_sign('PUT', target, in_latin_1, ACCOUNT), KEY)}",
    )
    assert code(asker.send(Request("PUT", target, [*in_latin_1, authorization]))) == "ShareAlreadyExists"
    wrong = [(name, "Grüßer" if name == "x-ms-meta-a" else text) for name, text in pairs]
    assert asker.send(Request("PUT", target, [*wrong, authorization])).status == 403
    outside = [(name, "世" if name == "x-ms-meta-a" else text) for name, text in pairs]
    assert asker.send(Request("PUT", target, [*outside, authorization])).status == 403


def test_a_date_header_fills_its_slot_where_no_x_ms_date_is() -> None:
    asker = Asker()
    target = f"/{ACCOUNT}/?comp=list"
    pairs = [("Date", asker.date()), ("x-ms-version", NEWEST), ("Range", "bytes=0-1"), ("Content-Type", "text/plain")]
    signature = sign(string_to_sign("GET", target, pairs, ACCOUNT), KEY)
    assert (
        asker.send(Request("GET", target, [*pairs, ("Authorization", f"SharedKey {ACCOUNT}:{signature}")])).status
        == 200
    )


def test_shared_key_lite_signs_fewer_slots_and_only_comp() -> None:
    asker = Asker()
    target = f"/{ACCOUNT}/?comp=list&prefix=x"
    date = asker.date()
    text = f"GET\n\n\n\nx-ms-date:{date}\nx-ms-version:{NEWEST}\n/{ACCOUNT}/{ACCOUNT}/?comp=list"
    pairs = [("x-ms-date", date), ("x-ms-version", NEWEST)]
    request = Request("GET", target, [*pairs, ("Authorization", f"SharedKeyLite {ACCOUNT}:{sign(text, KEY)}")])
    assert asker.send(request).status == 200
    full = sign(string_to_sign("GET", target, pairs, ACCOUNT), KEY)
    reply = asker.send(Request("GET", target, [*pairs, ("Authorization", f"SharedKeyLite {ACCOUNT}:{full}")]))
    assert "scheme SharedKey." in detail(reply)


def test_a_wrong_signature_is_403_with_the_servers_string_and_neither_key_nor_signature() -> None:
    asker = Asker()
    reply = asker.ask("GET", "/?comp=list", key=b"wrong")
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")
    assert header(reply, "x-ms-version") is None
    text = detail(reply)
    pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST)]
    expected = string_to_sign("GET", f"/{ACCOUNT}/?comp=list", pairs, ACCOUNT)
    assert f"'{expected}'" in text
    for secret in (sign(expected, KEY), sign(expected, SECOND_KEY), sign(expected, b"wrong"), KEY.decode()):
        assert secret not in text


@pytest.mark.parametrize("offset", [-901, 901])
def test_a_clock_more_than_15_minutes_off_is_refused(offset: int) -> None:
    asker = Asker()
    asker.clock.advance(901) if offset < 0 else asker.clock.set(asker.clock.now() - 9_010_000_000)
    reply = asker.ask("GET", "/?comp=list")
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")
    assert "Request date header too" in detail(reply)
    asker = Asker()
    asker.clock.advance(900)
    assert asker.ask("GET", "/?comp=list").status == 200


@pytest.mark.parametrize(
    ("authorization", "date", "expected"),
    [
        ("SharedKey nonsense", True, "is not of the form"),
        ("SharedKey :x", True, "is not of the form"),
        ("SharedKey otheraccount:x", True, "is not the account addressed"),
        ("Basic abc", True, "scheme of the Authorization header"),
        (f"SharedKey {ACCOUNT}:x", False, "neither an x-ms-date nor a Date"),
        (f"SharedKey {ACCOUNT}:x", None, "is not in the format of RFC 1123"),
    ],
)
def test_a_malformed_credential_is_refused_with_its_reason(
    authorization: str, date: bool | None, expected: str
) -> None:
    asker = Asker()
    pairs = [("x-ms-version", NEWEST), ("Authorization", authorization)]
    if date is None:
        pairs.append(("x-ms-date", "yesterday"))
    elif date:
        pairs.append(("x-ms-date", asker.date()))
    reply = asker.send(Request("GET", f"/{ACCOUNT}/?comp=list", pairs))
    assert (reply.status, code(reply)) == (403, "AuthenticationFailed")
    assert expected in detail(reply)


def hint_for(mutate, method: str = "GET", target: str = f"/{ACCOUNT}/a%20b?restype=directory&comp=list", *extra) -> str:  # type: ignore[no-untyped-def]
    """The error detail where the client signed ``mutate(string)`` instead of the string."""
    asker = Asker()
    pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST), *extra]
    text = mutate(string_to_sign(method, target, pairs, ACCOUNT))
    pairs.append(("Authorization", f"SharedKey {ACCOUNT}:{sign(text, KEY)}"))
    return detail(asker.send(Request(method, target, pairs)))


def test_near_misses_are_recognised_and_told() -> None:
    once = hint_for(lambda text: text.replace(f"/{ACCOUNT}/{ACCOUNT}/", f"/{ACCOUNT}/"))
    assert "account once" in once
    assert "decoded path" in hint_for(lambda text: text.replace("a%20b", "a b"))
    assert "without the query" in hint_for(lambda text: text.partition("\ncomp:")[0])
    assert "without the header x-ms-version" in hint_for(lambda text: text.replace(f"x-ms-version:{NEWEST}\n", ""))
    length = hint_for(
        lambda text: text.replace("PUT\n\n\n\n", "PUT\n\n\n0\n", 1),
        "PUT",
        f"/{ACCOUNT}/a?restype=share",
        ("Content-Length", "0"),
    )
    assert "in the slot of Content-Length" in length
    ranged = hint_for(
        lambda text: text.replace("\nx-ms-date", "bytes=0-1\nx-ms-date"),
        "GET",
        f"/{ACCOUNT}/a/b",
        ("x-ms-range", "bytes=0-1"),
    )
    assert "in the slot of Range" in ranged
    assert "Hint" not in hint_for(lambda text: text + "x")


def test_a_doubled_account_in_host_style_and_another_accounts_key_are_told() -> None:
    asker = Asker()
    host = f"{ACCOUNT}.file.localhost"
    pairs = [("x-ms-date", asker.date()), ("x-ms-version", NEWEST)]
    text = string_to_sign("GET", f"/{ACCOUNT}/?comp=list", pairs, ACCOUNT)
    pairs += [("Host", host), ("Authorization", f"SharedKey {ACCOUNT}:{sign(text, KEY)}")]
    assert "account twice" in detail(asker.send(Request("GET", "/?comp=list", pairs)))
    assert repr(OTHER) in detail(asker.ask("GET", "/?comp=list", key=OTHER_KEY))


def test_a_signature_in_a_signed_header_is_not_quoted_back() -> None:
    asker = Asker().with_share()
    source = f"https://{OTHER}.file.core.windows.net/s/f?sv=2020-10-02&sig=SECRET%2Bvalue"
    bearer = ("x-ms-copy-source-authorization", "Bearer SECRETTOKEN")
    reply = asker.ask("PUT", "/data/g", ("x-ms-copy-source", source), bearer, key=b"wrong")
    assert reply.status == 403
    assert "SECRET" not in detail(reply)


def test_nobody_is_401_with_a_challenge() -> None:
    asker = Asker()
    reply = asker.send(Request("GET", f"/{ACCOUNT}/?comp=list", [("x-ms-version", NEWEST)]))
    assert (reply.status, code(reply)) == (401, "NoAuthenticationInformation")
    assert (header(reply, "WWW-Authenticate") or "").startswith(
        "Bearer authorization_uri=https://login.microsoftonline.com/"
    )
    assert "resource_id=https://storage.azure.com" in (header(reply, "WWW-Authenticate") or "")
    assert (header(reply, "Server"), header(reply, "x-ms-version")) == ("Microsoft-HTTPAPI/2.0", None)
    assert xml(reply).findtext("Code") == "NoAuthenticationInformation"


@given(st.binary(max_size=200), st.binary(max_size=150))
@example(b"", b"")
@example(b"text", b"k" * 64)
@example(b"text", b"k" * 65)
def test_a_signature_is_the_standard_librarys_hmac(text: bytes, key: bytes) -> None:
    assert base64.b64decode(sharedkey.sign(text, key)) == hmac.digest(key, text, "sha256")
