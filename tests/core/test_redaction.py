"""Secrets leave any text before it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.redaction import is_secret_name, redact_header, redact_target, redact_text, redact_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/s/f?sv=1&sig=abc%2Fdef%3D&se=2", "https://h/s/f?sv=1&sig=REDACTED&se=2"),
        ("https://h/s?SIG=abc", "https://h/s?SIG=REDACTED"),
        ("https://h/s?%73ig=abc&a=b", "https://h/s?%73ig=REDACTED&a=b"),
        ("https://h/s?sig=a=b&x=y", "https://h/s?sig=REDACTED&x=y"),
        ("https://h/s?sig=", "https://h/s?sig="),
        ("https://user:pass@h/s", "https://REDACTED@h/s"),
        (
            "https://h/s?u=https%3A%2F%2Fo%2Fp%3Fsig%3Dabc%26se%3D1",
            "https://h/s?u=https%3A%2F%2Fo%2Fp%3Fsig%3DREDACTED%26se%3D1",
        ),
        ("https://h/s?u=o%253Fsig%253Dabc", "https://h/s?u=o%253Fsig%253DREDACTED"),
        ("https://h/s#?sig=abc", "https://h/s#?sig=REDACTED"),
        ("https://h/design=1/signal?prefix=sigma", "https://h/design=1/signal?prefix=sigma"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_signature_and_otherwise_as_it_was(url: str, shown: str):
    assert redact_url(url) == shown


def test_a_target_is_shown_without_its_signature():
    assert redact_target("/s/f?comp=range&sig=abc") == "/s/f?comp=range&sig=REDACTED"
    assert redact_target("/s/f") == "/s/f"


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "x-ms-lease-id",
        "X-MS-Proposed-Lease-Id",
        "x-ms-source-lease-id",
        "x-ms-destination-lease-id",
        "x-ms-copy-source-authorization",
    ],
)
def test_headers_that_are_secrets_as_a_whole_are_not_shown(name: str):
    assert redact_header(name, "hush") == "REDACTED"
    assert is_secret_name(name)


def test_urls_in_headers_lose_their_signature_and_other_headers_stay():
    assert redact_header("x-ms-copy-source", "https://h/s/f?sig=hush&sv=1") == "https://h/s/f?sig=REDACTED&sv=1"
    assert redact_header("x-ms-file-rename-source", "https://h/s/g?sv=1&sig=hush") == "https://h/s/g?sv=1&sig=REDACTED"
    assert redact_header("x-ms-range", "bytes=0-3") == "bytes=0-3"


@pytest.mark.parametrize(
    "text",
    [
        "AccountName=a;AccountKey=hush123==;EndpointSuffix=x",
        "SharedAccessSignature=sv=1&sig=hush123;FileEndpoint=x",
        "Authorization: SharedKey acct:hush123+/=",
        "Authorization: Bearer hush123.hush123.hush123",
        "string was PUT\n\nx-ms-lease-id:hush123\nx-ms-range:bytes=0-1",
        "x-ms-copy-source-authorization: Bearer hush123 and more",
        '<HeaderValue>https://h/s?sig=hush123"</HeaderValue>',
        "PUT\nproxy-authorization:Basic hush123\n/a/b",
        "PUT\ncookie: sid=hush123; other=1\n/a/b",
        "PUT\nx-ms-encryption-key:hush123=\n/a/b",
        "x-ms-date:now\nx-ms-meta-my-key:hush123 and more\n/a/b",
        "The MAC signature found in the HTTP request 'hush123+/=' is not the same as any computed signature.",
    ],
)
def test_free_text_loses_what_can_be_told_for_a_secret(text: str):
    assert "hush123" not in redact_text(text)
    assert "REDACTED" in redact_text(text)


@given(st.text(max_size=80), st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=8, max_size=20))
def test_whatever_stands_before_it_a_signature_never_survives(before: str, secret: str):
    secret = f"Q{secret}Z"
    shown = redact_url(f"{before}?a=b&sig={secret}&c=d")
    assert f"sig={secret}" not in shown


@given(st.text(max_size=120))
def test_redaction_takes_any_text_and_once_is_enough(text: str):
    assert redact_url(redact_url(text)) == redact_url(text)
