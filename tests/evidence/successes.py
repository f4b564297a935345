"""What the answer to each operation decisively has, and what it has not, by the service's documents and recordings.

Status and headers are those of the newest version; the examples are those of ``tests/versions/examples.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Success:
    number: str
    status: int
    shows: tuple[str, ...]
    lacks: tuple[str, ...]
    document: str
    source: str


EL: Final = ("ETag", "Last-Modified")
SMB: Final = (
    "x-ms-file-permission-key", "x-ms-file-attributes", "x-ms-file-creation-time", "x-ms-file-last-write-time",
    "x-ms-file-change-time", "x-ms-file-id", "x-ms-file-parent-id",
)  # fmt: skip
NFS: Final = ("x-ms-mode", "x-ms-owner", "x-ms-group", "x-ms-file-file-type", "x-ms-file-id", "x-ms-file-parent-id")
WRITTEN: Final = ("x-ms-request-server-encrypted",)
READ: Final = ("x-ms-server-encrypted",)
LEASED: Final = ("x-ms-lease-status", "x-ms-lease-state")
NONE: Final = ()

SUCCESSES: Final[tuple[Success, ...]] = (
    Success("V1", 200, NONE, EL, "EnumerationResults", "document:list-shares"),
    Success("V2", 200, NONE, EL, "StorageServiceProperties", "document:get-file-service-properties"),
    Success("V3", 202, NONE, EL, "", "document:set-file-service-properties"),
    Success("V5", 200, ("Access-Control-Allow-Origin", "Access-Control-Allow-Methods"), EL, "", "document:preflight-file-request"),
    Success("H1", 201, EL, WRITTEN, "", "document:create-share"),
    Success("H2", 200, (*EL, *LEASED, "x-ms-share-quota", "x-ms-has-immutability-policy", "x-ms-has-legal-hold", "x-ms-access-tier"),
            ("x-ms-enabled-protocols",), "", "document:get-share-properties"),
    Success("H3", 202, NONE, EL, "", "document:delete-share"),
    Success("H4", 200, EL, WRITTEN, "", "document:set-share-properties"),
    Success("H5", 200, EL, WRITTEN, "", "document:set-share-metadata"),
    Success("H6", 200, EL, ("x-ms-share-quota",), "", "document:get-share-metadata"),
    Success("H7", 200, EL, NONE, "SignedIdentifiers", "document:get-share-acl"),
    Success("H8", 200, EL, NONE, "", "document:set-share-acl"),
    Success("H9", 200, NONE, EL, "ShareStats", "document:get-share-stats"),
    Success("H10", 201, (*EL, "x-ms-snapshot"), NONE, "", "document:snapshot-share"),
    Success("H11", 201, EL, NONE, "", "recorded:azure-sdk-assets test_undelete_share"),
    Success("H12", 201, ("x-ms-file-permission-key",), EL, "", "document:create-permission"),
    Success("H13", 200, NONE, (*EL, "Content-Type"), "", "document:get-permission"),
    Success("H14", 201, (*EL, "x-ms-lease-id"), ("x-ms-lease-time",), "", "document:lease-share"),
    Success("H15", 200, (*EL, "x-ms-lease-id"), ("x-ms-lease-time",), "", "document:lease-share"),
    Success("H16", 200, (*EL, "x-ms-lease-id"), ("x-ms-lease-time",), "", "document:lease-share"),
    Success("H17", 200, (*EL, "x-ms-lease-time"), ("x-ms-lease-id",), "", "document:lease-share"),
    Success("H18", 202, (*EL, "x-ms-lease-time"), ("x-ms-lease-id",), "", "document:lease-share"),
    Success("D1", 201, (*EL, *WRITTEN, *SMB), NONE, "", "document:create-directory"),
    Success("D2", 200, (*EL, *READ, *SMB), LEASED, "", "document:get-directory-properties"),
    Success("D3", 202, NONE, EL, "", "document:delete-directory"),
    Success("D4", 200, (*EL, *WRITTEN, *SMB), NONE, "", "document:set-directory-properties"),
    Success("D5", 200, (*EL, *WRITTEN), SMB[:1], "", "document:set-directory-metadata"),
    Success("D6", 200, EL, SMB[:1], "", "document:get-directory-metadata"),
    Success("D7", 200, NONE, EL, "EnumerationResults", "document:list-directories-and-files"),
    Success("D8", 200, NONE, EL, "EnumerationResults", "document:list-handles"),
    Success("D9", 200, ("x-ms-number-of-handles-closed", "x-ms-number-of-handles-failed"), EL, "", "document:force-close-handles"),
    Success("D10", 200, (*EL, *WRITTEN, *SMB), NONE, "", "document:rename-directory"),
    Success("F1", 201, (*EL, *WRITTEN, *SMB), ("Content-MD5",), "", "document:create-file"),
    Success("F2", 206, (*EL, *READ, *SMB, *LEASED, "Content-Range", "Accept-Ranges", "x-ms-type"), WRITTEN, "", "document:get-file"),
    Success("F3", 200, (*EL, *READ, *SMB, *LEASED, "Content-Type", "x-ms-type"), ("Content-Range",), "", "document:get-file-properties"),
    Success("F4", 202, NONE, EL, "", "document:delete-file2"),
    Success("F5", 200, (*EL, *WRITTEN, *SMB), NONE, "", "document:set-file-properties"),
    Success("F6", 200, (*EL, *WRITTEN), SMB[:1], "", "document:set-file-metadata"),
    Success("F7", 200, EL, (*SMB[:1], "x-ms-type"), "", "document:get-file-metadata"),
    Success("F8", 201, (*EL, *WRITTEN, "Content-MD5", "x-ms-file-last-write-time"), ("x-ms-content-crc64",), "", "document:put-range"),
    Success("F9", 201, (*EL, "x-ms-file-last-write-time"), (*WRITTEN, "Content-MD5"), "", "document:put-range"),
    Success("F10", 201, (*EL, *WRITTEN, "x-ms-content-crc64"), ("Content-MD5",), "", "document:put-range-from-url"),
    Success("F11", 200, (*EL, "x-ms-content-length"), NONE, "Ranges", "document:list-ranges"),
    Success("F12", 200, (*EL, "x-ms-content-length"), NONE, "Ranges", "sdk:azure-storage-file-share 12.27.0b1, list_ranges"),
    Success("F13", 202, (*EL, "x-ms-copy-id", "x-ms-copy-status"), WRITTEN, "", "document:copy-file"),
    Success("F15", 200, NONE, EL, "EnumerationResults", "document:list-handles"),
    Success("F16", 200, ("x-ms-number-of-handles-closed", "x-ms-number-of-handles-failed"), EL, "", "document:force-close-handles"),
    Success("F17", 201, (*EL, "x-ms-lease-id"), ("x-ms-lease-time",), "", "document:lease-file"),
    Success("F18", 200, (*EL, "x-ms-lease-id"), ("x-ms-lease-time",), "", "document:lease-file"),
    Success("F19", 200, EL, ("x-ms-lease-id", "x-ms-lease-time"), "", "recorded:azure-sdk-for-js leaseclient release_lease"),
    Success("F20", 202, (*EL, "x-ms-lease-time"), ("x-ms-lease-id",), "", "document:lease-file"),
    Success("F21", 200, (*EL, *WRITTEN, *SMB), NONE, "", "document:rename-file"),
    Success("F22", 201, (*EL, *NFS, *WRITTEN, "x-ms-link-count"), SMB[:2], "", "recorded:azure-sdk-assets test_create_hardlink"),
    Success("F23", 201, (*EL, *NFS), SMB[:2], "", "recorded:azure-sdk-assets, symbolic links"),
    Success("F24", 200, (*EL, "x-ms-link-text"), NONE, "", "recorded:azure-sdk-assets, symbolic links"),
)  # fmt: skip

WITHOUT: Final[dict[str, str]] = {}
"""Operations whose success nothing backs, and why."""
