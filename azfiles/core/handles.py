"""Operations on what SMB clients hold open: List Handles and Force Close Handles, of files and directories."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from azfiles.core import replies
from azfiles.core.arguments import (
    Pairs,
    directory_path,
    file_path,
    header_text,
    page_query,
    snapshot_query,
    trailing_dots,
)
from azfiles.core.dates import parse_http_date
from azfiles.core.documents import child_name, child_text, parse_xml
from azfiles.core.operation import Kind, Operation
from azfiles.errors import InvalidArgument
from azfiles.messages import Response
from azfiles.models import Handle, HandlePage, HandlesClosed

ALL_HANDLES = "*"


def list_file_handles(
    share: str,
    path: Sequence[str],
    *,
    marker: str | None = None,
    page_size: int | None = None,
    snapshot: str | None = None,
) -> Operation[HandlePage]:
    """One page of the handles that SMB clients have on a file (List Handles)."""
    return _list(file_path(share, path), (), marker, page_size, snapshot)


def list_directory_handles(
    share: str,
    path: Sequence[str],
    *,
    recursive: bool = False,
    marker: str | None = None,
    page_size: int | None = None,
    snapshot: str | None = None,
) -> Operation[HandlePage]:
    """One page of the handles that SMB clients have on a directory, with ``recursive`` on all below it too (List
    Handles). No components mean the share's root.
    """
    return _list(directory_path(share, path), _recursive(recursive), marker, page_size, snapshot)


def close_file_handles(
    share: str, path: Sequence[str], handle_id: str, *, marker: str | None = None, snapshot: str | None = None
) -> Operation[tuple[HandlesClosed, str | None]]:
    """Close one handle of a file, or all (``"*"``): how many, and the marker to go on with (Force Close Handles)."""
    return _close(file_path(share, path), handle_id, (), marker, snapshot)


def close_directory_handles(
    share: str,
    path: Sequence[str],
    handle_id: str,
    *,
    recursive: bool = False,
    marker: str | None = None,
    snapshot: str | None = None,
) -> Operation[tuple[HandlesClosed, str | None]]:
    """Close one handle of a directory, or all (``"*"``), with ``recursive`` also those below it: how many, and the
    marker to go on with (Force Close Handles).
    """
    return _close(directory_path(share, path), handle_id, _recursive(recursive), marker, snapshot)


def _recursive(recursive: bool) -> Pairs:
    return (("x-ms-recursive", "true" if recursive else "false"),)


def _list(
    path: tuple[str, ...], headers: Pairs, marker: str | None, page_size: int | None, snapshot: str | None
) -> Operation[HandlePage]:
    dots, needs = trailing_dots(path)
    return Operation(
        name="List Handles",
        kind=Kind.LISTING,
        method="GET",
        path=path,
        success=(200,),
        parse=_handle_page,
        query=(("comp", "listhandles"), *page_query(marker=marker, page_size=page_size), *snapshot_query(snapshot)),
        headers=(*headers, *dots),
        needs=needs,
    )


def _close(
    path: tuple[str, ...], handle_id: str, headers: Pairs, marker: str | None, snapshot: str | None
) -> Operation[tuple[HandlesClosed, str | None]]:
    if not handle_id:
        raise InvalidArgument("handle_id: an id as a list of handles gives it is expected, not an empty text")
    dots, needs = trailing_dots(path)
    return Operation(
        name="Force Close Handles",
        kind=Kind.METADATA,
        method="PUT",
        path=path,
        success=(200,),
        parse=_closed,
        query=(
            ("comp", "forceclosehandles"),
            *page_query(marker=marker, page_size=None),
            *snapshot_query(snapshot),
        ),
        headers=(("x-ms-handle-id", header_text("handle_id", handle_id)), *headers, *dots),
        needs=needs,
    )


def _handle_page(response: Response) -> HandlePage:
    root = parse_xml(response.body, "EnumerationResults")
    return HandlePage(
        tuple(_handle(item) for item in root.iterfind("Entries/Handle")), root.findtext("NextMarker") or None
    )


def _handle(element: ET.Element) -> Handle:
    reconnected = element.findtext("LastReconnectTime") or None
    return Handle(
        id=child_text(element, "HandleId"),
        path=child_name(element, "Path"),
        file_id=child_text(element, "FileId"),
        session_id=child_text(element, "SessionId"),
        client_ip=child_text(element, "ClientIp"),
        opened_at=parse_http_date(child_text(element, "OpenTime"), "OpenTime"),
        parent_id=element.findtext("ParentId") or None,
        client_name=element.findtext("ClientName") or None,
        last_reconnected_at=None if reconnected is None else parse_http_date(reconnected, "LastReconnectTime"),
        access_rights=tuple(item.text for item in element.iterfind("AccessRightList/AccessRight") if item.text),
    )


def _closed(response: Response) -> tuple[HandlesClosed, str | None]:
    headers = response.headers
    count = HandlesClosed(
        closed=replies.required_number(headers, "x-ms-number-of-handles-closed"),
        failed=replies.optional_number(headers, "x-ms-number-of-handles-failed") or 0,
    )
    return count, headers.get("x-ms-marker") or None
