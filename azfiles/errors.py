"""Everything that azfiles raises.

```
AzureFilesError
  RequestNotSent         nothing left this machine: argument the service cannot take, feature its version lacks
    InvalidArgument        (also a ValueError) the argument, named
    CircuitOpen            the endpoint failed too often of late; ``retry_after_s`` says when to try again
  TransportError         no complete response; ``sent`` says whether the service may have acted
    OutcomeUnknown         an earlier try may have acted, and what the service said later does not tell (``sent`` is true)
  ServiceError           the service refused: status, code, message, request_id, request
    NotFound               (also a FileNotFoundError)  404
    AlreadyExists          (also a FileExistsError)    409 *AlreadyExists
    Conflict               409, the other codes
      LeaseConflict          409 and 412 of a lease
    PreconditionFailed     412, where it is not a lease
    InvalidRange           416
    AuthenticationFailed   (also a PermissionError)    401 and 403
    Throttled              503 ServerBusy and 429
    ServerFault            the other 5xx
  ReplyNotUnderstood     a success whose headers or body are not what the operation promises
  FileChanged            a file was changed while a transfer of several requests read it
  ContentMismatch        a file does not hold what was written to it, or what the MD5 stored with it says
  EtagMismatch           a file is not the version that was to be replaced; nothing was written
  LockNotAcquired        (also a TimeoutError) a lock was not to be had within the time; nothing is held
  LockLost               a lock ended before it was given back; ``token`` is the one that it had
  ForeignCompanion       what lies where a lock's companion file belongs is none that this version knows
  TreeIncomplete         some steps of a whole tree failed, and the others were done; ``report`` says which
  WorkerLost             whoever did a part of a tree's steps elsewhere is gone; nobody knows how far it came
  CassetteError          a cassette cannot be read, written or matched
```

``may_have_acted`` of any of them says whether the service may have done what was asked. No error holds a secret: the
request it shows is redacted.
"""

from __future__ import annotations

from functools import partial
from typing import Any


class AzureFilesError(Exception):
    """Base of everything that azfiles raises."""

    @property
    def may_have_acted(self) -> bool:
        """Whether the service may have done what was asked, wholly or in part. False only where it certainly did not."""
        return False


class RequestNotSent(AzureFilesError):
    """Nothing was sent, and trying again as it is will not help, unless a subclass says otherwise."""


class InvalidArgument(RequestNotSent, ValueError):
    """An argument that the service cannot take; the message says which, and what would do."""


class CircuitOpen(RequestNotSent):
    """Too many requests to the endpoint failed of late, so this one was not sent. Another try makes sense in
    ``retry_after_s`` seconds; then one request is let through to see whether the endpoint is well again.
    """

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), *self.args, retry_after_s=self.retry_after_s), (), vars(self)


class TransportError(AzureFilesError):
    """No complete response came. ``sent`` is false only where the service cannot have acted."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors are copied and pickled by whoever hands them from one process to another; by itself an exception
        # would be made anew from its message alone.
        return partial(type(self), *self.args, sent=self.sent), (), vars(self)

    @property
    def may_have_acted(self) -> bool:
        return self.sent


class OutcomeUnknown(TransportError):
    """An earlier try brought no answer and may have acted; what was asked since then does not tell. ``__cause__`` is the
    last error. Only the caller can know whether to look, to repeat, or to leave it.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message, sent=sent)


class ReplyNotUnderstood(AzureFilesError):
    """The service said yes, but its answer lacks what the operation promises."""

    @property
    def may_have_acted(self) -> bool:
        return True


class FileChanged(AzureFilesError):
    """A file was changed while a transfer of several requests read it, so its parts do not belong together."""


class ContentMismatch(AzureFilesError):
    """A file was read and is not what it should be: what was written to it, or what the MD5 that is stored with it says."""


class EtagMismatch(AzureFilesError):
    """The file is another version than the one to be replaced: its ETag is ``found``, not ``expected``. Nothing was
    written.
    """

    def __init__(self, message: str, *, expected: str, found: str) -> None:
        super().__init__(message)
        self.expected = expected
        self.found = found

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), *self.args, expected=self.expected, found=self.found), (), vars(self)


class LockNotAcquired(AzureFilesError, TimeoutError):
    """Somebody else held the lock, or a lease in its place, all the time that was waited. The message says who, as far as
    can be known. Nothing is held now.
    """


class LockLost(AzureFilesError):
    """A lock ended before it was given back: somebody took it over or broke it, or its holder was held up for so long that
    somebody may have. ``token`` is its fencing token, ``None`` for a share's lock, which has none.

    What was written with the lease's id before it was lost is written; since then the service has refused it.
    """

    def __init__(self, message: str, *, token: int | None = None) -> None:
        super().__init__(message)
        self.token = token

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), *self.args, token=self.token), (), vars(self)

    @property
    def may_have_acted(self) -> bool:
        return True


class ForeignCompanion(AzureFilesError):
    """Where a lock keeps its companion file lies something else, or a companion in the format of a later version. It was
    left alone, and nothing was locked.
    """


class TreeIncomplete(AzureFilesError):
    """Some of what was to be done to a tree of directories and files failed, and the rest was done: ``report`` is the whole
    account, a ``TreeReport``.
    """

    def __init__(self, message: str, *, report: Any) -> None:
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), *self.args, report=self.report), (), vars(self)

    @property
    def may_have_acted(self) -> bool:
        return True


class WorkerLost(AzureFilesError):
    """The process that was to do some steps of a tree was lost, each time they were tried, and nobody knows which of them it
    did. They can be done again.
    """

    @property
    def may_have_acted(self) -> bool:
        return True


class CassetteError(AzureFilesError):
    """A cassette cannot be read, written or matched."""


class NotRecorded(CassetteError):
    """A replayed request that no recorded one matches; the message names the nearest and the first difference."""


class ServiceError(AzureFilesError):
    """The service refused.

    ``status`` and ``code`` are the HTTP status and ``x-ms-error-code`` (``""`` where none came), ``message`` the first
    line of the service's text, ``request_id`` its ``x-ms-request-id``, ``request`` the redacted request as
    ``"PUT /share/file?comp=range"``, ``details`` further elements of the error document, by name.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        request_id: str = "",
        request: str = "",
        details: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.request = request
        self.details = dict(details)
        extra = "".join(f"; {name}: {value}" for name, value in details)
        super().__init__(
            f"{status} {code or 'no code'}: {message} [{request}, request id {request_id or 'none'}{extra}]"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        make = partial(
            type(self),
            self.status,
            self.code,
            self.message,
            request_id=self.request_id,
            request=self.request,
            details=tuple(self.details.items()),
        )
        return make, (), vars(self)


class NotFound(ServiceError, FileNotFoundError):
    """404: the share, the parent directory, or the file or directory does not exist; ``code`` says which."""


class AlreadyExists(ServiceError, FileExistsError):
    """409: a share, directory or file of that name exists."""


class Conflict(ServiceError):
    """409: the resource's state forbids it."""


class LeaseConflict(Conflict):
    """409 or 412: somebody else's lease, a missing or wrong lease id, or a lease in the wrong state."""


class PreconditionFailed(ServiceError):
    """412 that is not about a lease."""


class InvalidRange(ServiceError):
    """416: the range lies outside the file."""


class AuthenticationFailed(ServiceError, PermissionError):
    """401 or 403: wrong, expired or insufficient credentials."""


class Throttled(ServiceError):
    """503 ServerBusy or 429: the service asks for fewer requests."""


class ServerFault(ServiceError):
    """Any other 5xx. The service may have acted all the same: an ``OperationTimedOut`` says so itself."""

    @property
    def may_have_acted(self) -> bool:
        return True


__all__ = [
    "AlreadyExists",
    "AuthenticationFailed",
    "AzureFilesError",
    "CassetteError",
    "CircuitOpen",
    "Conflict",
    "ContentMismatch",
    "EtagMismatch",
    "FileChanged",
    "ForeignCompanion",
    "InvalidArgument",
    "InvalidRange",
    "LeaseConflict",
    "LockLost",
    "LockNotAcquired",
    "NotFound",
    "NotRecorded",
    "OutcomeUnknown",
    "PreconditionFailed",
    "ReplyNotUnderstood",
    "RequestNotSent",
    "ServerFault",
    "ServiceError",
    "Throttled",
    "TransportError",
    "TreeIncomplete",
    "WorkerLost",
]
