"""Open SMB handles: listing and closing them, on a directory or a file alike."""

from __future__ import annotations

import re
from typing import Final

from azfiles_sim.model.commands import CloseHandles, ListHandles
from azfiles_sim.model.entities import Handle
from azfiles_sim.model.results import HandlesClosed, HandlesPage
from azfiles_sim.wire.api_versions import (
    HANDLE_ACCESS_RIGHTS_SINCE,
    HANDLE_CLIENT_NAME_SINCE,
    HANDLES_FAILED_SINCE,
)
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.dates import http_date
from azfiles_sim.wire.headers import bool_header, max_results_query, required, snapshot_query
from azfiles_sim.wire.markers import decode_marker, encode_marker
from azfiles_sim.wire.paths import target_path
from azfiles_sim.wire.refusals import bad_header, bad_query
from azfiles_sim.wire.shares import xml_answer
from azfiles_sim.wire.xml_writer import element

HANDLE_ID: Final = "x-ms-handle-id"
_DECIMAL: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


def read_list(call: Call) -> ListHandles:
    marker = call.query.get("marker")
    return ListHandles(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
        recursive=bool_header(call, "x-ms-recursive"),
        marker=_decode(marker) if marker else None,
        max_results=max_results_query(call),
    )


def _decode(marker: str) -> tuple[str, int]:
    number, slash, path = decode_marker(marker).partition("/")
    if not slash or not _DECIMAL.fullmatch(number):
        raise bad_query("marker", marker)
    return path, int(number)


def _encode(path: str, handle_id: int) -> str:
    return encode_marker(f"{handle_id}/{path}")


def read_close(call: Call) -> CloseHandles:
    """Force Close Handles: one handle's decimal id, or ``*`` for all."""
    text = required(call, HANDLE_ID)
    if text != "*" and not _DECIMAL.fullmatch(text):
        raise bad_header(HANDLE_ID, text)
    marker = call.query.get("marker")
    return CloseHandles(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
        recursive=bool_header(call, "x-ms-recursive"),
        marker=_decode(marker) if marker else None,
        handle_id=None if text == "*" else int(text),
    )


def render_list(call: Call, result: HandlesPage) -> Answer:
    asked = "".join(
        element(name, call.query[parameter])
        for name, parameter in (("Marker", "marker"), ("MaxResults", "maxresults"))
        if call.query.get(parameter)
    )
    entries = "".join([_entry(handle, call.version) for handle in result.handles])
    marker = _encode(*result.next_place) if result.next_place is not None else ""
    return xml_answer(
        f"<EnumerationResults>{asked}{f'<Entries>{entries}</Entries>' if entries else '<Entries />'}"
        f"{element('NextMarker', marker)}</EnumerationResults>"
    )


def _entry(handle: Handle, version: str) -> str:
    fields = [
        element("HandleId", str(handle.handle_id)),
        element("Path", handle.path),
        element("FileId", str(handle.file_id)),
        element("ParentId", str(handle.parent_id)),
        element("SessionId", str(handle.session_id)),
    ]
    if handle.access_rights and version >= HANDLE_ACCESS_RIGHTS_SINCE:
        rights = "".join(element("AccessRight", right) for right in handle.access_rights)
        fields.append(f"<AccessRightList>{rights}</AccessRightList>")
    fields.append(element("ClientIp", handle.client_ip))
    if handle.client_name and version >= HANDLE_CLIENT_NAME_SINCE:
        fields.append(element("ClientName", handle.client_name))
    fields.append(element("OpenTime", http_date(handle.opened)))
    if handle.last_reconnect is not None:
        fields.append(element("LastReconnectTime", http_date(handle.last_reconnect)))
    return f"<Handle>{''.join(fields)}</Handle>"


def render_closed(call: Call, result: HandlesClosed) -> Answer:
    headers = [("x-ms-number-of-handles-closed", str(result.closed))]
    if call.version >= HANDLES_FAILED_SINCE:
        headers.append(("x-ms-number-of-handles-failed", "0"))
    if result.next_place is not None:
        headers.append(("x-ms-marker", _encode(*result.next_place)))
    return Answer(200, headers)
