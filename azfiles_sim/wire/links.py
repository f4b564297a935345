"""Hard and symbolic links: from headers to commands, and their replies."""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.commands import CreateHardLink, CreateSymbolicLink, GetSymbolicLink
from azfiles_sim.model.errors import ServiceError
from azfiles_sim.model.results import FileResult
from azfiles_sim.wire.addressing import decode_path
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.headers import choice_header, guid_header, read_metadata, required, snapshot_query
from azfiles_sim.wire.paths import target_path
from azfiles_sim.wire.refusals import bad_header
from azfiles_sim.wire.shares import stamp_headers
from azfiles_sim.wire.smb import CREATE_WORDS, add_smb_headers, link_count_header, read_nfs, read_smb

TARGET: Final = "x-ms-file-target-file"
LINK_TEXT: Final = "x-ms-link-text"
# Recorded for a hard link, alone among all writes; (u) for a symbolic one, which is told as other writes are.
_ENCRYPTED_HARD_LINK: Final = ("x-ms-request-server-encrypted", "false")


def read_hard_link(call: Call) -> CreateHardLink:
    """Create Hard Link. The target is a path in the same share; (u) percent-encoding in it is decoded."""
    required(call, "x-ms-type")
    choice_header(call, "x-ms-type", ("file",))
    text = required(call, TARGET)
    try:
        target = decode_path(f"/{text.lstrip('/')}")
    except ServiceError:
        raise bad_header(TARGET, text) from None
    if not target:
        raise bad_header(TARGET, text)
    return CreateHardLink(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        target=target,
    )


def read_symbolic_link(call: Call) -> CreateSymbolicLink:
    """Create Symbolic Link. The text stays percent-encoded, as it is given back."""
    return CreateSymbolicLink(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        link_text=required(call, LINK_TEXT),
        metadata=read_metadata(call) or (),
        smb=read_smb(call, CREATE_WORDS),
        nfs=read_nfs(call),
    )


def read_get_symbolic_link(call: Call) -> GetSymbolicLink:
    return GetSymbolicLink(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
    )


def render_hard_link(call: Call, result: FileResult) -> Answer:
    headers = [*stamp_headers(result.file.stamp), _ENCRYPTED_HARD_LINK]
    add_smb_headers(headers, result.file, call.version)
    headers.append(link_count_header(result.file))
    return Answer(201, headers)


def render_link_text(_call: Call, result: FileResult) -> Answer:
    return Answer(200, [*stamp_headers(result.file.stamp), (LINK_TEXT, result.file.link_text or "")])


__all__ = [
    "read_get_symbolic_link",
    "read_hard_link",
    "read_symbolic_link",
    "render_hard_link",
    "render_link_text",
]
