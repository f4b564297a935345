"""One request for each error code that the service is known to send and that a request can provoke here.

``message`` is the text where a recording or the documents have it, empty where it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.versions.examples import LEASE, OTHER_LEASE, SOURCE
from tests.wire.asking import ACCOUNT, CREATE, UPDATE

Pairs = tuple[tuple[str, str], ...]
Ask = tuple[str, str, Pairs, bytes]


@dataclass(frozen=True, slots=True)
class Refusal:
    error: str
    status: int
    message: str
    source: str
    method: str
    target: str
    headers: Pairs = ()
    body: bytes = b""
    details: Pairs = ()
    setup: tuple[Ask, ...] = ()
    seconds: float = 0
    """How long after the setup the request is sent."""


def lease(target: str, action: str = "acquire", *, id_: str = LEASE, duration: str = "-1") -> Ask:
    given = "x-ms-proposed-lease-id" if action == "acquire" else "x-ms-lease-id"
    pairs = (("x-ms-lease-action", action), (given, id_))
    return (
        "PUT",
        f"{target}comp=lease",
        pairs + ((("x-ms-lease-duration", duration),) if action == "acquire" else ()),
        b"",
    )


SHARE: Final = "/data?restype=share&"
FILE: Final = "/data/d/f?"
META: Final = (("x-ms-meta-a", "1"),)
ACQUIRE: Final = lease(SHARE)[2]
OTHER: Final = (("x-ms-lease-id", OTHER_LEASE),)
MINE: Final = (("x-ms-lease-id", LEASE),)
CODES: Final = "document:file-service-error-codes"
COMMON: Final = "document:common-rest-api-error-codes"
BREAK_SLOWLY: Final[Ask] = (
    "PUT",
    f"{SHARE}comp=lease",
    (("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "30")),
    b"",
)
READ_ONLY: Final[Ask] = ("PUT", f"{FILE}comp=properties", (("x-ms-file-attributes", "ReadOnly"),), b"")
SNAPSHOT: Final[Ask] = ("PUT", f"{SHARE}comp=snapshot", (), b"")
EXISTS: Final = "The specified resource already exists."
NO_FORM: Final = "The value for one of the HTTP headers is not in the correct format."

MOVE: Final[Ask] = ("PUT", "/data/moved?comp=rename", (("x-ms-file-rename-source", SOURCE),), b"")
BLOCK: Final = bytes(4 * 1024 * 1024)
FULL: Final[tuple[Ask, ...]] = (
    ("PUT", f"{SHARE}comp=properties", (("x-ms-share-quota", "1"),), b""),
    ("PUT", "/data/d/big", (("x-ms-type", "file"), ("x-ms-content-length", str(len(BLOCK)))), b""),
    ("PUT", "/data/d/big?comp=range", (("x-ms-write", "update"), ("x-ms-range", f"bytes=0-{len(BLOCK) - 1}")), BLOCK),
    *(("PUT", f"/data/{n}", (("x-ms-copy-source", SOURCE.replace("/f", "/big")),), b"") for n in range(254)),
)
"""A share of 1 GiB, so full of copies that not one more goes in."""

REFUSALS: Final[tuple[Refusal, ...]] = (
    # --- what a request says ---
    Refusal("ConditionHeadersNotSupported", 400, "Condition headers are not supported.", "issue:kernelci/kernelci-api#359",
            "GET", "/data/d/f", (("If-None-Match", "*"),)),
    Refusal("FileInvalidPermission", 400, "The specified file permission is not valid.", CODES,
            "PUT", "/data/x", (*CREATE, ("x-ms-file-permission", "abcde"))),
    Refusal("FileInvalidPermissionKey", 400, "The specified file permission key doesn't exist in the share.", CODES,
            "PUT", "/data/x", (*CREATE, ("x-ms-file-permission-key", "1*1"))),
    Refusal("InvalidHeaderValue", 400, NO_FORM, "issue:Azure/azure-sdk-for-python#40041",
            "GET", "/data/d/f", (("x-ms-version", "2019-01-01"),),
            details=(("HeaderName", "x-ms-version"), ("HeaderValue", "2019-01-01"))),
    Refusal("InvalidQueryParameterValue", 400, "Value for one of the query parameters specified in the request URI is invalid.",
            "live-test:azure-storage-file-go zt_url_file_test.go", "PUT", "/data/d/f?comp=copy&copyid=x", (("x-ms-copy-action", "abort"),),
            details=(("QueryParameterName", "copyid"), ("QueryParameterValue", "x"), ("Reason", "copyid needs to be valid Guid."))),
    Refusal("InvalidResourceName", 400, "The specifed resource name contains invalid characters.",
            "live-test:azure-storage-file-go zt_url_share_test.go", "PUT", "/d_t?restype=share"),
    Refusal("InvalidXmlDocument", 400, "", "live-test:azure-storage-file-go zt_url_share_test.go",
            "PUT", f"{SHARE}comp=acl", body=b"<SignedIdentifiers>"),
    Refusal("InvalidXmlNodeValue", 400, "", COMMON, "PUT", f"{SHARE}comp=acl",
            body=b"<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Start>x</Start></AccessPolicy></SignedIdentifier>"
                 b"</SignedIdentifiers>", details=(("XmlNodeName", "Start"), ("XmlNodeValue", "x"))),
    Refusal("MissingRequiredXmlNode", 400, "", COMMON, "PUT", f"{SHARE}comp=acl",
            body=b"<SignedIdentifiers><SignedIdentifier/></SignedIdentifiers>", details=(("XmlNodeName", "Id"),)),
    Refusal("UnsupportedXmlNode", 400, "", COMMON, "PUT", f"{SHARE}comp=acl",
            body=b"<SignedIdentifiers><SignedIdentifier><Name>a</Name></SignedIdentifier></SignedIdentifiers>",
            details=(("XmlNodeName", "Name"),)),
    Refusal("MissingRequiredHeader", 400, "An HTTP header that's mandatory for this request is not specified.", COMMON,
            "PUT", "/data/x", details=(("HeaderName", "x-ms-type"),)),
    Refusal("MissingRequiredQueryParameter", 400, "", COMMON, "PUT", "/data/d/f?comp=copy", (("x-ms-copy-action", "abort"),),
            details=(("QueryParameterName", "copyid"),)),
    Refusal("UnsupportedHeader", 400, "One of the HTTP headers specified in the request is not supported.", COMMON,
            "PUT", "/data/d/f?comp=metadata", (("x-ms-allow-trailing-dot", "true"), ("x-ms-version", "2021-12-02")),
            details=(("HeaderName", "x-ms-allow-trailing-dot"),)),
    Refusal("UnsupportedQueryParameter", 400, "", COMMON, "GET", "/data?restype=directory&comp=list&include=etag",
            (("x-ms-version", "2020-08-04"),), details=(("QueryParameterName", "include"), ("QueryParameterValue", "etag"))),
    Refusal("OutOfRangeQueryParameterValue", 400, "", COMMON, "GET", "/?comp=list&maxresults=0",
            details=(("QueryParameterName", "maxresults"), ("QueryParameterValue", "0"), ("MinimumAllowed", "1"))),
    Refusal("InvalidMd5", 400, "", COMMON, "PUT", f"{FILE}comp=range", (*UPDATE, ("Content-MD5", "AAAA")), b"abcd"),
    Refusal("Md5Mismatch", 400, "", "live-test:azure-storage-file-go zt_url_file_test.go",
            "PUT", f"{FILE}comp=range", (*UPDATE, ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")), b"abcd"),
    Refusal("EmptyMetadataKey", 400, "", COMMON, "PUT", f"{FILE}comp=metadata", (("x-ms-meta-", "1"),)),
    Refusal("InvalidMetadata", 400, "", COMMON, "PUT", f"{FILE}comp=metadata", (("x-ms-meta-a-b", "1"),)),
    Refusal("MetadataTooLarge", 400, "", COMMON, "PUT", f"{FILE}comp=metadata", (("x-ms-meta-a", "v" * 9000),)),
    Refusal("InvalidInput", 400, "", COMMON, "PUT", f"{SHARE}comp=filepermission", body=b"[]"),
    Refusal("InvalidUri", 400, "", COMMON, "PUT", "/data"),
    Refusal("InvalidHttpVerb", 400, "", COMMON, "FOO", "/data/d/f"),
    Refusal("UnsupportedHttpVerb", 405, "", COMMON, "POST", "/data/d/f"),
    Refusal("RequestBodyTooLarge", 413, "", COMMON, "PUT", f"{FILE}comp=range", UPDATE, bytes(4 * 1024 * 1024 + 1)),
    Refusal("InvalidFileOrDirectoryPathName", 400, "", CODES, "PUT", f"/data/{'x' * 256}", CREATE),
    Refusal("ShareSnapshotOperationNotSupported", 400, "", CODES, "PUT",
            "/data/x?sharesnapshot=2026-05-04T03:02:01.0000000Z", CREATE),
    # --- what is there and what is not ---
    Refusal("ShareNotFound", 404, "The specified share does not exist.", CODES, "GET", "/none?restype=share"),
    Refusal("ParentNotFound", 404, "The specified parent path does not exist.", CODES, "GET", "/data/none/f"),
    Refusal("ResourceNotFound", 404, "The specified resource does not exist.", CODES, "GET", "/data/d/none"),
    Refusal("ShareAlreadyExists", 409, "The specified share already exists.", CODES, "PUT", "/data?restype=share"),
    Refusal("ShareHasSnapshots", 409, "The share has snapshots and the operation requires no snapshots.", CODES,
            "DELETE", "/data?restype=share", setup=(SNAPSHOT,)),
    Refusal("ResourceAlreadyExists", 409, EXISTS, CODES, "PUT", "/data/d?restype=directory"),
    Refusal("ResourceTypeMismatch", 409, "", CODES, "PUT", "/data/d", CREATE),
    Refusal("DirectoryNotEmpty", 409, "The specified directory is not empty.", CODES, "DELETE", "/data/d?restype=directory"),
    Refusal("ReadOnlyAttribute", 409, "The specified resource is read-only and cannot be modified at this time.", CODES,
            "PUT", f"{FILE}comp=range", UPDATE, b"abcd", setup=(READ_ONLY,)),
    Refusal("InvalidRange", 416, "The range specified is invalid for the current size of the resource.", CODES,
            "GET", "/data/d/f", (("x-ms-range", "bytes=1024-1027"),)),
    Refusal("NoPendingCopyOperation", 409, "There is currently no pending copy operation.", COMMON,
            "PUT", f"/data/d/f?comp=copy&copyid={LEASE}", (("x-ms-copy-action", "abort"),)),
    Refusal("CannotVerifyCopySource", 401, "", "recorded:azure-sdk-assets test_upload_range_copy_source_error_and_status_code",
            "PUT", "/data/x", (("x-ms-copy-source", SOURCE.replace(ACCOUNT, "otheraccount")),),
            details=(("CopySourceStatusCode", "401"), ("CopySourceErrorCode", "NoAuthenticationInformation"))),
    # --- ranges, differences, limits ---
    Refusal("Crc64Mismatch", 400, "", "document:put-range-from-url", "PUT", "/data/d/g?comp=range",
            (*UPDATE, ("x-ms-copy-source", SOURCE), ("x-ms-source-range", "bytes=0-3"), ("x-ms-source-content-crc64", "AAAAAAAAAAA="))),
    Refusal("ConditionNotMet", 412, "", "document:put-range-from-url", "PUT", "/data/d/g?comp=range",
            (*UPDATE, ("x-ms-copy-source", SOURCE), ("x-ms-source-range", "bytes=0-3"), ("x-ms-source-if-match-crc64", "AAAAAAAAAAA="))),
    Refusal("PreviousSnapshotNotFound", 409, "The previous snapshot was not found.",
            "recorded:azure-sdk-assets test_list_ranges_diff_support_rename",
            "GET", "/data/moved?comp=rangelist&prevsharesnapshot={snapshot}", setup=(SNAPSHOT, MOVE)),
    Refusal("FileGenerationMismatch", 409, "The file has been recreated since the previous snapshot was taken.", CODES,
            "GET", "/data/d/f?comp=rangelist&prevsharesnapshot={snapshot}",
            setup=(SNAPSHOT, ("DELETE", "/data/d/f", (), b""), ("PUT", "/data/d/f", CREATE, b""))),
    Refusal("OutOfRangeInput", 400, "", COMMON, "PUT", "/ab?restype=share"),
    Refusal("ShareSizeLimitReached", 409, "", "sdk:azcopy", "PUT", "/data/last", (("x-ms-copy-source", SOURCE.replace("/f", "/big")),),
            setup=FULL),
    Refusal("ShareSnapshotCountExceeded", 409, "", CODES, "PUT", f"{SHARE}comp=snapshot", setup=(SNAPSHOT,) * 200),
    Refusal("CorsPreflightFailure", 403, "CORS not enabled or no matching rule found for this request.", "document:preflight-file-request",
            "OPTIONS", "/data/d/f", (("Origin", "http://a.example"), ("Access-Control-Request-Method", "GET"))),
    # --- leases ---
    Refusal("LeaseAlreadyPresent", 409, "There is already a lease present.", COMMON,
            "PUT", f"{SHARE}comp=lease", lease(SHARE, id_=OTHER_LEASE)[2], setup=(lease(SHARE),)),
    Refusal("LeaseIdMissing", 412, "There is currently a lease on the file and no lease ID was specified in the request.", COMMON,
            "PUT", f"{FILE}comp=metadata", META, setup=(lease(FILE),)),
    Refusal("LeaseIdMismatchWithFileOperation", 412, "The lease ID specified did not match the lease ID for the file.",
            "recorded:azure-sdk-for-python lease", "GET", "/data/d/f", OTHER, setup=(lease(FILE),)),
    Refusal("LeaseNotPresentWithFileOperation", 412, "There is currently no lease on the file.",
            "recorded:azure-sdk-for-python set_file_metadata_with_broken_lease", "PUT", f"{FILE}comp=metadata", OTHER),
    Refusal("LeaseIdMismatchWithContainerOperation", 412, "The lease ID specified did not match the lease ID for the file share.",
            "recorded:azure-sdk-for-python share lease", "GET", "/data?restype=share", OTHER, setup=(lease(SHARE),)),
    Refusal("LeaseNotPresentWithContainerOperation", 412, "", COMMON, "GET", "/data?restype=share", OTHER),
    Refusal("LeaseIdMismatchWithLeaseOperation", 409, "", COMMON, "PUT", f"{SHARE}comp=lease",
            lease(SHARE, "renew", id_=OTHER_LEASE)[2], setup=(lease(SHARE),)),
    Refusal("LeaseNotPresentWithLeaseOperation", 409, "", COMMON, "PUT", f"{SHARE}comp=lease", (("x-ms-lease-action", "break"),)),
    Refusal("LeaseIsBreakingAndCannotBeAcquired", 409, "", COMMON, "PUT", f"{SHARE}comp=lease", lease(SHARE)[2],
            setup=(lease(SHARE), BREAK_SLOWLY)),
    Refusal("LeaseIsBreakingAndCannotBeChanged", 409, "", COMMON, "PUT", f"{SHARE}comp=lease",
            (*lease(SHARE, "change")[2], ("x-ms-proposed-lease-id", OTHER_LEASE)), setup=(lease(SHARE), BREAK_SLOWLY)),
    Refusal("LeaseIsBrokenAndCannotBeRenewed", 409, "", COMMON, "PUT", f"{SHARE}comp=lease", lease(SHARE, "renew")[2],
            setup=(lease(SHARE), BREAK_SLOWLY), seconds=31),
    Refusal("LeaseLost", 412, "A lease ID was specified, but the lease for the file share has expired.",
            "recorded:azure-sdk-for-python share lease", "GET", "/data?restype=share", MINE, setup=(lease(SHARE, duration="15"),), seconds=16),
    Refusal("DeleteShareWhenSnapshotLeased", 409, "", CODES, "DELETE", "/data?restype=share", (("x-ms-delete-snapshots", "include"),),
            setup=(SNAPSHOT, lease("/data?restype=share&sharesnapshot={snapshot}&"))),
)  # fmt: skip

UNREACHED: Final[dict[str, str]] = {
    "NotImplemented": "the simulator's own: it names what is not built",
    "AccountRequiresHttps": "an account's setting, which accounts of the simulator do not have",
    "InternalError": "a bug of the simulator, which the fuzzer looks for; else planted by a fault plan",
    "OperationTimedOut": "planted by a fault plan",
    "ServerBusy": "planted by a fault plan",
    "ShareBeingDeleted": "a deleted share's name is free at once here; TODAY may hold it",
}
"""Codes that no request to an idle simulator provokes, and why."""

NOT_SENT: Final[dict[str, str]] = {
    "FileOpenBySmbClient": "needs an SMB client that has the file open",
    "TotalSharesProvisionedBandwidthExceedsAccountLimit": "how much an account may have in sum is not documented for the data plane",
    "TotalSharesProvisionedCapacityExceedsAccountLimit": "how much an account may have in sum is not documented for the data plane",
    "TotalSharesProvisionedIopsExceedsAccountLimit": "how much an account may have in sum is not documented for the data plane",
    "AccountIsDisabled": "accounts cannot be disabled here",
    "CannotDeleteFileOrDirectory": "no condition is documented",
    "CannotVerifyFileSnapshotSource": "no condition is documented",
    "ClientCacheFlushDelay": "needs an SMB client that delays its flush",
    "FeatureVersionMismatch": "needs a share whose features are newer than the version",
    "FileShareAccessTierTransitionNotAllowed": "a change of tier is over at once here; how long one takes is not documented",
    "FileSnapshotCountExceeded": "the count of a share's snapshots has its own code",
    "FileSnapshotSourceSignedAccessNotSupported": "no condition is documented",
    "HandleLimitExceeded": "needs more handles than are planted",
    "InsufficientAccountPermissions": "accounts have full permissions here",
    "InvalidContinuationToken": "no condition is documented; a malformed marker is InvalidQueryParameterValue (u)",
    "MultipleConditionHeadersNotSupported": "any condition header is refused as such",
    "RequestUrlFailedToParse": "a target that no URL can be is InvalidUri (u)",
    "ShareDisabled": "shares cannot be disabled here",
    "ShareSnapshotInProgress": "snapshots are taken at once",
    "ShareSnapshotNotFound": "the recorded service answers ShareNotFound",
}
"""Documented codes that the simulator does not know, and why."""
