"""Everything that azfiles raises.

```
AzureFilesError
  RequestNotSent         nothing left this machine: deadline passed, argument the service cannot take
    InvalidArgument        (also a ValueError) the argument, named
  TransportError         no complete response; ``sent`` says whether the service may have acted
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
  CassetteError          a cassette cannot be read, written or matched
```

No error holds a secret: the request it shows is redacted.
"""

from __future__ import annotations

from functools import partial
from typing import Any


class AzureFilesError(Exception):
    """Base of everything that azfiles raises."""


class RequestNotSent(AzureFilesError):
    """Nothing was sent, and trying again as it is will not help."""


class InvalidArgument(RequestNotSent, ValueError):
    """An argument that the service cannot take; the message says which, and what would do."""


class TransportError(AzureFilesError):
    """No complete response came. ``sent`` is false only where the service cannot have acted."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors are copied and pickled by whoever hands them from one process to another; by itself an exception
        # would be made anew from its message alone.
        return partial(type(self), *self.args, sent=self.sent), (), vars(self)


class ReplyNotUnderstood(AzureFilesError):
    """The service said yes, but its answer lacks what the operation promises."""


class FileChanged(AzureFilesError):
    """A file was changed while a transfer of several requests read it, so its parts do not belong together."""


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
    """Any other 5xx."""


__all__ = [
    "AlreadyExists",
    "AuthenticationFailed",
    "AzureFilesError",
    "CassetteError",
    "Conflict",
    "FileChanged",
    "InvalidArgument",
    "InvalidRange",
    "LeaseConflict",
    "NotFound",
    "NotRecorded",
    "PreconditionFailed",
    "ReplyNotUnderstood",
    "RequestNotSent",
    "ServerFault",
    "ServiceError",
    "Throttled",
    "TransportError",
]
