"""Shared access signatures, with the official client library's generators as the referee."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from azure.storage.fileshare import (
    AccountSasPermissions,
    FileSasPermissions,
    ResourceTypes,
    Services,
    ShareSasPermissions,
    generate_account_sas,
    generate_file_sas,
    generate_share_sas,
)
from azure.storage.fileshare._shared.constants import X_MS_VERSION
from hypothesis import given
from hypothesis import strategies as st

from azfiles.core.sas import make_account_sas, make_file_sas, make_share_sas
from azfiles.core.sharedkey import sign
from azfiles.credentials import Sas
from azfiles.errors import InvalidArgument
from azfiles.models import HttpHeaders

from .builders import KEY

NOW = datetime(2025, 3, 9, 7, 5, 3, 250_000, tzinfo=UTC)
LATER = datetime(2025, 3, 10, 7, 5, 3, tzinfo=UTC)


def fields(sas: Sas | str) -> dict[str, str]:
    text = sas.token if isinstance(sas, Sas) else sas
    return {name: values[0] for name, values in parse_qs(text, strict_parsing=True).items()}


_letters = st.sets(st.sampled_from("rcwd"), min_size=1).map("".join)
_share_letters = st.sets(st.sampled_from("rcwdl"), min_size=1).map("".join)
_starts = st.sampled_from([None, NOW])
_ips = st.sampled_from([None, "10.0.0.1", "10.0.0.1-10.0.0.9"])
_header = st.one_of(st.none(), st.sampled_from(["no-cache", "attachment; filename=x", "text/plain"]))
_responses = st.builds(
    HttpHeaders,
    content_type=_header,
    content_encoding=_header,
    content_language=_header,
    content_disposition=_header,
    cache_control=_header,
)


def _overrides(headers: HttpHeaders) -> dict[str, str | None]:
    return {
        "cache_control": headers.cache_control,
        "content_disposition": headers.content_disposition,
        "content_encoding": headers.content_encoding,
        "content_language": headers.content_language,
        "content_type": headers.content_type,
    }


@given(_letters, _starts, _ips, st.booleans(), _responses, st.sampled_from([("f",), ("d \u00e4", "f+%.txt")]))
def test_a_files_signature_is_the_one_that_the_official_generator_makes(
    letters, start, ip, http, headers, path: tuple[str, ...]
):
    ours = make_file_sas(
        KEY,
        "share",
        path,
        now=NOW,
        permissions=letters,
        expires_at=LATER,
        starts_at=start,
        ip=ip,
        allow_http=http,
        response_headers=headers,
        version=X_MS_VERSION,
    )
    theirs = generate_file_sas(
        KEY.account,
        "share",
        list(path),
        KEY.key,
        permission=FileSasPermissions.from_string("".join(letter for letter in "rcwd" if letter in letters)),
        expiry=LATER,
        start=start,
        ip=ip,
        protocol="https,http" if http else "https",
        **_overrides(headers),
    )
    assert fields(ours) == fields(theirs)


@given(_share_letters, _starts, _ips)
def test_a_shares_signature_is_the_one_that_the_official_generator_makes(letters, start, ip):
    ours = make_share_sas(
        KEY, "share", now=NOW, permissions=letters, expires_at=LATER, starts_at=start, ip=ip, version=X_MS_VERSION
    )
    theirs = generate_share_sas(
        KEY.account,
        "share",
        KEY.key,
        permission=ShareSasPermissions.from_string("".join(letter for letter in "rcwdl" if letter in letters)),
        expiry=LATER,
        start=start,
        ip=ip,
        protocol="https",
    )
    assert fields(ours) == fields(theirs)


@given(
    st.sets(st.sampled_from("rwdlc"), min_size=1),
    st.sets(st.sampled_from("sco"), min_size=1),
    _starts,
    _ips,
    st.booleans(),
)
def test_an_accounts_signature_is_the_one_that_the_official_generator_makes(letters, types, start, ip, http):
    ours = make_account_sas(
        KEY,
        now=NOW,
        permissions="".join(letters),
        resource_types="".join(types),
        expires_at=LATER,
        starts_at=start,
        ip=ip,
        allow_http=http,
        version=X_MS_VERSION,
    )
    theirs = generate_account_sas(
        KEY.account,
        KEY.key,
        resource_types=ResourceTypes(service="s" in types, container="c" in types, object="o" in types),
        permission=AccountSasPermissions(**{_WORDS[letter]: True for letter in letters}),
        expiry=LATER,
        start=start,
        ip=ip,
        protocol="https,http" if http else "https",
        services=Services(fileshare=True),
    )
    assert fields(ours) == fields(theirs)


_WORDS = {"r": "read", "w": "write", "d": "delete", "l": "list", "c": "create"}


def test_a_signature_with_a_stored_policy_leaves_the_rest_to_the_policy():
    ours = make_share_sas(KEY, "share", now=NOW, policy_id="readers", version=X_MS_VERSION)
    theirs = generate_share_sas(KEY.account, "share", KEY.key, policy_id="readers", protocol="https")
    assert fields(ours) == fields(theirs)
    assert {"sp", "se", "st"}.isdisjoint(fields(ours))
    given_too = fields(make_share_sas(KEY, "share", now=NOW, policy_id="readers", expires_at=timedelta(minutes=1)))
    assert (given_too["si"], given_too["se"]) == ("readers", "2025-03-09T07:06:03Z")


def test_least_privilege_is_the_default():
    of_file = fields(make_file_sas(KEY, "share", ("d", "f"), now=NOW))
    assert (of_file["sp"], of_file["sr"], of_file["se"], of_file["spr"]) == ("r", "f", "2025-03-09T08:05:03Z", "https")
    assert "st" not in of_file
    of_share = fields(make_share_sas(KEY, "share", now=NOW))
    assert (of_share["sp"], of_share["sr"], of_share["spr"]) == ("r", "s", "https")
    of_account = fields(make_account_sas(KEY, now=NOW))
    assert (of_account["sp"], of_account["ss"], of_account["srt"], of_account["spr"]) == ("r", "f", "o", "https")


def test_before_2020_12_06_an_account_signature_has_no_line_for_an_encryption_scope():
    old, new = (fields(make_account_sas(KEY, now=NOW, version=version)) for version in ("2020-10-02", "2020-12-06"))
    assert old["sig"] != new["sig"]
    assert old["sv"] == "2020-10-02"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"permissions": ""}, "letters rcwd"),
        ({"permissions": "rr"}, "letters rcwd"),
        ({"permissions": "rl"}, "letters rcwd"),
        ({"expires_at": timedelta(0)}, "after the start"),
        ({"expires_at": 3600}, "a datetime or a timedelta is expected, not int"),
        ({"starts_at": timedelta(1)}, "starts_at: a datetime is expected, not timedelta"),
        ({"starts_at": LATER, "expires_at": NOW}, "after the start"),
        ({"expires_at": NOW.replace(tzinfo=None)}, "time zone"),
        ({"ip": "10.0.0"}, "IPv4"),
        ({"ip": "10.0.0.9-10.0.0.1"}, "IPv4"),
        ({"ip": "10.0.0.1-10.0.0.2-10.0.0.3"}, "IPv4"),
        ({"ip": "::1"}, "IPv4"),
        ({"policy_id": ""}, "policy id"),
        ({"policy_id": "x" * 65}, "policy id"),
        ({"version": "2012-02-12"}, "2015-04-05"),
        ({"version": "latest"}, "api_version"),
        ({"response_headers": HttpHeaders(content_md5="x")}, "Content-MD5"),
        ({"response_headers": HttpHeaders(content_type="\u00e4")}, "ASCII"),
    ],
)
def test_what_a_signature_cannot_say_is_refused(options, complaint: str):
    with pytest.raises(InvalidArgument, match=complaint):
        make_file_sas(KEY, "share", ("f",), now=NOW, **options)


def test_an_expired_signature_can_be_made_on_purpose():
    sas = make_file_sas(KEY, "share", ("f",), now=NOW, expires_at=NOW - timedelta(days=1))
    assert fields(sas)["se"] == "2025-03-08T07:05:03Z"


def test_no_signature_is_remembered(monkeypatch: pytest.MonkeyPatch):
    remembered: list[str] = []

    def noted(name: str, value: str) -> str:
        remembered.append(name)
        return f"{name}={value}"

    monkeypatch.setattr("azfiles.address._encode_pair", noted)
    signed = make_account_sas(KEY, now=NOW)
    assert "sig" in fields(signed)
    assert "se" in remembered
    assert "sig" not in remembered


def test_a_file_needs_a_path():
    with pytest.raises(InvalidArgument, match="needs a path"):
        make_file_sas(KEY, "share", (), now=NOW)


@pytest.mark.parametrize(("version", "scoped"), [("2020-12-05", False), ("2020-12-06", True), ("2025-11-05", True)])
def test_an_account_signature_has_a_line_for_an_encryption_scope_since_2020_12_06(version: str, scoped: bool):
    sas = make_account_sas(KEY, now=NOW, expires_at=LATER, version=version)
    lines = ("acct", "r", "f", "o", "", "2025-03-10T07:05:03Z", "", "https", version, *([""] if scoped else []))
    assert fields(sas)["sig"] == sign(KEY, "\n".join(lines) + "\n")
