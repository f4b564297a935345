"""NFS shares: mode, owner and group, hard and symbolic links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles.core import copying, directories, files, links, settings
from azfiles.errors import InvalidArgument, ReplyNotUnderstood, RequestNotSent
from azfiles.models import NfsProperties, NfsSettings, SmbSettings, SymbolicLink

from .builders import GUID, MODIFIED, SNAPSHOT, answer, headers_of, request_of, response

NEWEST = "2026-10-06"
ZERO = {"Content-Length": "0"}
F = ("d", "f")
NFS = NfsSettings(mode=0o640, owner=1000, group="0")
NFS_WIRE = {"x-ms-mode": "0640", "x-ms-owner": "1000", "x-ms-group": "0"}
CREATED = {"x-ms-type": "file", "x-ms-content-length": "0", **ZERO}
URL = {"x-ms-copy-source": "https://h/s/f", **ZERO}
PROPERTIES = "PUT /share/d/f?comp=properties"
SNAP = "sharesnapshot=2019-05-09T01%3A34%3A04.0000000Z"

ROWS = [
    (files.create_file("share", F, 0, nfs=NFS), "PUT /share/d/f", {**CREATED, **NFS_WIRE}),
    (
        files.create_file("share", F, 0, file_type="symlink"),
        "PUT /share/d/f",
        {**CREATED, "x-ms-file-file-type": "SymLink"},
    ),
    (
        directories.create_directory("share", ("d",), nfs=NFS, property_semantics="new"),
        "PUT /share/d?restype=directory",
        {**NFS_WIRE, "x-ms-file-property-semantics": "New", **ZERO},
    ),
    (
        files.set_file_nfs_properties("share", F, NfsSettings(mode="755"), lease_id=GUID),
        PROPERTIES,
        {"x-ms-mode": "0755", "x-ms-lease-id": GUID, **ZERO},
    ),
    (
        directories.set_directory_nfs_properties("share", ("d",), NfsSettings(group=5)),
        "PUT /share/d?restype=directory&comp=properties",
        {"x-ms-group": "5", **ZERO},
    ),
    (
        copying.start_copy("share", F, "https://h/s/f", nfs=NFS, mode_copy_mode="override", owner_copy_mode="override"),
        "PUT /share/d/f",
        {**URL, **NFS_WIRE, "x-ms-file-mode-copy-mode": "override", "x-ms-file-owner-copy-mode": "override"},
    ),
    (
        copying.start_copy("share", F, "https://h/s/f", mode_copy_mode="source"),
        "PUT /share/d/f",
        {**URL, "x-ms-file-mode-copy-mode": "source"},
    ),
    (
        links.create_hard_link("share", F, ("a b", "ü"), lease_id=GUID),
        "PUT /share/d/f?restype=hardlink",
        {"x-ms-type": "file", "x-ms-file-target-file": "a%20b/%C3%BC", "x-ms-lease-id": GUID, **ZERO},
    ),
    (
        links.create_symbolic_link(
            "share",
            F,
            "../100%/ü",
            metadata={"a": "1"},
            creation_time=datetime(2022, 3, 10, tzinfo=UTC),
            last_write_time="now",
            nfs=NfsSettings(owner=1),
        ),
        "PUT /share/d/f?restype=symboliclink",
        {
            "x-ms-link-text": "../100%25/%C3%BC",
            "x-ms-file-creation-time": "2022-03-10T00:00:00.0000000Z",
            "x-ms-file-last-write-time": "Now",
            "x-ms-owner": "1",
            "x-ms-meta-a": "1",
            **ZERO,
        },
    ),
    (links.get_symbolic_link("share", F, snapshot=SNAPSHOT), f"GET /share/d/f?restype=symboliclink&{SNAP}", {}),
]


@pytest.mark.parametrize(
    ("operation", "line", "headers"), ROWS, ids=[f"{n}-{row[0].name}" for n, row in enumerate(ROWS)]
)
def test_an_operation_of_nfs_shares_says_exactly_this_on_the_wire(operation, line, headers):
    request = request_of(operation, api_version=NEWEST)
    assert f"{request.method} {request.target}" == line
    assert headers_of(request) == headers
    with pytest.raises(RequestNotSent, match=r"2025-0[57]-05|2026-06-06"):
        request_of(operation, api_version="2025-01-05")


def test_links_have_their_own_first_versions():
    assert request_of(links.create_hard_link("share", F, ("t",)), api_version="2025-05-05").method == "PUT"
    for link in (links.create_symbolic_link("share", F, "t"), links.get_symbolic_link("share", F)):
        assert request_of(link, api_version="2025-07-05").target == "/share/d/f?restype=symboliclink"
        with pytest.raises(RequestNotSent, match="2025-07-05"):
            request_of(link, api_version="2025-05-05")


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: files.create_file("share", F, 0, nfs=NfsSettings(mode="rw-r--r--")), "octal"),
        (lambda: files.create_file("share", F, 0, nfs=NfsSettings(mode=0o10000)), "mode"),
        (lambda: files.create_file("share", F, 0, nfs=NfsSettings(owner="root")), "owner"),
        (lambda: files.create_file("share", F, 0, nfs=NfsSettings(group=-1)), "group"),
        (lambda: files.create_file("share", F, 0, file_type="Pipe"), "file_type"),
        (lambda: files.set_file_nfs_properties("share", F, NfsSettings()), "at least one"),
        (lambda: directories.set_directory_nfs_properties("share", F, NfsSettings()), "at least one"),
        (lambda: copying.start_copy("share", F, "https://h/s", nfs=NFS, mode_copy_mode="source"), "mode_copy_mode"),
        (lambda: copying.start_copy("share", F, "https://h/s", owner_copy_mode="override"), "owner or group"),
        (lambda: links.create_hard_link("share", F, ()), "target"),
        (lambda: links.create_symbolic_link("share", F, ""), "text"),
        (lambda: links.create_symbolic_link("share", F, "t", nfs=NFS), "no mode"),
        (lambda: links.create_symbolic_link("share", F, "ü" * 400), "2048 at most"),
    ],
)
def test_what_an_nfs_share_cannot_take_is_refused(make, word):
    with pytest.raises(InvalidArgument, match=word):
        make()


@given(st.integers(0, settings.MAX_MODE))
def test_a_mode_is_the_same_as_a_number_and_as_text(mode):
    as_number, _ = settings.nfs_headers(NfsSettings(mode=mode))
    as_text, _ = settings.nfs_headers(NfsSettings(mode=f"{mode:04o}"))
    assert as_number == as_text


REPLY = (
    ("x-ms-mode", "0664"),
    ("x-ms-owner", "0"),
    ("x-ms-group", "0"),
    ("x-ms-file-file-type", "Regular"),
    ("x-ms-link-count", "2"),
)


def test_nfs_properties_come_with_whatever_is_created_or_read():
    expected = NfsProperties("0664", "0", "0", "Regular", 2)
    assert answer(links.create_hard_link("share", F, ("t",)), response(201, *REPLY)).nfs == expected
    length = ("Content-Length", "0")
    assert answer(files.get_file_properties("share", F), response(200, length, *REPLY)).nfs == expected
    assert answer(directories.get_directory_properties("share", ("d",)), response(200, *REPLY)).nfs == expected
    assert answer(files.get_file_properties("share", F), response(200, length)).nfs is None
    assert answer(files.create_file("share", F, 0, smb=SmbSettings()), response(201)).nfs is None


def test_the_text_of_a_symbolic_link_is_decoded():
    operation = links.get_symbolic_link("share", F)
    found = answer(operation, response(200, ("x-ms-link-text", "../100%25/%C3%BC")))
    assert found == SymbolicLink('"0x8D6D41E834AB"', MODIFIED, "../100%/ü")
    with pytest.raises(ReplyNotUnderstood, match="UTF-8"):
        answer(operation, response(200, ("x-ms-link-text", "%FF")))
