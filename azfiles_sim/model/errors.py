"""The service's error codes and the one exception that rules raise.

Only the code and the facts that go with it live here; status numbers and texts are HTTP matters (``wire.errors``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

Details: TypeAlias = tuple[tuple[str, str], ...]


class Code(StrEnum):
    """Error codes that the service is known to send (``x-ms-error-code``)."""

    ACCOUNT_REQUIRES_HTTPS = "AccountRequiresHttps"
    AUTHENTICATION_FAILED = "AuthenticationFailed"
    AUTHORIZATION_FAILURE = "AuthorizationFailure"
    AUTHORIZATION_PERMISSION_MISMATCH = "AuthorizationPermissionMismatch"
    AUTHORIZATION_PROTOCOL_MISMATCH = "AuthorizationProtocolMismatch"
    AUTHORIZATION_RESOURCE_TYPE_MISMATCH = "AuthorizationResourceTypeMismatch"
    AUTHORIZATION_SERVICE_MISMATCH = "AuthorizationServiceMismatch"
    AUTHORIZATION_SOURCE_IP_MISMATCH = "AuthorizationSourceIPMismatch"
    CANNOT_CONVERT_TO_SDDL_DUE_TO_CUSTOM_ACE = "CannotConvertToSddlDueToCustomAce"
    CANNOT_VERIFY_COPY_SOURCE = "CannotVerifyCopySource"
    CONDITION_HEADERS_NOT_SUPPORTED = "ConditionHeadersNotSupported"
    CONDITION_NOT_MET = "ConditionNotMet"
    CORS_PREFLIGHT_FAILURE = "CorsPreflightFailure"
    CONTAINER_QUOTA_DOWNGRADE_NOT_ALLOWED = "ContainerQuotaDowngradeNotAllowed"
    COPY_ID_MISMATCH = "CopyIdMismatch"
    CRC64_MISMATCH = "Crc64Mismatch"
    DELETE_PENDING = "DeletePending"
    DELETE_SHARE_WHEN_SNAPSHOT_LEASED = "DeleteShareWhenSnapshotLeased"
    DIRECTORY_NOT_EMPTY = "DirectoryNotEmpty"
    EMPTY_METADATA_KEY = "EmptyMetadataKey"
    FILE_GENERATION_MISMATCH = "FileGenerationMismatch"
    FILE_INVALID_PERMISSION = "FileInvalidPermission"
    FILE_INVALID_PERMISSION_KEY = "FileInvalidPermissionKey"
    FILE_LOCK_CONFLICT = "FileLockConflict"
    FILE_SHARE_PROVISIONED_BANDWIDTH_DOWNGRADE_NOT_ALLOWED = "FileShareProvisionedBandwidthDowngradeNotAllowed"
    FILE_SHARE_PROVISIONED_BANDWIDTH_INVALID = "FileShareProvisionedBandwidthInvalid"
    FILE_SHARE_PROVISIONED_IOPS_DOWNGRADE_NOT_ALLOWED = "FileShareProvisionedIopsDowngradeNotAllowed"
    FILE_SHARE_PROVISIONED_IOPS_INVALID = "FileShareProvisionedIopsInvalid"
    FILE_SHARE_PROVISIONED_STORAGE_INVALID = "FileShareProvisionedStorageInvalid"
    INTERNAL_ERROR = "InternalError"
    INVALID_AUTHENTICATION_INFO = "InvalidAuthenticationInfo"
    INVALID_FILE_OR_DIRECTORY_PATH_NAME = "InvalidFileOrDirectoryPathName"
    INVALID_HEADER_VALUE = "InvalidHeaderValue"
    INVALID_HTTP_VERB = "InvalidHttpVerb"
    INVALID_INPUT = "InvalidInput"
    INVALID_MD5 = "InvalidMd5"
    INVALID_METADATA = "InvalidMetadata"
    INVALID_QUERY_PARAMETER_VALUE = "InvalidQueryParameterValue"
    INVALID_RANGE = "InvalidRange"
    INVALID_RESOURCE_NAME = "InvalidResourceName"
    INVALID_URI = "InvalidUri"
    INVALID_XML_DOCUMENT = "InvalidXmlDocument"
    INVALID_XML_NODE_VALUE = "InvalidXmlNodeValue"
    LEASE_ALREADY_PRESENT = "LeaseAlreadyPresent"
    LEASE_ID_MISMATCH_WITH_CONTAINER_OPERATION = "LeaseIdMismatchWithContainerOperation"
    LEASE_ID_MISMATCH_WITH_FILE_OPERATION = "LeaseIdMismatchWithFileOperation"
    LEASE_ID_MISMATCH_WITH_LEASE_OPERATION = "LeaseIdMismatchWithLeaseOperation"
    LEASE_ID_MISSING = "LeaseIdMissing"
    LEASE_IS_BREAKING_AND_CANNOT_BE_ACQUIRED = "LeaseIsBreakingAndCannotBeAcquired"
    LEASE_IS_BREAKING_AND_CANNOT_BE_CHANGED = "LeaseIsBreakingAndCannotBeChanged"
    LEASE_IS_BROKEN_AND_CANNOT_BE_RENEWED = "LeaseIsBrokenAndCannotBeRenewed"
    LEASE_LOST = "LeaseLost"
    LEASE_NOT_PRESENT_WITH_CONTAINER_OPERATION = "LeaseNotPresentWithContainerOperation"
    LEASE_NOT_PRESENT_WITH_FILE_OPERATION = "LeaseNotPresentWithFileOperation"
    LEASE_NOT_PRESENT_WITH_LEASE_OPERATION = "LeaseNotPresentWithLeaseOperation"
    MD5_MISMATCH = "Md5Mismatch"
    METADATA_TOO_LARGE = "MetadataTooLarge"
    MISSING_CONTENT_LENGTH_HEADER = "MissingContentLengthHeader"
    MISSING_REQUIRED_HEADER = "MissingRequiredHeader"
    MISSING_REQUIRED_QUERY_PARAMETER = "MissingRequiredQueryParameter"
    MISSING_REQUIRED_XML_NODE = "MissingRequiredXmlNode"
    NO_AUTHENTICATION_INFORMATION = "NoAuthenticationInformation"
    NO_PENDING_COPY_OPERATION = "NoPendingCopyOperation"
    NOT_IMPLEMENTED = "NotImplemented"
    OPERATION_TIMED_OUT = "OperationTimedOut"
    OUT_OF_RANGE_INPUT = "OutOfRangeInput"
    OUT_OF_RANGE_QUERY_PARAMETER_VALUE = "OutOfRangeQueryParameterValue"
    PARENT_NOT_FOUND = "ParentNotFound"
    PENDING_COPY_OPERATION = "PendingCopyOperation"
    PREVIOUS_SNAPSHOT_NOT_FOUND = "PreviousSnapshotNotFound"
    READ_ONLY_ATTRIBUTE = "ReadOnlyAttribute"
    REQUEST_BODY_TOO_LARGE = "RequestBodyTooLarge"
    RESOURCE_ALREADY_EXISTS = "ResourceAlreadyExists"
    RESOURCE_NOT_FOUND = "ResourceNotFound"
    RESOURCE_TYPE_MISMATCH = "ResourceTypeMismatch"
    SERVER_BUSY = "ServerBusy"
    SHARE_ALREADY_EXISTS = "ShareAlreadyExists"
    SHARE_BEING_DELETED = "ShareBeingDeleted"
    SHARE_HAS_SNAPSHOTS = "ShareHasSnapshots"
    SHARE_NOT_FOUND = "ShareNotFound"
    SHARE_SIZE_LIMIT_REACHED = "ShareSizeLimitReached"
    SHARE_SNAPSHOT_COUNT_EXCEEDED = "ShareSnapshotCountExceeded"
    SHARE_SNAPSHOT_OPERATION_NOT_SUPPORTED = "ShareSnapshotOperationNotSupported"
    SHARING_VIOLATION = "SharingViolation"
    TOTAL_SHARES_COUNT_EXCEEDS_ACCOUNT_LIMIT = "TotalSharesCountExceedsAccountLimit"
    UNSUPPORTED_HEADER = "UnsupportedHeader"
    UNSUPPORTED_HTTP_VERB = "UnsupportedHttpVerb"
    UNSUPPORTED_QUERY_PARAMETER = "UnsupportedQueryParameter"
    UNSUPPORTED_XML_NODE = "UnsupportedXmlNode"


class ServiceError(Exception):
    """A refusal. ``details`` become further elements of the error document, in order; ``variant`` picks the text
    where one code has several (the lease codes speak of a file or of a file share). ``field`` is the part of the command
    that is refused, where the service names it.
    """

    def __init__(
        self, code: Code, *, details: Details = (), variant: str = "", field: str = "", size: int | None = None
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.details = details
        self.variant = variant
        self.field = field
        self.size = size
        """Length of the resource in bytes where the reply says it (416: ``Content-Range: bytes */size``)."""


__all__ = ["Code", "Details", "ServiceError"]
