"""Which operation a request asks for, told from its method, query and headers, for any client's requests.

A table of its own: matching must understand cassettes of other clients, and must not follow a slip in ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from azfiles.cassette.addresses import parse_uri
from azfiles.cassette.interactions import RecordedRequest

GET_FILE = "Get File"
CREATE_FILE = "Create File"
PUT_RANGE = "Put Range"

_READ = ("GET", "HEAD")

# (methods, restype, comp) -> name. GET and HEAD of properties and metadata answer alike, so they are one operation.
_ROWS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("GET",), "", "list", "List Shares"),
    (("GET",), "service", "properties", "Get File Service Properties"),
    (("PUT",), "service", "properties", "Set File Service Properties"),
    (("POST",), "service", "userdelegationkey", "Get User Delegation Key"),
    (("PUT",), "share", "", "Create Share"),
    (_READ, "share", "", "Get Share Properties"),
    (("DELETE",), "share", "", "Delete Share"),
    (("PUT",), "share", "properties", "Set Share Properties"),
    (("PUT",), "share", "metadata", "Set Share Metadata"),
    (_READ, "share", "metadata", "Get Share Metadata"),
    (_READ, "share", "acl", "Get Share ACL"),
    (("PUT",), "share", "acl", "Set Share ACL"),
    (_READ, "share", "stats", "Get Share Stats"),
    (("PUT",), "share", "snapshot", "Snapshot Share"),
    (("PUT",), "share", "undelete", "Restore Share"),
    (("PUT",), "share", "filepermission", "Create Permission"),
    (("GET",), "share", "filepermission", "Get Permission"),
    (("PUT",), "share", "lease", "Lease Share"),
    (("PUT",), "directory", "", "Create Directory"),
    (_READ, "directory", "", "Get Directory Properties"),
    (("DELETE",), "directory", "", "Delete Directory"),
    (("PUT",), "directory", "properties", "Set Directory Properties"),
    (("PUT",), "directory", "metadata", "Set Directory Metadata"),
    (_READ, "directory", "metadata", "Get Directory Metadata"),
    (("GET",), "directory", "list", "List Directories and Files"),
    (("PUT",), "directory", "rename", "Rename Directory"),
    (("GET",), "", "listhandles", "List Handles"),
    (("PUT",), "", "forceclosehandles", "Force Close Handles"),
    (("GET",), "", "", GET_FILE),
    (("HEAD",), "", "", "Get File Properties"),
    (("DELETE",), "", "", "Delete File"),
    (("PUT",), "", "properties", "Set File Properties"),
    (("PUT",), "", "metadata", "Set File Metadata"),
    (_READ, "", "metadata", "Get File Metadata"),
    (("PUT",), "", "range", PUT_RANGE),
    (("GET",), "", "rangelist", "List Ranges"),
    (("PUT",), "", "copy", "Abort Copy File"),
    (("PUT",), "", "lease", "Lease File"),
    (("PUT",), "", "rename", "Rename File"),
    (("PUT",), "hardlink", "", "Create Hard Link"),
    (("PUT",), "symboliclink", "", "Create Symbolic Link"),
    (("GET",), "symboliclink", "", "Get Symbolic Link"),
)
_NAMES = {(method, restype, comp): name for methods, restype, comp, name in _ROWS for method in methods}


def name_operation(method: str, restype: str, comp: str, headers: Mapping[str, str]) -> str:
    """The operation's name in the service's documentation; an unknown one is named by its method and query.

    ``headers`` have lower-case names.
    """
    method, restype, comp = method.upper(), restype.lower(), comp.lower()
    if method == "PUT" and not restype:
        if comp == "":
            return "Copy File" if "x-ms-copy-source" in headers else CREATE_FILE
        if comp == "range" and "x-ms-copy-source" in headers:
            return "Put Range from URL"
    name = _NAMES.get((method, restype, comp))
    if name is not None:
        return name
    return " ".join(part for part in (method, restype and f"restype={restype}", comp and f"comp={comp}") if part)


def operation_of(request: RecordedRequest) -> str:
    """The operation that a request asks for."""
    query = dict(parse_uri(request.uri).query)
    lowered = {name.lower(): value for name, value in request.headers}
    return name_operation(request.method, query.get("restype", ""), query.get("comp", ""), lowered)


def is_of_files(request: RecordedRequest) -> bool:
    """Whether a request goes to Azure Files, as far as it shows: its host says so, or it names a service version.
    Sessions hold others too, such as those for tokens, whose answers are never a file's content.
    """
    if ".file." in request.uri.partition("?")[0].partition("//")[2].partition("/")[0]:
        return True
    return any(name.lower() == "x-ms-version" for name, _ in request.headers) or bool(
        {"sv", "sig"} & {name for name, _ in parse_uri(request.uri).query}
    )


def carries_request_data(request: RecordedRequest, operation: str) -> bool:
    """Whether the body of a request, which asks for ``operation``, is a file's content, and not a document of the protocol
    or of another service.
    """
    return operation in {PUT_RANGE, CREATE_FILE} and is_of_files(request)


def carries_response_data(request: RecordedRequest, operation: str, status: int) -> bool:
    """Whether the body that answers a request is a file's content, and not a document."""
    return operation == GET_FILE and 200 <= status < 300 and is_of_files(request)


__all__ = ["carries_request_data", "carries_response_data", "is_of_files", "name_operation", "operation_of"]
