"""What each error code looks like on the wire: status, text, document, headers.

The reason phrase of the status line is the text. Texts marked (u) are not recorded; the codes and statuses are
official or recorded.
"""

from __future__ import annotations

from typing import Final

from azfiles_sim.messages import Reply
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.dates import iso_time
from azfiles_sim.wire.xml_writer import document, escape

_FORBIDDEN: Final = "This request is not authorized to perform this operation"

TEXTS: Final[dict[Code, tuple[int, str]]] = {
    Code.ACCOUNT_REQUIRES_HTTPS: (400, "The account being accessed does not support http."),
    Code.AUTHENTICATION_FAILED: (
        403,
        ("Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
        "including the signature."),
    ),
    Code.AUTHORIZATION_FAILURE: (403, f"{_FORBIDDEN}."),
    Code.AUTHORIZATION_PERMISSION_MISMATCH: (403, f"{_FORBIDDEN} using this permission."),
    Code.AUTHORIZATION_PROTOCOL_MISMATCH: (403, f"{_FORBIDDEN} using this protocol."),
    Code.AUTHORIZATION_RESOURCE_TYPE_MISMATCH: (403, f"{_FORBIDDEN} using this resource type."),
    Code.AUTHORIZATION_SERVICE_MISMATCH: (403, f"{_FORBIDDEN} using this service."),
    Code.AUTHORIZATION_SOURCE_IP_MISMATCH: (403, f"{_FORBIDDEN} using this source IP."),
    Code.CANNOT_CONVERT_TO_SDDL_DUE_TO_CUSTOM_ACE: (
        400,
        "Permissions can't be converted to SDDL due to the presence of custom ACE in the ACLs.",
    ),
    Code.CANNOT_VERIFY_COPY_SOURCE: (404, "The specified resource does not exist."),
    Code.CONDITION_HEADERS_NOT_SUPPORTED: (400, "Condition headers are not supported."),
    Code.CONDITION_NOT_MET: (412, "The condition specified using HTTP conditional header(s) is not met."),
    Code.CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED: (
        409,
        "Can't downgrade quota at this moment. Please check share properties for the next allowed quota downgrade time.",
    ),
    Code.CORS_PREFLIGHT_FAILURE: (403, "CORS not enabled or no matching rule found for this request."),
    Code.COPY_ID_MISMATCH: (409, "The specified copy ID did not match the copy ID for the pending copy operation."),
    Code.CRC64_MISMATCH: (
        400,
        "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",  # (u)
    ),
    Code.DELETE_PENDING: (409, "The specified resource is marked for deletion by an SMB client."),
    Code.DELETE_SHARE_WHEN_SNAPSHOT_LEASED: (
        409,
        "Unable to delete share because one or more share snapshots have active leases.",
    ),
    Code.DIRECTORY_NOT_EMPTY: (409, "The specified directory is not empty."),
    Code.EMPTY_METADATA_KEY: (400, "The key for one of the metadata key-value pairs is empty."),
    Code.FILE_GENERATION_MISMATCH: (409, "The file has been recreated since the previous snapshot was taken."),
    Code.FILE_INVALID_PERMISSION: (400, "The specified file permission is not valid."),
    Code.FILE_INVALID_PERMISSION_KEY: (400, "The specified file permission key doesn't exist in the share."),
    Code.FILE_LOCK_CONFLICT: (409, "A portion of the specified file is locked by an SMB client."),
    # Of these the names are official; statuses and texts are (u), made after those of the quota.
    Code.FILE_SHARE_PROVISIONED_BANDWIDTH_DOWNGRADE_NOT_ALLOWED: (
        409,
        ("Can't downgrade provisioned bandwidth at this moment. Please check share properties for the next allowed "
        "provisioned bandwidth downgrade time."),
    ),
    Code.FILE_SHARE_PROVISIONED_BANDWIDTH_INVALID: (400, "The provisioned bandwidth of the file share is not valid."),
    Code.FILE_SHARE_PROVISIONED_IOPS_DOWNGRADE_NOT_ALLOWED: (
        409,
        ("Can't downgrade provisioned IOPS at this moment. Please check share properties for the next allowed "
        "provisioned IOPS downgrade time."),
    ),
    Code.FILE_SHARE_PROVISIONED_IOPS_INVALID: (400, "The provisioned IOPS of the file share are not valid."),
    Code.FILE_SHARE_PROVISIONED_STORAGE_INVALID: (400, "The provisioned storage of the file share is not valid."),
    Code.INTERNAL_ERROR: (500, "The server encountered an internal error. Please retry the request."),
    Code.INVALID_AUTHENTICATION_INFO: (
        401,
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    ),
    Code.INVALID_FILE_OR_DIRECTORY_PATH_NAME: (
        400,
        "The specified file or directory path name is too long, or a path component is too long or not valid.",  # (u)
    ),
    Code.INVALID_HEADER_VALUE: (400, "The value for one of the HTTP headers is not in the correct format."),
    Code.INVALID_HTTP_VERB: (400, "The HTTP verb specified is invalid - it is not recognized by the server."),
    Code.INVALID_INPUT: (400, "One of the request inputs is not valid."),
    Code.INVALID_MD5: (400, "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64-encoded."),
    Code.INVALID_METADATA: (400, "The metadata specified is invalid. It has characters that are not permitted."),
    Code.INVALID_QUERY_PARAMETER_VALUE: (
        400,
        "Value for one of the query parameters specified in the request URI is invalid.",
    ),
    Code.INVALID_RANGE: (416, "The range specified is invalid for the current size of the resource."),
    Code.INVALID_RESOURCE_NAME: (400, "The specifed resource name contains invalid characters."),
    Code.INVALID_URI: (400, "The requested URI does not represent any resource on the server."),
    Code.INVALID_XML_DOCUMENT: (400, "XML specified is not syntactically valid."),
    Code.INVALID_XML_NODE_VALUE: (400, "The value for one of the XML nodes is not in the correct format."),
    Code.LEASE_ALREADY_PRESENT: (409, "There is already a lease present."),
    Code.LEASE_ID_MISMATCH_WITH_CONTAINER_OPERATION: (
        412,
        "The lease ID specified did not match the lease ID for the file share.",
    ),
    Code.LEASE_ID_MISMATCH_WITH_FILE_OPERATION: (412, "The lease ID specified did not match the lease ID for the file."),
    Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION: (
        409,
        "The lease ID specified did not match the lease ID for the {thing}.",  # (u)
    ),
    Code.LEASE_ID_MISSING: (412, "There is currently a lease on the {thing} and no lease ID was specified in the request."),
    Code.LEASE_IS_BREAKING_AND_CANNOT_BE_ACQUIRED: (
        409,
        "There is already a breaking lease, and the lease cannot be acquired until the lease is broken or it expires.",
    ),
    Code.LEASE_IS_BREAKING_AND_CANNOT_BE_CHANGED: (409, "The lease ID matched, but the lease is currently in breaking state and cannot be changed."),
    Code.LEASE_IS_BROKEN_AND_CANNOT_BE_RENEWED: (409, "The lease ID matched, but the lease has been broken explicitly and cannot be renewed."),
    Code.LEASE_LOST: (412, "A lease ID was specified, but the lease for the {thing} has expired."),
    Code.LEASE_NOT_PRESENT_WITH_CONTAINER_OPERATION: (412, "There is currently no lease on the file share."),
    Code.LEASE_NOT_PRESENT_WITH_FILE_OPERATION: (412, "There is currently no lease on the file."),
    Code.LEASE_NOT_PRESENT_WITH_LEASE_OPERATION: (409, "There is currently no lease on the {thing}."),
    Code.MD5_MISMATCH: (400, "The MD5 value specified in the request did not match with the MD5 value calculated by the server."),
    Code.METADATA_TOO_LARGE: (400, "The metadata specified exceeds the maximum permissible limit (8KB)."),
    Code.MISSING_CONTENT_LENGTH_HEADER: (411, "Content-Length HTTP header is not specified."),
    Code.MISSING_REQUIRED_HEADER: (400, "An HTTP header that's mandatory for this request is not specified."),
    Code.MISSING_REQUIRED_QUERY_PARAMETER: (400, "A query parameter that's mandatory for this request is not specified."),
    Code.MISSING_REQUIRED_XML_NODE: (400, "A required XML node is missing."),
    Code.NO_AUTHENTICATION_INFORMATION: (
        401,
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    ),
    Code.NO_PENDING_COPY_OPERATION: (409, "There is currently no pending copy operation."),
    Code.NOT_IMPLEMENTED: (501, "The requested operation is not implemented on the specified resource."),
    Code.OPERATION_TIMED_OUT: (500, "Operation could not be completed within the specified time."),
    Code.OUT_OF_RANGE_INPUT: (400, "One of the request inputs is out of range."),
    Code.OUT_OF_RANGE_QUERY_PARAMETER_VALUE: (
        400,
        "One of the query parameters specified in the request URI is outside the permissible range.",
    ),
    Code.PARENT_NOT_FOUND: (404, "The specified parent path does not exist."),
    Code.PENDING_COPY_OPERATION: (409, "There is currently a pending copy operation."),
    Code.PREVIOUS_SNAPSHOT_NOT_FOUND: (409, "The previous snapshot was not found."),
    Code.READ_ONLY_ATTRIBUTE: (409, "The specified resource is read-only and cannot be modified at this time."),
    Code.REQUEST_BODY_TOO_LARGE: (413, "The request body is too large and exceeds the maximum permissible limit."),
    Code.RESOURCE_ALREADY_EXISTS: (409, "The specified resource already exists."),
    Code.RESOURCE_NOT_FOUND: (404, "The specified resource does not exist."),
    Code.RESOURCE_TYPE_MISMATCH: (409, "The specified resource type does not match the type of the existing resource."),
    Code.SERVER_BUSY: (503, "The server is busy."),
    Code.SHARE_ALREADY_EXISTS: (409, "The specified share already exists."),
    Code.SHARE_BEING_DELETED: (409, "The specified share is being deleted. Try operation later."),
    Code.SHARE_HAS_SNAPSHOTS: (409, "The share has snapshots and the operation requires no snapshots."),
    Code.SHARE_NOT_FOUND: (404, "The specified share does not exist."),
    Code.SHARE_SIZE_LIMIT_REACHED: (409, "The share size limit has been reached."),  # (u)
    Code.SHARE_SNAPSHOT_COUNT_EXCEEDED: (409, "The share snapshot count limit has been exceeded."),  # (u)
    Code.SHARE_SNAPSHOT_OPERATION_NOT_SUPPORTED: (400, "The operation is not supported on a share snapshot."),  # (u)
    Code.SHARING_VIOLATION: (409, "The specified resource may be in use by an SMB client."),
    Code.TOTAL_SHARES_COUNT_EXCEEDS_ACCOUNT_LIMIT: (
        409,
        "The total number of file shares exceeds the limit of the storage account.",  # (u)
    ),
    Code.UNSUPPORTED_HEADER: (400, "One of the HTTP headers specified in the request is not supported."),
    Code.UNSUPPORTED_HTTP_VERB: (405, "The resource doesn't support the specified HTTP verb."),
    Code.UNSUPPORTED_QUERY_PARAMETER: (
        400,
        "One of the query parameters specified in the request URI is not supported.",
    ),
    Code.UNSUPPORTED_XML_NODE: (400, "One of the XML nodes specified in the request body is not supported."),
}  # fmt: skip

VARIANTS: Final[dict[tuple[Code, str], tuple[int, str]]] = {
    # The source is shorter than asked for; the source refused (status and text are the source's own then).
    (Code.CANNOT_VERIFY_COPY_SOURCE, "short"): (
        409,
        "The source request body for copy source does not match requested length to write on target.",
    ),
    (Code.CANNOT_VERIFY_COPY_SOURCE, "401"): (401, TEXTS[Code.NO_AUTHENTICATION_INFORMATION][1]),
    (Code.CANNOT_VERIFY_COPY_SOURCE, "403"): (403, TEXTS[Code.AUTHENTICATION_FAILED][1]),
    (Code.INVALID_HEADER_VALUE, "cors"): (400, "A required CORS header is not present."),
    (Code.AUTHORIZATION_FAILURE, "oauth"): (
        403,
        (
            "This API does not support bearer tokens. For OAuth, use the Storage Resource Provider APIs instead. "
            "Learn more: https://aka.ms/azurefiles/restapi."
        ),
    ),
}
_LEASED_THINGS: Final = {"": "file", "file": "file", "share": "file share"}

# Refused by the front end, before the version counts: such replies carry no x-ms-version.
WITHOUT_VERSION: Final = frozenset(
    {Code.AUTHENTICATION_FAILED, Code.INVALID_AUTHENTICATION_INFO, Code.NO_AUTHENTICATION_INFORMATION}
)
FRONT_END_SERVER: Final = "Microsoft-HTTPAPI/2.0"
_ANY_TENANT: Final = "00000000-0000-0000-0000-000000000000"
_CHALLENGE: Final = (
    "Bearer authorization_uri=https://login.microsoftonline.com/{tenant}/oauth2/authorize "
    "resource_id=https://storage.azure.com"
)
_COPY_SOURCE_HEADERS: Final = {
    "CopySourceStatusCode": "x-ms-copy-source-status-code",
    "CopySourceErrorCode": "x-ms-copy-source-error-code",
}


def describe(refusal: ServiceError) -> tuple[int, str]:
    """Status and text of a refusal."""
    status, text = VARIANTS.get((refusal.code, refusal.variant)) or TEXTS[refusal.code]
    if refusal.code is Code.NOT_IMPLEMENTED and refusal.details:
        return status, f"{text[:-1]} by this simulator: {refusal.details[0][1]}."
    if "{thing}" in text:
        text = text.replace("{thing}", _LEASED_THINGS.get(refusal.variant, "file"))
    return status, text


def _with_source(refusal: ServiceError) -> ServiceError:
    """A refusal that names only the code that a copy's source answered: with that answer's status and text, too."""
    if len(refusal.details) != 1 or refusal.details[0][0] != "CopySourceErrorCode":
        return refusal
    code = refusal.details[0][1]
    status, text = describe(ServiceError(Code(code)))
    details = (("CopySourceStatusCode", str(status)), *refusal.details, ("CopySourceErrorMessage", text))
    return ServiceError(refusal.code, details=details, variant=refusal.variant)


def error_document(refusal: ServiceError, text: str, *, request_id: str, now: Ticks) -> bytes:
    """The error document: BOM, code, message of three lines, further elements in order."""
    extra = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in refusal.details)
    return document(
        f"<Error><Code>{refusal.code.value}</Code><Message>{escape(text)}\n"
        f"RequestId:{request_id}\nTime:{iso_time(now)}</Message>{extra}</Error>"
    )


def render_error(
    refusal: ServiceError,
    *,
    common: list[tuple[str, str]],
    head: bool,
    request_id: str,
    now: Ticks,
    tenant: str | None = None,
) -> Reply:
    """The whole reply to a refused request. ``common`` are the headers that every reply has; ``tenant`` is where a
    caller without a valid token is sent.
    """
    refusal = _with_source(refusal)
    status, text = describe(refusal)
    headers: list[tuple[str, str]] = []
    body: tuple[memoryview, ...] = ()
    if head:
        headers.append(("Transfer-Encoding", "chunked"))
    else:
        content = error_document(refusal, text, request_id=request_id, now=now)
        body = (memoryview(content),)
        headers += [("Content-Length", str(len(content))), ("Content-Type", "application/xml")]
    headers.append(("x-ms-error-code", refusal.code.value))
    if status == 416:
        headers.append(("Content-Range", f"bytes */{refusal.size or 0}"))
    headers += [(header, value) for name, value in refusal.details if (header := _COPY_SOURCE_HEADERS.get(name))]
    if status == 401 and refusal.code is not Code.CANNOT_VERIFY_COPY_SOURCE:
        headers.append(("WWW-Authenticate", _CHALLENGE.format(tenant=tenant or _ANY_TENANT)))
        common = [(name, FRONT_END_SERVER if name == "Server" else value) for name, value in common]
    if refusal.code in WITHOUT_VERSION:
        common = [pair for pair in common if pair[0] != "x-ms-version"]
    return Reply(status, text, [*headers, *common], body)
