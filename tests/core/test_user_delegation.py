"""User delegation signatures, with the official client library's generators as the referee."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from azure.storage.fileshare import UserDelegationKey as TheirKey
from azure.storage.fileshare import generate_file_sas, generate_share_sas
from azure.storage.fileshare._shared.constants import X_MS_VERSION

from azfiles.core.sas import make_user_delegation_sas
from azfiles.errors import InvalidArgument
from azfiles.models import HttpHeaders, UserDelegationKey

from .builders import GUID, OTHER_GUID

NOW = datetime(2026, 3, 9, 7, 5, 3, 250_000, tzinfo=UTC)
KEY = UserDelegationKey(
    object_id=GUID,
    tenant_id=OTHER_GUID,
    starts_at=NOW.replace(microsecond=0),
    expires_at=NOW.replace(microsecond=0) + timedelta(hours=6),
    service="f",
    version="2026-02-06",
    value="a2V5LW9mLWEtdXNlcg==",
)


def fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, strict_parsing=True).items()}


def theirs(key: UserDelegationKey) -> TheirKey:
    made = TheirKey()
    made.signed_oid, made.signed_tid, made.signed_service = key.object_id, key.tenant_id, key.service
    made.signed_start, made.signed_expiry = "2026-03-09T07:05:03Z", "2026-03-09T13:05:03Z"
    made.signed_version, made.value = key.version, key.value
    made.signed_delegated_user_tid = key.delegated_tenant_id
    return made


@pytest.mark.parametrize("delegated_tenant_id", [None, OTHER_GUID])
def test_a_file_signature_is_that_of_the_official_library(delegated_tenant_id):
    key = UserDelegationKey(
        KEY.object_id,
        KEY.tenant_id,
        KEY.starts_at,
        KEY.expires_at,
        KEY.service,
        KEY.version,
        KEY.value,
        delegated_tenant_id,
    )
    ours = make_user_delegation_sas(
        "acct",
        key,
        "share",
        ("d", "ü f"),
        now=NOW,
        permissions="dwr",
        starts_at=NOW,
        expires_at=timedelta(hours=2),
        delegated_object_id=GUID,
        ip="10.0.0.1",
        response_headers=HttpHeaders(content_type="text/plain", cache_control="no-cache"),
        version=X_MS_VERSION,
    )
    official = generate_file_sas(
        "acct",
        "share",
        ["d", "ü f"],
        user_delegation_key=theirs(key),
        user_delegation_oid=GUID,
        permission="rwd",
        start=NOW,
        expiry=NOW + timedelta(hours=2),
        ip="10.0.0.1",
        protocol="https",
        content_type="text/plain",
        cache_control="no-cache",
    )
    assert fields(ours.token) == fields(official)


def test_a_share_signature_is_that_of_the_official_library():
    ours = make_user_delegation_sas("acct", KEY, "share", now=NOW, permissions="lr", version=X_MS_VERSION)
    official = generate_share_sas(
        "acct",
        "share",
        user_delegation_key=theirs(KEY),
        permission="rl",
        expiry=NOW + timedelta(hours=1),
        protocol="https",
    )
    assert fields(ours.token) == fields(official)


def test_without_options_a_file_may_be_read_for_an_hour_over_https():
    found = fields(make_user_delegation_sas("acct", KEY, "share", ("f",), now=NOW).token)
    assert (found["sr"], found["sp"], found["se"], found["spr"]) == ("f", "r", "2026-03-09T08:05:03Z", "https")
    assert not {"st", "si", "sip", "skdutid", "sduoid"} & set(found)


def test_a_signature_ends_with_its_key():
    late = NOW + timedelta(hours=5, minutes=30)
    assert fields(make_user_delegation_sas("acct", KEY, "share", now=late).token)["se"] == "2026-03-09T13:05:03Z"
    with pytest.raises(InvalidArgument, match="the key ends at 2026-03-09T13:05:03Z"):
        make_user_delegation_sas("acct", KEY, "share", now=late, expires_at=timedelta(hours=1))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"version": "2025-11-05"}, "2026-02-06"),
        ({"permissions": "x"}, "permissions"),
        ({"delegated_object_id": "me"}, "GUID"),
        ({"path": ("f",), "permissions": "l"}, "permissions"),
    ],
)
def test_what_cannot_be_signed_is_refused(options, word):
    with pytest.raises(InvalidArgument, match=word):
        make_user_delegation_sas("acct", KEY, "share", now=NOW, **options)


def test_no_repr_shows_the_keys_value():
    assert KEY.value not in repr(KEY)
