"""Signatures read back, and two signed texts compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import azfiles
from azfiles.core import sas
from azfiles.core.sas_terms import SasKind, read_terms
from azfiles.core.sharedkey import string_to_sign
from azfiles.core.signed_texts import Difference, differences, sas_lines, shared_key_lines
from azfiles.models import UserDelegationKey

from .builders import KEY

NOW = datetime(2025, 3, 9, 7, 5, 3, tzinfo=UTC)
OTHER = azfiles.SharedKey(KEY.account, "b3RoZXI=")
GUID = "00000000-0000-4000-8000-000000000001"
DELEGATED = UserDelegationKey(GUID, GUID, NOW, NOW + timedelta(days=1), "f", "2026-02-06", KEY.key)
PATH = ("share", "d \u00e4", "f+%.txt")


def made():
    yield SasKind.ACCOUNT, "account", (), sas.make_account_sas(KEY, now=NOW, permissions="rwl", resource_types="co")
    yield SasKind.ACCOUNT, "account", (), sas.make_account_sas(KEY, now=NOW, version="2019-02-02")
    yield SasKind.SERVICE, "share", PATH, sas.make_share_sas(KEY, "share", now=NOW, starts_at=NOW, ip="10.0.0.1")
    yield SasKind.SERVICE, "file", PATH, sas.make_file_sas(KEY, "share", PATH[1:], now=NOW, policy_id="p q")
    delegated = sas.make_user_delegation_sas(KEY.account, DELEGATED, "share", PATH[1:], now=NOW)
    yield SasKind.USER_DELEGATION, "file", PATH, delegated


@pytest.mark.parametrize(("kind", "resource", "path", "signature"), list(made()))
def test_what_was_made_is_read_back_and_its_signature_is_that_of_its_key_alone(kind, resource, path, signature):
    terms = read_terms(f"?{signature.token}")
    assert (terms.kind, terms.resource, terms.problems) == (kind, resource, ())
    assert terms.is_signed_by(KEY, path)
    assert not terms.is_signed_by(OTHER, path)
    if resource == "file":
        assert not terms.is_signed_by(KEY, (*path[:-1], "another"))
    assert terms.signature not in repr(terms)


def test_its_parts_are_told():
    share = read_terms(sas.make_share_sas(KEY, "share", now=NOW, permissions="rl", ip="10.0.0.1-10.0.0.9").token)
    assert (share.permissions, share.expires_at, share.starts_at) == ("rl", NOW + timedelta(hours=1), None)
    assert (share.https_only, share.ip, share.policy, share.version) == (True, "10.0.0.1-10.0.0.9", "", "2025-11-05")
    delegated = read_terms(sas.make_user_delegation_sas(KEY.account, DELEGATED, "share", now=NOW).token)
    assert delegated.key_ends_at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-09", datetime(2025, 3, 9, tzinfo=UTC)),
        ("2025-03-09T07:05Z", datetime(2025, 3, 9, 7, 5, tzinfo=UTC)),
        ("2025-03-09T07:05:03.1234567Z", datetime(2025, 3, 9, 7, 5, 3, 123456, tzinfo=UTC)),
        ("2025-03-09T07:05:03%2B01:30", datetime(2025, 3, 9, 5, 35, 3, tzinfo=UTC)),
        ("2025-03-09T07:05:03-01:00", datetime(2025, 3, 9, 8, 5, 3, tzinfo=UTC)),
        ("2025-13-09", None),
        ("tomorrow", None),
    ],
)
def test_times_are_read_in_each_form_that_signatures_have(text, moment):
    assert read_terms(f"sv=2025-11-05&sr=s&sp=r&se={text}&sig=x").expires_at == moment


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("sv=2025-11-05&sr=b&sp=r&se=2025-03-09&sig=x", "sr is 'b', for a blob; of Azure Files"),
        ("sv=2025-11-05&sr=s&sp=lr&se=2025-03-09&sig=x", "must come in the order 'rcwdl'"),
        ("sv=2025-11-05&sr=f&sp=rl&se=2025-03-09&sig=x", "letters that mean nothing here: 'l'"),
        ("sv=2025-11-05&sr=s&sp=r&sig=x", "se is missing, and no stored policy"),
        ("sv=2025-11-05&sr=s&sp=r&se=soon&sig=x", "no time in UTC"),
        ("sv=2025-11-05&sr=s&sp=r&st=2025-03-09&se=2025-03-08&sig=x", "ends before it begins"),
        ("sv=now&sr=s&sp=r&se=2025-03-09&sig=x", "sv, the service version"),
        ("sv=2025-11-05&ss=b&srt=sco&sp=r&se=2025-03-09&sig=x", "not for Azure Files"),
        ("sv=2025-11-05&ss=f&srt=x&sp=r&se=2025-03-09&sig=x", "srt has letters"),
        ("sv=2025-11-05&ss=f&sp=r&se=2025-03-09&sig=x", "srt is missing"),
        ("sv=2025-11-05&sr=s&sr=s&sp=r&se=2025-03-09&sig=x", "sr stands in it twice"),
    ],
)
def test_what_no_service_takes_is_told(token, problem):
    terms = read_terms(token)
    assert any(problem in said for said in terms.problems), terms.problems


def test_what_is_no_signature_is_refused():
    with pytest.raises(azfiles.InvalidArgument):
        read_terms("sv=2025-11-05&sr=s")


def test_shared_key_texts_are_compared_by_what_each_line_is():
    headers = [("x-ms-date", "D"), ("x-ms-version", "V"), ("Content-Length", "5")]
    ours = string_to_sign("PUT", "/data/f?comp=range&a=1", headers, "acct")
    theirs = string_to_sign("PUT", "/data/F?comp=range&b=2", [*headers[:2], ("Range", "x"), ("x-ms-z", "1")], "acct")
    assert differences(shared_key_lines(ours), shared_key_lines(ours)) == ()
    assert differences(shared_key_lines(ours), shared_key_lines(theirs)) == (
        Difference("content-length", "5", ""),
        Difference("range", "", "x"),
        Difference("path", "/acct/data/f", "/acct/data/F"),
        Difference("?a", "1", None),
        Difference("x-ms-z", None, "1"),
        Difference("?b", None, "2"),
    )


def test_texts_of_signatures_are_compared_by_parameters():
    terms = read_terms(sas.make_file_sas(KEY, "share", ("f",), now=NOW).token)
    ours = terms.string_to_sign(KEY.account, ("share", "f"))
    theirs = ours.replace("/share/f", "/share/g") + "\nmore"
    assert differences(sas_lines(ours, terms.lines), sas_lines(theirs, terms.lines)) == (
        Difference("the resource", f"/file/{KEY.account}/share/f", f"/file/{KEY.account}/share/g"),
        Difference("line 14", None, "more"),
    )
