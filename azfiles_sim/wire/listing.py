"""Lists of shares and of directories: what is asked for, and the documents.

Element order is the recorded one. What an entry shows depends on ``include`` and on the version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from azfiles_sim.model.commands import ListDirectory, ListShares
from azfiles_sim.model.entities import Broken, DeletedShare, Directory, Metadata, Node, Share, Snapshot
from azfiles_sim.model.results import Listing, SharesPage
from azfiles_sim.model.softdelete import TICKS_PER_DAY
from azfiles_sim.wire.api_versions import (
    ACCESS_TIER_SINCE,
    ENCODED_NAMES_SINCE,
    ENCRYPTION_SCOPE_IN_LISTS_SINCE,
    INCLUDE_DELETED_SINCE,
    LISTING_IDS_SINCE,
    LISTING_IDS_UNASKED_SINCE,
    SHARE_LEASE_HEADERS_SINCE,
)
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.dates import etag, file_time, http_date, iso_time
from azfiles_sim.wire.headers import bool_header, include_query, max_results_query, snapshot_query
from azfiles_sim.wire.kept import keep_made, made_of
from azfiles_sim.wire.leases import lease_words
from azfiles_sim.wire.markers import decode_marker, decode_share_marker, encode_marker, share_marker
from azfiles_sim.wire.paths import target_path
from azfiles_sim.wire.refusals import bad_query
from azfiles_sim.wire.share_settings import settings_elements
from azfiles_sim.wire.shares import xml_answer
from azfiles_sim.wire.smb import attributes_text, shown_id
from azfiles_sim.wire.xml_writer import attribute, element, encoded_element, escape, is_legal

DIRECTORY_WORDS: Final = frozenset({"timestamps", "etag", "attributes", "permissionkey"})
SHARE_WORDS: Final = frozenset({"snapshots", "metadata"})


# --- shares ----------------------------------------------------------------------------------------------------


def read_list_shares(call: Call) -> ListShares:
    words = _include(call, SHARE_WORDS | {"deleted"} if call.version >= INCLUDE_DELETED_SINCE else SHARE_WORDS)
    marker = call.query.get("marker")
    return ListShares(
        account=call.account,
        version=call.version,
        prefix=call.query.get("prefix", ""),
        marker=decode_share_marker(call.account, marker) if marker else None,
        max_results=max_results_query(call),
        snapshots="snapshots" in words,
        metadata="metadata" in words,
        deleted="deleted" in words,
    )


def _include(call: Call, known: frozenset[str]) -> frozenset[str]:
    words = include_query(call)
    if words - known:
        raise bad_query("include", call.query["include"])
    return words


def render_shares(call: Call, result: SharesPage) -> Answer:
    show_metadata = "metadata" in include_query(call)
    entries = "".join([_share_entry(item, call, result.kind, show_metadata=show_metadata) for item in result.items])
    shares = f"<Shares>{entries}</Shares>" if entries else "<Shares />"
    marker = share_marker(call.account, result.next_name) if result.next_name else ""
    return xml_answer(
        f'<EnumerationResults ServiceEndpoint="{attribute(call.endpoint)}">{_asked(call)}{shares}'
        f"{element('NextMarker', marker)}</EnumerationResults>"
    )


def _asked(call: Call, *, encoded: bool = False) -> str:
    """Prefix, marker and page size, each where it was asked for."""
    query = call.query
    pieces: list[str] = []
    if query.get("prefix"):
        pieces.append(encoded_element("Prefix", query["prefix"], encoded=encoded))
    pieces += [
        element(name, query[parameter])
        for name, parameter in (("Marker", "marker"), ("MaxResults", "maxresults"))
        if query.get(parameter)
    ]
    return "".join(pieces)


def _share_entry(listed: Share | Snapshot | DeletedShare, call: Call, kind: str, *, show_metadata: bool) -> str:
    version = call.version
    item = listed.share if isinstance(listed, DeletedShare) else listed
    lease, mark = item.lease, ""
    if isinstance(listed, DeletedShare):
        lease = Broken("")  # recorded, even of a share that never was leased
        mark = element("Deleted", "true") + element("Version", file_time(listed.deleted))
    elif isinstance(item, Snapshot):
        mark = element("Snapshot", iso_time(item.snapshot))
    name = item.name if isinstance(item, Share) else item.share
    properties = [
        element("Last-Modified", http_date(item.stamp)),
        element("Etag", etag(item.stamp)),
    ]
    if version >= SHARE_LEASE_HEADERS_SINCE:
        status, state, duration = lease_words(lease)
        properties += [element("LeaseStatus", status), element("LeaseState", state)]
        if duration is not None:
            properties.append(element("LeaseDuration", duration))
    provisioned, offered = settings_elements(item, kind, version)
    properties += [element("Quota", str(item.quota_gib)), provisioned]
    if version >= ACCESS_TIER_SINCE and isinstance(item, Share):
        properties += [
            element("AccessTier", item.access_tier),
            element("AccessTierChangeTime", http_date(item.tier_changed)),
        ]
    properties.append(offered)
    if version >= ENCRYPTION_SCOPE_IN_LISTS_SINCE:
        properties += [
            element("DefaultEncryptionScope", "$account-encryption-key"),
            element("DenyEncryptionScopeOverride", "false"),
        ]
    if isinstance(listed, DeletedShare):
        days = -(-(listed.gone - call.now) // TICKS_PER_DAY)  # (u) a day that has begun counts
        properties += [
            element("DeletedTime", http_date(listed.deleted)),
            element("RemainingRetentionDays", str(days)),
        ]
    metadata = _metadata_element(item.metadata) if show_metadata else ""
    return f"<Share>{element('Name', name)}{mark}<Properties>{''.join(properties)}</Properties>{metadata}</Share>"


def _metadata_element(metadata: Metadata) -> str:
    content = "".join(element(name, value) for name, value in metadata)
    return f"<Metadata>{content}</Metadata>" if content else "<Metadata />"


# --- directories -----------------------------------------------------------------------------------------------


def read_list_directory(call: Call) -> ListDirectory:
    _include(call, DIRECTORY_WORDS)
    bool_header(call, "x-ms-file-extended-info")
    marker = call.query.get("marker")
    return ListDirectory(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
        prefix=call.query.get("prefix", ""),
        marker=decode_marker(marker) if marker else None,
        max_results=max_results_query(call),
    )


def render_directory_list(call: Call, result: Listing) -> Answer:
    words = include_query(call)
    encoded = call.version >= ENCODED_NAMES_SINCE
    shows_ids = _shows_ids(call, words)
    texts, all_legal = _entry_texts(result.entries, words, shows_ids=shows_ids, encoded=encoded)
    entries = "".join(texts)
    marker = encode_marker(result.next_name) if result.next_name else ""
    directory_id = element("DirectoryId", shown_id(result.directory, result.directory.file_id)) if shows_ids else ""
    return xml_answer(
        f"<EnumerationResults {_root_attributes(call, result, encoded=encoded, names_are_legal=all_legal)}>{_asked(call, encoded=encoded)}"
        f"{directory_id}{f'<Entries>{entries}</Entries>' if entries else '<Entries />'}"
        f"{element('NextMarker', marker)}</EnumerationResults>"
    )


def _shows_ids(call: Call, words: frozenset[str]) -> bool:
    if call.version < LISTING_IDS_SINCE:
        return False
    return bool(words) or call.version >= LISTING_IDS_UNASKED_SINCE or bool_header(call, "x-ms-file-extended-info")


def _root_attributes(call: Call, result: Listing, *, encoded: bool, names_are_legal: bool) -> str:
    pieces = [f'ServiceEndpoint="{attribute(call.endpoint)}"', f'ShareName="{attribute(result.share)}"']
    if result.snapshot is not None:
        pieces.append(f'ShareSnapshot="{iso_time(result.snapshot)}"')
    path = "/".join(result.path)
    if encoded and not (is_legal(path) and names_are_legal):
        pieces.append('Encoded="true"')
    if encoded and not is_legal(path):
        path = quote(path, safe="/")
    pieces.append(f'DirectoryPath="{attribute(path)}"')
    return " ".join(pieces)


def _entry_texts(
    entries: Sequence[Node], words: frozenset[str], *, shows_ids: bool, encoded: bool
) -> tuple[list[str], bool]:
    """The elements of a page, and whether XML can hold all of their names. An entry of such a name keeps the element that
    it was last listed as, so that a directory that is listed again and again is written once.
    """
    form = _form(words, shows_ids, encoded)
    try:
        texts = [text for made_in, text in [node.made_of_it for node in entries] if made_in is form]
    except AttributeError:  # nothing was made of an entry yet
        texts = []
    if len(texts) == len(entries):
        return texts, True
    write = _entry_writer(words, shows_ids=shows_ids, encoded=encoded)
    texts = list[str]()
    all_legal = True
    for node in entries:
        text = made_of(node, form)
        if text is None:
            text = write(node)
        texts.append(text)
        if is_legal(node.name):
            keep_made(node, form, text)
        else:
            all_legal = False
    return texts, all_legal


@lru_cache(maxsize=256)
def _form(words: frozenset[str], shows_ids: bool, encoded: bool) -> object:
    """One object for each form that entries are shown in."""
    return words, shows_ids, encoded


def _entry_writer(words: frozenset[str], *, shows_ids: bool, encoded: bool) -> Callable[[Node], str]:
    """A function that writes one entry, made once for a page."""
    times, tags = "timestamps" in words, "etag" in words
    attributes, permission = "attributes" in words, "permissionkey" in words

    def write(node: Node) -> str:
        is_directory = isinstance(node, Directory)
        content = "" if isinstance(node, Directory) else f"<Content-Length>{node.size}</Content-Length>"
        smb = node.smb
        if times:
            creation = iso_time(smb.creation)
            # The last-access time stays at the creation in every recording.
            content += (
                f"<CreationTime>{creation}</CreationTime><LastAccessTime>{creation}</LastAccessTime>"
                f"<LastWriteTime>{iso_time(smb.last_write)}</LastWriteTime>"
                f"<ChangeTime>{iso_time(smb.change)}</ChangeTime><Last-Modified>{http_date(node.stamp)}</Last-Modified>"
            )
        if tags:
            content += element("Etag", etag(node.stamp))
        kind = "Directory" if is_directory else "File"
        text = f"<{kind}>{encoded_element('Name', node.name, encoded=encoded)}"
        if shows_ids:
            text += f"<FileId>{node.file_id}</FileId>"
        text += f"<Properties>{content}</Properties>" if content else "<Properties />"
        if attributes:
            text += f"<Attributes>{attributes_text(smb.attributes)}</Attributes>"
        if permission:
            text += f"<PermissionKey>{escape(smb.permission_key)}</PermissionKey>"
        return f"{text}</{kind}>"

    return write
