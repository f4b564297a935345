"""Which API versions are taken, and what a version turns on and off."""

from __future__ import annotations

import logging

import pytest

from azfiles_sim import Request
from azfiles_sim.wire.api_versions import KNOWN

from .asking import ACCOUNT, CREATE, NEWEST, UPDATE, Asker, account_sas, code, content, header, xml

OLD = "2018-11-09"
SMB_2019 = (
    ("x-ms-file-attributes", "Archive"),
    ("x-ms-file-creation-time", "now"),
    ("x-ms-file-last-write-time", "now"),
    ("x-ms-file-permission", "inherit"),
)


@pytest.mark.parametrize("version", KNOWN)
def test_a_known_version_is_taken_and_echoed(version: str) -> None:
    reply = Asker().ask("PUT", "/data?restype=share", version=version)
    assert (reply.status, header(reply, "x-ms-version")) == (201, version)


@pytest.mark.parametrize("version", ["2017-07-29", "2020-01-01", "2026-10", "newest", "", "2026-13-01", "2018-11-9"])
def test_an_older_an_unknown_or_a_malformed_version_is_refused_and_quoted(version: str) -> None:
    reply = Asker().ask("PUT", "/data?restype=share", version=version)
    assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")
    document = xml(reply)
    assert (document.findtext("HeaderName"), document.findtext("HeaderValue")) == ("x-ms-version", version)


def test_a_newer_version_counts_as_the_newest_is_noted_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    asker = Asker()
    with caplog.at_level(logging.WARNING, "azfiles_sim"):
        replies = [asker.ask("GET", "/?comp=list", version="2027-01-05") for _ in range(3)]
    assert [(reply.status, header(reply, "x-ms-version")) for reply in replies] == [(200, "2027-01-05")] * 3
    assert asker.simulator.journal.entries()[0].notes == (f"version 2027-01-05 taken for {NEWEST}",)
    assert len(caplog.records) == 1


def test_a_strict_simulator_refuses_a_newer_version() -> None:
    reply = Asker(strict_versions=True).ask("GET", "/?comp=list", version="2027-01-05")
    assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")


def test_no_version_is_400_except_that_a_sas_brings_its_own() -> None:
    asker = Asker()
    reply = asker.ask("GET", "/?comp=list", version=None)
    assert (reply.status, code(reply)) == (400, "MissingRequiredHeader")
    target = f"/{ACCOUNT}/?comp=list&{account_sas(sv='2021-06-08')}"
    reply = asker.send(Request("GET", target))
    assert (reply.status, header(reply, "x-ms-version")) == (200, "2021-06-08")


def test_a_header_newer_than_the_version_is_refused_and_named() -> None:
    asker = Asker().with_share()
    for target, headers, version, name in (
        ("/data/g", (*CREATE, ("x-ms-file-attributes", "None")), OLD, "x-ms-file-attributes"),
        ("/data/g", (*CREATE, *SMB_2019, ("x-ms-file-change-time", "now")), "2021-04-10", "x-ms-file-change-time"),
        (
            "/data/d/f?comp=range",
            (*UPDATE, ("x-ms-file-last-write-time", "Now")),
            "2021-04-10",
            "x-ms-file-last-write-time",
        ),
        ("/data/d/f?comp=metadata", (("x-ms-allow-trailing-dot", "true"),), "2021-12-02", "x-ms-allow-trailing-dot"),
        (
            "/data?restype=share&comp=metadata",
            (("x-ms-file-request-intent", "backup"),),
            OLD,
            "x-ms-file-request-intent",
        ),
        ("/data?restype=share&comp=properties", (("x-ms-access-tier", "Hot"),), OLD, "x-ms-access-tier"),
        ("/data/d?restype=directory", (("x-ms-mode", "0755"), *SMB_2019), "2019-02-02", "x-ms-mode"),
    ):
        body = b"abcd" if "range" in target else b""
        reply = asker.ask("PUT", target, *headers, version=version, body=body)
        assert (reply.status, code(reply)) == (400, "UnsupportedHeader"), target
        assert xml(reply).findtext("HeaderName") == name


def test_smb_headers_are_mandatory_from_2019_02_02_to_2021_04_10() -> None:
    asker = Asker().with_share()
    for version in ("2019-02-02", "2021-04-10"):
        for position, (name, _) in enumerate(SMB_2019):
            rest = SMB_2019[:position] + SMB_2019[position + 1 :]
            for target, own in (
                ("/data/g", CREATE),
                ("/data/e?restype=directory", ()),
                ("/data/d/f?comp=properties", ()),
            ):
                reply = asker.ask("PUT", target, *own, *rest, version=version)
                assert (reply.status, code(reply)) == (400, "MissingRequiredHeader")
                assert xml(reply).findtext("HeaderName") == name
    assert asker.ask("PUT", "/data/g", *CREATE, *SMB_2019, version="2021-04-10").status == 201
    assert asker.ask("PUT", "/data/g", *CREATE, version="2021-06-08").status == 201
    assert asker.ask("PUT", "/data/g", *CREATE, version=OLD).status == 201


@pytest.mark.parametrize(
    ("method", "target", "headers", "border"),
    [
        (
            "PUT",
            "/data/g?comp=rename",
            (("x-ms-file-rename-source", f"http://127.0.0.1/{ACCOUNT}/data/d/f"),),
            "2021-04-10",
        ),
        (
            "PUT",
            "/data?restype=share&comp=lease",
            (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1")),
            "2020-02-10",
        ),
        (
            "PUT",
            "/data/d/f?comp=lease",
            (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1")),
            "2019-02-02",
        ),
    ],
)
def test_an_operation_newer_than_the_version_is_unknown_to_it(
    method: str, target: str, headers: tuple[tuple[str, str], ...], border: str
) -> None:
    asker = Asker().with_share()
    before = KNOWN[KNOWN.index(border) - 1]
    reply = asker.ask(method, target, *headers, version=before)
    assert (reply.status, code(reply)) == (400, "InvalidQueryParameterValue")
    assert border in (xml(reply).findtext("Reason") or "")
    assert asker.ask(method, target, *headers, version=border).status in {200, 201}


def test_an_operation_newer_than_the_version_is_unknown_to_it_also_where_it_is_not_built() -> None:
    asker = Asker().with_share()
    reply = asker.ask("PUT", "/data/link?restype=symboliclink", version="2025-05-05")
    assert (reply.status, code(reply)) == (400, "InvalidQueryParameterValue")


def test_a_query_parameter_newer_than_the_version_is_refused_unless_empty() -> None:
    asker = Asker().with_share()
    reply = asker.ask("GET", "/data?restype=directory&comp=list&include=etag", version="2020-08-04")
    assert (reply.status, code(reply)) == (400, "UnsupportedQueryParameter")
    assert asker.ask("GET", "/data?restype=directory&comp=list&include=", version="2020-08-04").status == 200
    reply = asker.ask("GET", "/data/d/f?comp=rangelist&prevsharesnapshot=2026-05-04T00:00:00.0000000Z", version=OLD)
    assert code(reply) == "UnsupportedQueryParameter"


def test_the_client_request_id_is_echoed_from_2019_02_02_on() -> None:
    asker = Asker()
    own = ("x-ms-client-request-id", "4f0b")
    assert header(asker.ask("GET", "/?comp=list", own, version=OLD), "x-ms-client-request-id") is None
    assert header(asker.ask("GET", "/?comp=list", own, version="2019-02-02"), "x-ms-client-request-id") == "4f0b"
    too_long = ("x-ms-client-request-id", "x" * 1025)
    assert header(asker.ask("GET", "/?comp=list", too_long), "x-ms-client-request-id") is None


def test_replies_show_smb_properties_leases_and_tiers_by_version() -> None:
    asker = Asker().with_share()
    old, smb = (asker.ask("HEAD", "/data/d/f", version=version) for version in (OLD, "2019-02-02"))
    assert header(old, "x-ms-file-id") is None
    assert header(old, "x-ms-lease-state") is None
    assert header(smb, "x-ms-file-id") is not None
    assert header(smb, "x-ms-lease-state") == "available"
    for version, tier, lease in (("2019-10-10", False, False), ("2019-12-12", True, False), ("2020-02-10", True, True)):
        share = asker.ask("GET", "/data?restype=share", version=version)
        assert (header(share, "x-ms-access-tier") is not None, header(share, "x-ms-lease-state") is not None) == (
            tier,
            lease,
        )
    written = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd", version="2021-04-10")
    assert header(written, "x-ms-file-last-write-time") is None
    written = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd", version="2021-06-08")
    assert header(written, "x-ms-file-last-write-time") is not None


def test_ids_in_listings_come_when_asked_for_and_in_new_versions_always() -> None:
    asker = Asker().with_share()
    extended = ("x-ms-file-extended-info", "true")
    target = "/data?restype=directory&comp=list"
    for version, suffix, headers, shown in (
        ("2020-08-04", "", (), False),
        ("2020-10-02", "", (), False),
        ("2020-10-02", "", (extended,), True),
        ("2020-10-02", "&include=etag", (), True),
        (NEWEST, "", (), True),
    ):
        data = content(asker.ask("GET", target + suffix, *headers, version=version))
        assert (b"<FileId>" in data, b"<DirectoryId>" in data) == (shown, shown)
