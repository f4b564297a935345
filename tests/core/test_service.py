"""The account's own operations: properties, preflight requests, user delegation keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.core import service, service_documents, shares
from azfiles.core.requests import build
from azfiles.credentials import Sas, Token
from azfiles.errors import InvalidArgument, ReplyNotUnderstood, RequestNotSent
from azfiles.models import (
    CorsAllowed,
    CorsRule,
    Metrics,
    ProtocolSettings,
    RetentionPolicy,
    ServiceProperties,
    UserDelegationKey,
)

from .builders import GUID, KEY, OTHER_GUID, answer, context, headers_of, request_of, response

NEWEST = "2026-10-06"
START = datetime(2026, 2, 6, tzinfo=UTC)
WEEK = Metrics(enabled=True, include_apis=True, retention=RetentionPolicy(enabled=True, days=7))
RULE = CorsRule(("https://a.example", "https://b.example"), ("GET", "PUT"), ("x-ms-*",), ("ETag",), 60)
SETTINGS = "/?restype=service&comp=properties"


def body_of(operation) -> bytes:
    return b"".join(operation.body).partition(b"\n")[2]


def test_properties_are_got_and_set_at_the_service():
    got = request_of(service.get_service_properties())
    assert (got.method, got.target) == ("GET", SETTINGS)
    operation = service.set_service_properties(cors=[])
    changed = request_of(operation)
    assert (changed.method, changed.target, operation.success) == ("PUT", SETTINGS, (202,))
    assert headers_of(changed) == {"Content-Type": "application/xml", "Content-Length": str(len(changed.body[0]))}
    assert body_of(operation) == b"<StorageServiceProperties><Cors /></StorageServiceProperties>"
    assert answer(operation, response(202, stamped=False)) is None


def test_only_what_is_given_is_sent():
    assert body_of(service.set_service_properties(hour_metrics=WEEK)) == (
        b"<StorageServiceProperties><HourMetrics><Version>1.0</Version><Enabled>true</Enabled>"
        b"<IncludeAPIs>true</IncludeAPIs><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy>"
        b"</HourMetrics></StorageServiceProperties>"
    )
    assert body_of(service.set_service_properties(minute_metrics=Metrics())) == (
        b"<StorageServiceProperties><MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled>"
        b"<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></MinuteMetrics></StorageServiceProperties>"
    )
    protocols = ProtocolSettings(smb_multichannel=True, smb_encryption_required=False, nfs_encryption_required=True)
    assert body_of(service.set_service_properties(protocols=protocols)) == (
        b"<StorageServiceProperties><ProtocolSettings><SMB><Multichannel><Enabled>true</Enabled></Multichannel>"
        b"<EncryptionInTransit><Required>false</Required></EncryptionInTransit></SMB><NFS><EncryptionInTransit>"
        b"<Required>true</Required></EncryptionInTransit></NFS></ProtocolSettings></StorageServiceProperties>"
    )


def test_the_methods_of_a_rule_are_sent_in_the_services_spelling():
    operation = service.set_service_properties(cors=[replace(RULE, allowed_methods=("get", "Put"))])
    assert b"<AllowedMethods>GET,PUT</AllowedMethods>" in body_of(operation)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "at least one"),
        ({"protocols": ProtocolSettings()}, "at least one"),
        ({"hour_metrics": Metrics(include_apis=True)}, "include_apis"),
        ({"hour_metrics": Metrics(enabled=True, retention=RetentionPolicy(enabled=True))}, "days"),
        ({"minute_metrics": Metrics(enabled=True, retention=RetentionPolicy(days=5))}, "days"),
        ({"hour_metrics": Metrics(retention=RetentionPolicy(enabled=True, days=366))}, "365"),
        ({"cors": [RULE] * 6}, "5 at most"),
        ({"cors": [replace(RULE, allowed_origins=())]}, "one origin"),
        ({"cors": [replace(RULE, allowed_methods=("SHOUT",))]}, "allowed_methods"),
        ({"cors": [replace(RULE, allowed_headers=("a,b",))]}, "commas"),
        ({"cors": [replace(RULE, max_age_s=-1)]}, "max_age_s"),
    ],
)
def test_properties_that_the_service_cannot_take_are_refused(options, word):
    with pytest.raises(InvalidArgument, match=word):
        service.set_service_properties(**options)


def test_protocol_settings_name_the_version_that_has_them():
    multichannel = service.set_service_properties(protocols=ProtocolSettings(smb_multichannel=True))
    encryption = service.set_service_properties(protocols=ProtocolSettings(nfs_encryption_required=True))
    with pytest.raises(RequestNotSent, match="2020-02-10"):
        request_of(multichannel, api_version="2019-12-12")
    with pytest.raises(RequestNotSent, match="2026-02-06"):
        request_of(encryption, api_version="2025-11-05")


metrics = st.builds(
    lambda enabled, apis, days: Metrics(
        enabled=enabled, include_apis=apis if enabled else None, retention=RetentionPolicy(days is not None, days)
    ),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(1, 365),
)
names = st.lists(st.text("abcxyz-*", min_size=1), min_size=1, max_size=3).map(tuple)
rules = st.builds(CorsRule, names, st.just(("GET",)), names, names, st.integers(0, 9))
flags = st.none() | st.booleans()


@given(metrics, metrics, st.lists(rules, max_size=5), st.builds(ProtocolSettings, flags, flags, flags))
def test_properties_that_are_written_read_back_equal(hour, minute, cors, protocols):
    written = service_documents.build_service_properties(hour, minute, cors, protocols)
    assert service_documents.parse_service_properties(written) == ServiceProperties(
        hour, minute, tuple(cors), protocols
    )


DEFAULTS = (
    b"<StorageServiceProperties><HourMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>true</IncludeAPIs>"
    b"<RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></HourMetrics><MinuteMetrics>"
    b"<Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy>"
    b"</MinuteMetrics><Cors /></StorageServiceProperties>"
)


def test_the_documents_default_properties_are_understood():
    assert answer(service.get_service_properties(), response(200, body=DEFAULTS)) == ServiceProperties(WEEK, Metrics())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"HourMetrics>", b"DayMetrics>"),
        (b"<Enabled>true</Enabled>", b"<Enabled>perhaps</Enabled>"),
        (b"<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy>", b""),
        (b"<Version>1.0</Version>", b"<Version />"),
        (b"<Days>7</Days>", b"<Days>seven</Days>"),
    ],
)
def test_a_document_that_lacks_something_is_not_understood(old, new):
    with pytest.raises(ReplyNotUnderstood):
        answer(service.get_service_properties(), response(200, body=DEFAULTS.replace(old, new)))


@pytest.mark.parametrize("credential", [KEY, Sas("sv=1&sig=x"), Token(type("T", (), {"get_token": print})())])
def test_a_preflight_request_carries_no_credential(credential):
    operation = service.preflight_file("share", ("d", "f"), "https://a.example", "put", headers=("x-ms-date", "range"))
    request = build(operation, context(credential=credential))
    assert (request.method, request.target) == ("OPTIONS", "/share/d/f")
    assert headers_of(request) == {
        "Origin": "https://a.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-ms-date,range",
    }


def test_the_answer_to_a_preflight_request_says_what_is_allowed():
    operation = service.preflight_service("https://a.example", "GET", headers="x-ms-date")
    assert request_of(operation).target == "/"
    allowed = (
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "GET,PUT"),
        ("Access-Control-Allow-Headers", "x-ms-date, range"),
        ("Access-Control-Max-Age", "60"),
        ("Access-Control-Allow-Credentials", "true"),
    )
    assert answer(operation, response(200, *allowed)) == CorsAllowed(
        "*", ("GET", "PUT"), ("x-ms-date", "range"), 60, allows_credentials=True
    )
    assert answer(operation, response(200, *allowed[:1])) == CorsAllowed("*", ())
    with pytest.raises(ReplyNotUnderstood, match="Allow-Origin"):
        answer(operation, response(200))


def test_a_user_delegation_key_is_asked_for_with_its_time():
    end = START + timedelta(days=7)
    operation = service.get_user_delegation_key(START, end, delegated_tenant_id=GUID)
    request = request_of(operation, api_version=NEWEST)
    assert (request.method, request.target) == ("POST", "/?restype=service&comp=userdelegationkey")
    assert headers_of(request) == {"Content-Type": "application/xml", "Content-Length": str(len(request.body[0]))}
    assert body_of(operation) == (
        f"<KeyInfo><Start>2026-02-06T00:00:00Z</Start><Expiry>2026-02-13T00:00:00Z</Expiry>"
        f"<DelegatedUserTid>{GUID}</DelegatedUserTid></KeyInfo>".encode()
    )
    with pytest.raises(RequestNotSent, match="2026-04-06"):
        request_of(operation, api_version="2026-02-06")
    with pytest.raises(RequestNotSent, match="2026-02-06"):
        request_of(service.get_user_delegation_key(START, end), api_version="2025-11-05")


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=7, seconds=1)])
def test_a_user_delegation_key_lives_seven_days_at_most(lifetime):
    with pytest.raises(InvalidArgument, match="seven days"):
        service.get_user_delegation_key(START, START + lifetime)


def test_a_user_delegation_key_is_read_and_not_shown():
    body = (
        f"<UserDelegationKey><SignedOid>{GUID}</SignedOid><SignedTid>{OTHER_GUID}</SignedTid>"
        "<SignedStart>2026-02-06T00:00:00Z</SignedStart><SignedExpiry>2026-02-06T01:00:00Z</SignedExpiry>"
        "<SignedService>f</SignedService><SignedVersion>2026-02-06</SignedVersion>"
        "<SignedDelegatedUserTid>t</SignedDelegatedUserTid><Value>c2VjcmV0</Value></UserDelegationKey>"
    ).encode()
    operation = service.get_user_delegation_key(START, START + timedelta(hours=1))
    key = answer(operation, response(200, body=body))
    assert key == UserDelegationKey(
        GUID, OTHER_GUID, START, START + timedelta(hours=1), "f", "2026-02-06", "c2VjcmV0", delegated_tenant_id="t"
    )
    assert "c2VjcmV0" not in repr(key)
    with pytest.raises(ReplyNotUnderstood, match="Value"):
        answer(operation, response(200, body=body.replace(b"c2VjcmV0", b"")))


def test_a_deleted_share_is_brought_back_by_its_version():
    operation = shares.undelete_share("share", "01D80F0B0C5A1B2C", deleted_name="old")
    request = request_of(operation)
    assert (request.method, request.target, operation.success) == ("PUT", "/share?restype=share&comp=undelete", (201,))
    assert headers_of(request) == {
        "x-ms-deleted-share-name": "old",
        "x-ms-deleted-share-version": "01D80F0B0C5A1B2C",
        "Content-Length": "0",
    }
    assert headers_of(request_of(shares.undelete_share("share", "1")))["x-ms-deleted-share-name"] == "share"
    with pytest.raises(InvalidArgument, match="version"):
        shares.undelete_share("share", "")
    with pytest.raises(RequestNotSent, match="2019-12-12"):
        request_of(operation, api_version="2019-07-07")
