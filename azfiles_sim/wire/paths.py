"""What directory and file operations share: the path below the share, and headers of writes and reads."""

from __future__ import annotations

from collections.abc import Sequence

from azfiles_sim.model.entities import CopyRecord, Directory, File
from azfiles_sim.model.names import strip_trailing_dots
from azfiles_sim.model.pending import settle_copy
from azfiles_sim.model.results import DirectoryResult, FileResult
from azfiles_sim.wire.api_versions import FILE_LEASE_HEADERS_SINCE
from azfiles_sim.wire.call import Answer, Call, HeaderList
from azfiles_sim.wire.dates import http_date
from azfiles_sim.wire.headers import base64_text, bool_header, choice_header
from azfiles_sim.wire.kept import keep_made, made_of
from azfiles_sim.wire.leases import add_lease_headers
from azfiles_sim.wire.shares import add_metadata, stamp_headers
from azfiles_sim.wire.smb import add_link_count, add_smb_headers
from azfiles_sim.wire.structured import STRUCTURED

ENCRYPTED_WRITE = ("x-ms-request-server-encrypted", "true")
ENCRYPTED_READ = ("x-ms-server-encrypted", "true")
# Stored HTTP headers as a read shows them; the name of the hash depends on the kind of read.
_STORED = (
    ("Content-Type", "content_type"),
    ("Content-Encoding", "content_encoding"),
    ("Content-Language", "content_language"),
    ("Content-Disposition", "content_disposition"),
    ("Cache-Control", "cache_control"),
)
_TOLD_ONCE = ()


def target_path(call: Call) -> tuple[str, ...]:
    """The path below the share; dots at the end of its components fall away unless the request allows them."""
    path = call.segments[1:]
    for component in path:
        if component.endswith("."):
            return path if bool_header(call, "x-ms-allow-trailing-dot") else strip_trailing_dots(path)
    return path


def is_restored(call: Call) -> bool:
    """Whether attributes are to be taken just as given: ``Restore``, where ``New`` is what else is done."""
    return choice_header(call, "x-ms-file-property-semantics", ("New", "Restore")) == "Restore"


def source_path(call: Call, path: tuple[str, ...]) -> tuple[str, ...]:
    """The same for the source of a copy or rename, by a header of its own."""
    if any(component.endswith(".") for component in path) and not bool_header(call, "x-ms-source-allow-trailing-dot"):
        return strip_trailing_dots(path)
    return path


def written_headers(node: Directory | File, version: str) -> HeaderList:
    """ETag, encryption mark and SMB properties: what a write that changes properties answers."""
    headers = stamp_headers(node.stamp)
    headers.append(ENCRYPTED_WRITE)
    add_smb_headers(headers, node, version)
    return headers


def render_directory_created(call: Call, result: DirectoryResult) -> Answer:
    return Answer(201, written_headers(result.directory, call.version))


def render_directory_written(call: Call, result: DirectoryResult) -> Answer:
    return Answer(200, written_headers(result.directory, call.version))


def render_file_created(call: Call, result: FileResult) -> Answer:
    """201; a file created with data is told its hash, too, and the form that the data came in."""
    headers = written_headers(result.file, call.version)
    if result.content_md5 is not None:
        headers.append(("Content-MD5", base64_text(result.content_md5)))
        echo_structured(call, headers)
    return Answer(201, headers)


def echo_structured(call: Call, headers: HeaderList) -> None:
    """Repeat the form of a structured body that a request had or asked for."""
    form = call.headers.get(STRUCTURED)
    if form is not None:
        headers.append((STRUCTURED, form))


def render_file_written(call: Call, result: FileResult) -> Answer:
    headers = written_headers(result.file, call.version)
    add_link_count(headers, result.file, call.version)
    return Answer(200, headers)


def render_node_metadata_set(_call: Call, result: DirectoryResult | FileResult) -> Answer:
    node = _node(result)
    return Answer(200, [*stamp_headers(node.stamp), ENCRYPTED_WRITE])


def render_node_metadata(_call: Call, result: DirectoryResult | FileResult) -> Answer:
    node = _node(result)
    headers = stamp_headers(node.stamp)
    add_metadata(headers, node.metadata)
    return Answer(200, headers)


def render_directory(call: Call, result: DirectoryResult) -> Answer:
    directory = result.directory
    headers = stamp_headers(directory.stamp)
    add_metadata(headers, directory.metadata)
    headers.append(ENCRYPTED_READ)
    add_smb_headers(headers, directory, call.version)
    return Answer(200, headers)


def _node(result: DirectoryResult | FileResult) -> Directory | File:
    return result.directory if isinstance(result, DirectoryResult) else result.file


def read_headers(call: Call, file: File, *, hash_name: str = "Content-MD5") -> Sequence[tuple[str, str]]:
    """What HEAD and GET of a file both show. ``hash_name`` is the header of the stored hash.

    A service SAS may replace five of the stored headers, also where the file has none.
    """
    if call.overrides or file.copy is not None:  # what is told of a copy changes with time
        return _read_headers(call, file, hash_name)
    form = hash_name, call.version
    kept: Sequence[tuple[str, str]] | None = made_of(file, form)
    if kept:
        return kept
    headers = _read_headers(call, file, hash_name)
    # At the second time only: they take more memory than the file's entry itself, and a client that goes through a share
    # reads each file once.
    keep_made(file, form, _TOLD_ONCE if kept is None else headers)
    return headers


def _read_headers(call: Call, file: File, hash_name: str) -> HeaderList:
    headers = stamp_headers(file.stamp)
    http, overrides = file.http, call.overrides
    for name, attribute in _STORED:
        value = overrides.get(name) or getattr(http, attribute)
        if value:
            headers.append((name, value))
    if http.content_md5:
        headers.append((hash_name, http.content_md5))
    headers.append(("x-ms-type", "File"))
    headers.append(ENCRYPTED_READ)
    if file.metadata:
        add_metadata(headers, file.metadata)
    if file.copy is not None:
        _add_copy_headers(headers, settle_copy(file.copy, call.now))
    if call.version >= FILE_LEASE_HEADERS_SINCE:
        add_lease_headers(headers, file.lease)
        add_smb_headers(headers, file, call.version)
        add_link_count(headers, file, call.version)
    return headers


def _add_copy_headers(headers: HeaderList, copy: CopyRecord) -> None:
    headers += (
        ("x-ms-copy-id", copy.copy_id),
        ("x-ms-copy-source", copy.source),
        ("x-ms-copy-status", copy.status),
        ("x-ms-copy-progress", f"{copy.copied}/{copy.total}"),
    )
    if copy.completed is not None:
        headers.append(("x-ms-copy-completion-time", http_date(copy.completed)))
    if copy.description:
        headers.append(("x-ms-copy-status-description", copy.description))
