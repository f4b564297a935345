"""What the real service answered where Azurite is known to answer otherwise: read from public repositories, row by row.

Every row is one request, with what leads up to it, and what decides of the answer. Instants are those of the recording,
so that a Last-Modified can be compared as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

Pairs = tuple[tuple[str, str], ...]

PYTHON_SDK: Final = "Azure/azure-sdk-for-python"
PYTHON_RECORDINGS: Final = "sdk/storage/azure-storage-file-share/tests/recordings/"
OLD_PYTHON_SDK: Final = "Azure/azure-storage-python"
JAVASCRIPT_SDK: Final = "Azure/azure-sdk-for-js"
JAVASCRIPT_RECORDINGS: Final = "sdk/storage/storage-file-share/recordings/node/"
OLD_NET_SDK: Final = "Azure/azure-storage-net"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and when it was answered; ``target`` is below the account, with names of our own."""

    at: datetime
    method: str
    target: str
    headers: Pairs = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Proof:
    name: str
    repository: str
    file: str
    interaction: int | str
    """The number of the request in a recording, from 0; the name of the test where it is what a live test asserts."""
    version: str
    """``x-ms-version`` of the request; empty where the source does not tell."""
    asked: Asked
    status: int
    code: str = ""
    """Empty where there is none or the source does not tell."""
    shows: Pairs = ()
    """Headers that decide."""
    setup: tuple[Asked, ...] = ()

    @property
    def source(self) -> str:
        """As docs/coverage.md names it."""
        kind = "recorded" if isinstance(self.interaction, int) else "live-test"
        return f"{kind}:{self.repository.partition('/')[2]} {self.file.rpartition('/')[2]}#{self.interaction}"


ID: Final = "00000000-1111-2222-3333-444444444444"
SHARE: Final = "/data?restype=share"
LEASE: Final = "/data?restype=share&comp=lease"
FILE: Final = "/data/f"
HALF_KIB: Final = b"abcdefghijklmnop" * 32


def _acquire(at: datetime, seconds: str) -> Asked:
    headers = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", seconds), ("x-ms-proposed-lease-id", ID))
    return Asked(at, "PUT", LEASE, headers)


def _file(at: datetime, size: int, *more: tuple[str, str]) -> Asked:
    return Asked(at, "PUT", FILE, (("x-ms-type", "file"), ("x-ms-content-length", str(size)), *more))


_BROKEN_AT: Final = datetime(2022, 10, 7, 21, 7, 57, tzinfo=UTC)
_RELEASED_AT: Final = datetime(2022, 10, 7, 21, 7, 21, tzinfo=UTC)
_WRITTEN_AT: Final = datetime(2019, 5, 9, 1, 34, 18, tzinfo=UTC)
_EMPTY_AT: Final = datetime(2019, 5, 9, 1, 35, 11, tzinfo=UTC)
_LISTED_AT: Final = datetime(2019, 12, 12, 6, 1, 41, tzinfo=UTC)
_NO_POLICY: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b"<SignedIdentifiers><SignedIdentifier><Id>empty</Id><AccessPolicy /></SignedIdentifier></SignedIdentifiers>"
)

_OLD_SMB: Final = (
    ("x-ms-file-permission", "inherit"),
    ("x-ms-file-attributes", "None"),
    ("x-ms-file-creation-time", "now"),
    ("x-ms-file-last-write-time", "now"),
)

PROOFS: Final[tuple[Proof, ...]] = (
    Proof(
        "share-lease-lost",
        PYTHON_SDK,
        PYTHON_RECORDINGS + "test_share.pyTestStorageSharetest_lease_share_break_period.json",
        3,
        "2021-06-08",
        Asked(_BROKEN_AT.replace(minute=8, second=3), "DELETE", SHARE, (("x-ms-lease-id", ID),)),
        412,
        "LeaseLost",
        setup=(
            Asked(_BROKEN_AT, "PUT", SHARE),
            _acquire(_BROKEN_AT, "15"),
            Asked(_BROKEN_AT, "PUT", LEASE, (("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "5"))),
        ),
    ),
    Proof(
        "share-lease-release",
        PYTHON_SDK,
        PYTHON_RECORDINGS + "test_share.pyTestStorageSharetest_lease_share_acquire_and_release.json",
        2,
        "2021-06-08",
        Asked(_RELEASED_AT, "PUT", LEASE, (("x-ms-lease-action", "release"), ("x-ms-lease-id", ID))),
        200,
        shows=(("x-ms-lease-time", "0"), ("Last-Modified", "Fri, 07 Oct 2022 21:07:21 GMT")),
        setup=(Asked(_RELEASED_AT, "PUT", SHARE), _acquire(_RELEASED_AT, "-1")),
    ),
    Proof(
        "put-range-md5",
        OLD_PYTHON_SDK,
        "tests/recordings/test_file.test_update_range.yaml",
        2,
        "2018-11-09",
        Asked(
            _WRITTEN_AT,
            "PUT",
            f"{FILE}?comp=range",
            (("x-ms-write", "update"), ("x-ms-range", "bytes=0-511")),
            HALF_KIB,
        ),
        201,
        shows=(("Content-MD5", "pTsTLZHyQ+et6NksJ1OHxg=="),),
        setup=(Asked(_WRITTEN_AT, "PUT", SHARE), _file(_WRITTEN_AT, 1024)),
    ),
    Proof(
        "range-list-modified",
        JAVASCRIPT_SDK,
        JAVASCRIPT_RECORDINGS + "leaseclient/recording_getrangelist.js",
        4,
        "2019-02-02",
        Asked(_LISTED_AT, "GET", f"{FILE}?comp=rangelist"),
        200,
        shows=(("Last-Modified", "Thu, 12 Dec 2019 06:01:25 GMT"), ("Date", "Thu, 12 Dec 2019 06:01:41 GMT")),
        setup=(
            Asked(_LISTED_AT.replace(second=23), "PUT", SHARE),
            _file(_LISTED_AT.replace(second=25), 11, *_OLD_SMB),
        ),
    ),
    Proof(
        "acl-empty-identifier",
        OLD_PYTHON_SDK,
        "tests/recordings/test_share.test_set_share_acl_with_empty_signed_identifier.yaml",
        1,
        "2018-11-09",
        Asked(_WRITTEN_AT, "PUT", f"{SHARE}&comp=acl", (), _NO_POLICY),
        200,
        setup=(Asked(_WRITTEN_AT, "PUT", SHARE),),
    ),
    Proof(
        "read-of-empty-file",
        OLD_PYTHON_SDK,
        "tests/recordings/test_get_file.test_get_file_no_content.yaml",
        1,
        "2018-11-09",
        Asked(_EMPTY_AT, "GET", "/data/d/f", (("x-ms-range", "bytes=0-32767"),)),
        416,
        "InvalidRange",
        shows=(("Content-Range", "bytes */0"),),
        setup=(
            Asked(_EMPTY_AT, "PUT", SHARE),
            Asked(_EMPTY_AT, "PUT", "/data/d?restype=directory"),
            Asked(_EMPTY_AT, "PUT", "/data/d/f", (("x-ms-type", "file"), ("x-ms-content-length", "0"))),
        ),
    ),
    Proof(
        "break-period-61",
        OLD_NET_SDK,
        "Test/ClassLibraryCommon/Blob/LeaseTests.cs",
        "BlobLeaseInvalidInputTests",
        "",
        Asked(
            _BROKEN_AT, "PUT", LEASE, (("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "61"))
        ),
        400,
        setup=(Asked(_BROKEN_AT, "PUT", SHARE), _acquire(_BROKEN_AT, "-1")),
    ),
)  # fmt: skip
