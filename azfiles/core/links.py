"""Hard and symbolic links, on NFS shares only. Links never take the place of anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote, unquote_to_bytes

from azfiles.core import replies, settings, versions
from azfiles.core.arguments import (
    check_components,
    file_path,
    lease_header,
    metadata_headers,
    snapshot_query,
)
from azfiles.core.operation import Kind, Operation
from azfiles.errors import InvalidArgument, ReplyNotUnderstood
from azfiles.messages import Response
from azfiles.models import NfsSettings, SmbSettings, SymbolicLink, Written

# Not verified against the service: whether a path in these headers may be longer, and whether a hard link's target is
# percent-encoded as the text of a symbolic link is.
MAX_LINK_CHARACTERS = 2048

_SYMBOLIC = (("restype", "symboliclink"),)


def create_hard_link(
    share: str, path: Sequence[str], target: Sequence[str], *, lease_id: str | None = None
) -> Operation[Written]:
    """Give the file at ``target``, in the same share, a second name at ``path`` (Create Hard Link).

    Raises ``AlreadyExists`` where something lies there.
    """
    names = check_components(target)
    if not names:
        raise InvalidArgument("target: the path of a file in the same share is expected, not an empty one")
    return Operation(
        name="Create Hard Link",
        kind=Kind.METADATA,
        method="PUT",
        path=file_path(share, path),
        success=(201,),
        parse=replies.written,
        query=(("restype", "hardlink"),),
        headers=(
            ("x-ms-type", "file"),
            ("x-ms-file-target-file", _encoded("target", "/".join(names))),
            *lease_header(lease_id),
        ),
        since=versions.HARD_LINK,
    )


def create_symbolic_link(
    share: str,
    path: Sequence[str],
    text: str,
    *,
    metadata: Mapping[str, str] | None = None,
    creation_time: datetime | str | None = None,
    last_write_time: datetime | str | None = None,
    nfs: NfsSettings | None = None,
    lease_id: str | None = None,
) -> Operation[Written]:
    """Create a symbolic link that holds ``text``, a path that need not lead anywhere (Create Symbolic Link).

    Raises ``AlreadyExists`` where something lies at ``path``. ``nfs`` takes owner and group; a link has no mode of its
    own.
    """
    if not text:
        raise InvalidArgument("text: the path that the link holds is expected, not an empty text")
    if nfs is not None and nfs.mode is not None:
        raise InvalidArgument("nfs: a symbolic link takes owner and group, but no mode")
    times, _ = settings.smb_headers(
        SmbSettings(creation_time=creation_time, last_write_time=last_write_time), settings.CREATE
    )
    pairs, _ = settings.nfs_headers(nfs)
    return Operation(
        name="Create Symbolic Link",
        kind=Kind.METADATA,
        method="PUT",
        path=file_path(share, path),
        success=(201,),
        parse=replies.written,
        query=_SYMBOLIC,
        headers=(
            ("x-ms-link-text", _encoded("text", text)),
            *times,
            *pairs,
            *metadata_headers(metadata),
            *lease_header(lease_id),
        ),
        since=versions.SYMBOLIC_LINK,
    )


def get_symbolic_link(share: str, path: Sequence[str], *, snapshot: str | None = None) -> Operation[SymbolicLink]:
    """What a symbolic link holds (Get Symbolic Link)."""
    return Operation(
        name="Get Symbolic Link",
        kind=Kind.METADATA,
        method="GET",
        path=file_path(share, path),
        success=(200,),
        parse=_symbolic_link,
        query=(*_SYMBOLIC, *snapshot_query(snapshot)),
        since=versions.SYMBOLIC_LINK,
    )


def _encoded(name: str, text: str) -> str:
    encoded = quote(text, safe="/")
    if len(encoded) > MAX_LINK_CHARACTERS:
        raise InvalidArgument(f"{name}: {len(encoded)} characters once encoded, {MAX_LINK_CHARACTERS} at most")
    return encoded


def _symbolic_link(response: Response) -> SymbolicLink:
    headers = response.headers
    text = replies.required(headers, "x-ms-link-text")
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise ReplyNotUnderstood(f"the link's text {text!r} is not UTF-8") from None
    return SymbolicLink(replies.etag(headers), replies.last_modified(headers), decoded)


__all__ = ["create_hard_link", "create_symbolic_link", "get_symbolic_link"]
