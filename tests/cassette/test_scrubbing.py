"""Nothing secret reaches a cassette, and what is mapped is mapped alike everywhere."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.cassette.interactions import Interaction, RecordedRequest, RecordedResponse
from azfiles.cassette.lease_ids import normalize_lease_id
from azfiles.cassette.patterns import mask_data, mask_text
from azfiles.cassette.scrubbing import scrub_interactions
from azfiles.cassette.writing import render_cassette
from tests.cassette.builders import HOST, interaction

KEY = base64.b64encode(bytes(range(64))).decode()
SIGNATURE = base64.b64encode(bytes(range(100, 132))).decode()
SAS = base64.b64encode(bytes(range(200, 232))).decode()
SOURCE_SAS = base64.b64encode(bytes(range(150, 182))).decode()
BEARER = "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl-_x"
SOURCE_BEARER = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzb3VyY2UifQ.bm9uZQ-_y"
LEASE = "6f2c5f0e-8d4b-4e0a-9c57-0b4f7e3a91d2"
OTHER_LEASE = "0c9a7b52-11aa-4f3e-8e0d-5a6b7c8d9e0f"
ACCOUNT, OTHER_ACCOUNT = "myaccount", "thesource7"

PLANTED = (KEY, SIGNATURE, SAS, SOURCE_SAS, BEARER, SOURCE_BEARER, LEASE, OTHER_LEASE, ACCOUNT, OTHER_ACCOUNT)


def spellings(secret: str) -> set[bytes]:
    once = quote(secret, safe="")
    lowered = once.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d")
    plain = {secret, once, lowered, quote(once, safe=""), secret.lower(), secret.upper(), secret.replace("-", "")}
    return {one.encode() for one in plain}


def source_url(signature: str) -> str:
    return f"https://{OTHER_ACCOUNT}.file.core.windows.net/share/from?sv=2025-11-05&sig={signature}&se=2030"


SESSION = [
    # The error text that names the next request's signature stands before that request.
    interaction(
        "PUT",
        "/share/file?comp=range",
        {"Authorization": f"SharedKey {ACCOUNT}:{SIGNATURE}", "Host": f"{ACCOUNT}.file.core.windows.net"},
        b"data that names AccountKey=" + KEY.encode() + b"; and https://h/?sig=" + quote(SAS, safe="").encode(),
        status=403,
        answer={
            "Content-Length": "999",
            "x-ms-copy-source": source_url(SOURCE_SAS),
            "Location": f"https://{ACCOUNT}.file.core.windows.net/share/file?sig={quote(SAS, safe='')}",
            "x-ms-lease-id": LEASE.upper(),
            "Set-Cookie": f"a={BEARER}",
        },
        content=(
            f"<Error><AuthenticationErrorDetail>The MAC signature found in the HTTP request '{SIGNATURE}' is not the "
            f"same as any computed signature '{SOURCE_SAS}'. String to sign: 'PUT\n\n/{ACCOUNT}/share/file' by {ACCOUNT}"
            f" {BEARER} {LEASE} {{{OTHER_LEASE.upper()}}} {quote(SIGNATURE, safe='')}</AuthenticationErrorDetail></Error>"
        ).encode(),
    ),
    interaction(
        "PUT",
        f"/share/file?sv=2025-11-05&sig={quote(SAS, safe='')}&comp=range",
        {
            "x-ms-copy-source": source_url(quote(SOURCE_SAS, safe="")),
            "x-ms-copy-source-authorization": f"Bearer {SOURCE_BEARER}",
            "Authorization": f"Bearer {BEARER}",
            "x-ms-lease-id": LEASE,
            "x-ms-meta-note": f"sig%3D{quote(quote(SAS, safe=''), safe='')}%26x=1 Bearer {BEARER} AccountKey={KEY}",
            "x-ms-meta-lease": LEASE,
            "x-ms-meta-url": quote(source_url(SOURCE_SAS), safe=""),
            "Referer": f"https://user:{KEY[:20]}@{ACCOUNT}-secondary.file.core.windows.net/",
        },
        answer={"x-ms-lease-id": LEASE},
    ),
    interaction(
        "PUT",
        "/share/new?comp=rename",
        {
            "Authorization": f"SharedKeyLite {ACCOUNT}:{SIGNATURE}",
            "x-ms-file-rename-source": f"{HOST}/share/old?sig={SAS}",
            "x-ms-rename-source": f"{HOST}/share/old?a=1&sig={quote(SAS, safe='')}",
            "x-ms-source-lease-id": LEASE.replace("-", ""),
            "x-ms-destination-lease-id": f"{{{OTHER_LEASE}}}",
        },
    ),
    interaction(
        "POST",
        "/?restype=service&comp=userdelegationkey",
        {"Authorization": f"Bearer {BEARER}"},
        b"<KeyInfo/>",
        content=f"<UserDelegationKey><SignedService>f</SignedService><Value>{KEY}</Value></UserDelegationKey>".encode(),
    ),
    interaction(
        "GET",
        "/?comp=list",
        answer={"Content-Length": str(len(f'<E ServiceEndpoint="{HOST}/">{{"a":"\\u0026sig=x"}}</E>'))},
        content=f'<E ServiceEndpoint="{HOST}/">{{"a":"\\u0026sig=x"}}</E>'.encode(),
    ),
    interaction("GET", "/share/binary?restype=share", content=b"\xff sig=" + SAS.encode()),
    interaction("GET", "/share/file", content=b"the content quotes " + KEY.encode() + b" alone"),
    interaction("GET", f"/{ACCOUNT}/share/file", origin="http://127.0.0.1:10004"),
    interaction("GET", f"/{ACCOUNT}-secondary/share/file", origin="http://localhost:10004"),
    interaction(
        "GET", f"/share?restype=share&sig={KEY}", origin=f"https://user:{BEARER}@{ACCOUNT}.file.core.windows.net"
    ),
]


@pytest.fixture(scope="module")
def scrubbed() -> list[Interaction]:
    return scrub_interactions(SESSION, secrets=[KEY, KEY[:20]])


def test_no_planted_secret_is_in_the_bytes_of_the_file(scrubbed: list[Interaction]):
    written = render_cassette(scrubbed)
    found = [secret for secret in PLANTED for one in spellings(secret) if one in written]
    assert found == []


def test_no_planted_secret_is_in_a_body_that_yaml_hides_as_base64(scrubbed: list[Interaction]):
    content = b"\n".join(one.request.body + one.response.body for one in scrubbed)
    assert [secret for secret in PLANTED for one in spellings(secret) if one in content] == []


def test_each_kind_of_secret_was_planted_and_would_be_seen():
    written = render_cassette(SESSION)
    assert [secret for secret in PLANTED if not any(one in written for one in spellings(secret))] == []


def test_credentials_are_dropped_and_nothing_else(scrubbed: list[Interaction]):
    names = [name for name, _ in scrubbed[1].request.headers]
    assert "Authorization" not in names
    assert "x-ms-copy-source-authorization" not in names
    assert names == [
        "x-ms-copy-source",
        "x-ms-lease-id",
        "x-ms-meta-note",
        "x-ms-meta-lease",
        "x-ms-meta-url",
        "Referer",
    ]
    assert "Set-Cookie" not in dict(scrubbed[0].response.headers)


def test_a_lease_id_has_one_pseudonym_in_all_its_spellings_and_places(scrubbed: list[Interaction]):
    pseudonym = dict(scrubbed[0].response.headers)["x-ms-lease-id"]
    assert pseudonym == "00000000-0000-4000-8000-000000000001"
    assert dict(scrubbed[1].request.headers)["x-ms-lease-id"] == pseudonym
    assert dict(scrubbed[1].request.headers)["x-ms-meta-lease"] == pseudonym
    assert dict(scrubbed[2].request.headers)["x-ms-source-lease-id"] == pseudonym
    assert pseudonym.encode() in scrubbed[0].response.body
    assert dict(scrubbed[2].request.headers)["x-ms-destination-lease-id"] == "00000000-0000-4000-8000-000000000002"


def test_accounts_are_mapped_by_the_order_in_which_they_came(scrubbed: list[Interaction]):
    assert scrubbed[0].request.uri == "https://storagename.file.core.windows.net/share/file?comp=range"
    assert dict(scrubbed[0].request.headers)["Host"] == "storagename.file.core.windows.net"
    source = dict(scrubbed[1].request.headers)["x-ms-copy-source"]
    assert source == "https://storagename2.file.core.windows.net/share/from?sv=2025-11-05&sig=REDACTED&se=2030"
    assert scrubbed[7].request.uri == "http://127.0.0.1:10004/storagename/share/file"
    assert scrubbed[8].request.uri == "http://localhost:10004/storagename-secondary/share/file"
    assert scrubbed[9].request.uri == "https://storagename.file.core.windows.net/share?restype=share&sig=REDACTED"


def test_a_content_length_that_was_right_stays_right(scrubbed: list[Interaction]):
    assert dict(scrubbed[4].response.headers)["Content-Length"] == str(len(scrubbed[4].response.body))
    assert dict(scrubbed[0].response.headers)["Content-Length"] == "999"


def test_a_secret_in_a_files_content_is_overwritten_letter_for_letter(scrubbed: list[Interaction]):
    before, after = SESSION[0].request.body, scrubbed[0].request.body
    assert len(after) == len(before)
    assert after.startswith(b"data that names AccountKey=XXXX")
    assert scrubbed[6].response.body == b"the content quotes " + b"X" * len(KEY) + b" alone"


def test_scrubbing_what_is_scrubbed_changes_nothing(scrubbed: list[Interaction]):
    assert scrub_interactions(scrubbed) == scrubbed


@given(st.binary(max_size=200))
def test_a_files_content_without_a_secret_stays_as_it_is(data: bytes):
    found = [interaction("PUT", "/s/f?comp=range", body=data), interaction("GET", "/s/f", content=data)]
    put, get = scrub_interactions(found, secrets=["not in there at all"])
    assert (put.request.body, get.response.body) == (data, data)


@pytest.mark.parametrize(
    "text", ["design=oak&x=1", "assign=1", "sig", "x-sig=5", "sigma=5", "Bearer of news", "key=short"]
)
def test_words_that_only_look_like_a_signature_stay(text: str):
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("?sig=abc", "?sig=REDACTED"),
        ("&SIG=abc&x=1", "&SIG=REDACTED&x=1"),
        ("%26sig%3Dabc%26x", "%26sig%3DREDACTED%26x"),
        ("%253Fsig%253Dabc%2526x", "%253Fsig%253DREDACTED%2526x"),
        ("&amp;sig=a%2Bb&amp;x", "&amp;sig=REDACTED&amp;x"),
        ('"sig=a"', '"sig=REDACTED"'),
        ("AccountName=n;AccountKey=abc==;E=1", "AccountName=n;AccountKey=REDACTED;E=1"),
        ("see https://me:pw@host/x", "see https://host/x"),
        ("SharedKey acct:abc+/=", "SharedKey acct:REDACTED"),
    ],
)
def test_a_signature_is_masked_however_it_is_escaped(text: str, masked: str):
    assert mask_text(text) == masked


def test_data_keeps_what_is_no_whole_signature():
    assert mask_data(b"?sig=short AccountKey=short sig=") == b"?sig=short AccountKey=short sig="


@pytest.mark.parametrize(
    "spelling", [LEASE, LEASE.upper(), LEASE.replace("-", ""), f"{{{LEASE}}}", f"({LEASE})", f" {LEASE} "]
)
def test_all_spellings_of_a_guid_are_one_lease(spelling: str):
    assert normalize_lease_id(spelling) == LEASE


def test_a_malformed_lease_id_stays_malformed_and_is_mapped_too():
    found = [interaction("PUT", "/s/f?comp=lease", {"x-ms-lease-id": "my-own-id"}, answer={"x-ms-lease-id": ""})]
    (scrubbed,) = scrub_interactions(found)
    assert dict(scrubbed.request.headers)["x-ms-lease-id"] == "not-a-guid-1"
    assert dict(scrubbed.response.headers)["x-ms-lease-id"] == ""


def test_an_account_is_also_found_behind_a_domain_of_ones_own():
    found = [
        Interaction(
            RecordedRequest(
                "GET", "https://files.example.com/theaccount/s", (("Authorization", "SharedKey theaccount:abcdefgh"),)
            ),
            RecordedResponse(200, "OK"),
        )
    ]
    assert scrub_interactions(found)[0].request.uri == "https://files.example.com/storagename/s"


def test_a_share_named_like_the_account_keeps_its_name_where_it_is_a_name():
    (scrubbed,) = scrub_interactions(
        [interaction("GET", "/myaccount/d?restype=directory&comp=list", content=b"<Name>myaccount</Name>")]
    )
    assert scrubbed.request.uri == "https://storagename.file.core.windows.net/myaccount/d?restype=directory&comp=list"
    assert scrubbed.response.body == b"<Name>myaccount</Name>"


def test_the_repr_of_an_interaction_shows_no_header_uri_or_body():
    shown = repr(SESSION)
    assert [secret for secret in PLANTED if secret in shown] == []
