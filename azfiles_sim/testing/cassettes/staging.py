"""What a recording takes for granted: the world as it was before its first request.

Everything is read off the recording's own requests and answers: whatever was answered as being there, without the
recording having made it, was there before. Nothing here knows a recording's name, date or client.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from azfiles.cassette.addresses import parse_uri
from azfiles_sim.accounts import MAX_SOFT_DELETE_DAYS
from azfiles_sim.testing.cassettes import instants
from azfiles_sim.testing.cassettes.sessions import Headers, Interaction, Session

Path = tuple[str, ...]

_STORED_HEADERS = {
    "Content-Type": "x-ms-content-type",
    "Content-Encoding": "x-ms-content-encoding",
    "Content-Language": "x-ms-content-language",
    "Content-Disposition": "x-ms-content-disposition",
    "Cache-Control": "x-ms-cache-control",
}
_UNDATED = instants.from_file_time("2026-01-01T00:00:00.0000000Z")
"""When a session began of which no answer has a date."""
_MOST_ZEROS = 64 * 1024 * 1024
"""A longer range of which only a list tells that it was written is not made: it is all in memory."""
_SILENT = frozenset({400, 401, 403})  # refused before anybody looked whether the thing is there


@dataclass(slots=True)
class FileFacts:
    """A file that was there: its size, the bytes that are known, its ETag's instant and its stored headers."""

    size: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict[int, bytes])
    stamp: int | None = None
    headers: Headers = ()


@dataclass(slots=True)
class DirectoryFacts:
    stamp: int | None = None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class HandleFacts:
    """An SMB client's handle as List Handles shows it."""

    handle_id: int
    path: str
    file_id: int
    parent_id: int
    session_id: int
    client_ip: str
    opened: int
    snapshot: str | None = None


@dataclass(slots=True)
class ShareFacts:
    """A share that was there, with its snapshots and what it held. ``stamp`` is its ETag's instant, ``tiered`` the second
    in which its access tier was set, which is when it was created unless somebody changed it.
    """

    stamp: int | None = None
    tiered: int | None = None
    headers: Headers = ()
    snapshots: dict[int, int | None] = field(default_factory=dict[int, int | None])
    """Each snapshot's instant and, where a list says it, its ETag's."""
    nodes: dict[Path, FileFacts | DirectoryFacts] = field(default_factory=dict[Path, FileFacts | DirectoryFacts])
    handles: dict[int, HandleFacts] = field(default_factory=dict[int, HandleFacts])


@dataclass(slots=True)
class World:
    """The shares that were there. ``begun`` is when the first answer was given."""

    begun: int
    shares: dict[str, ShareFacts] = field(default_factory=dict[str, ShareFacts])


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What kind of account the answers come from, and for how many days it keeps deleted shares."""

    kind: str = "standard"
    soft_delete_days: int | None = None


def deduce_account(session: Session) -> AccountFacts:
    """The account that the answers show: only provisioned v2 tells of bursts, only premium of ingress, and only where
    deleted shares are kept can one be listed or restored.
    """
    shown = {name.lower() for one in session.interactions for name, _ in one.answer.headers}
    listed = b"".join(one.answer.body for one in session.interactions if one.query.get("comp") == "list")
    kind = "standard"
    if "x-ms-share-included-burst-iops" in shown or b"<IncludedBurstIops>" in listed:
        kind = "provisioned"
    elif "x-ms-share-provisioned-ingress-mbps" in shown or b"<ProvisionedIngressMBps>" in listed or _has_nfs(session):
        kind = "premium"
    days = [int(number) for number in re.findall(rb"<RemainingRetentionDays>(\d+)<", listed)]
    restores = any(one.query.get("comp") == "undelete" and one.answer.succeeded for one in session.interactions)
    return AccountFacts(kind, min(max(days, default=7), MAX_SOFT_DELETE_DAYS) or None if days or restores else None)


def _has_nfs(session: Session) -> bool:
    return any(one.header("x-ms-enabled-protocols") == "NFS" and one.answer.succeeded for one in session.interactions)


def deduce(session: Session) -> World:
    """The world that the session's first request met."""
    deduction = _Deduction(session)
    for interaction in session.interactions:
        deduction.read(interaction)
    return deduction.world


class _Deduction:
    def __init__(self, session: Session) -> None:
        dates = (instants.told(instants.from_http_date, one.answer.header("Date")) for one in session.interactions)
        self.world = World(next((date for date in dates if date is not None), _UNDATED))
        self._made_shares: set[str] = set()
        self._made: set[tuple[str, Path]] = set()
        self._written: set[tuple[str, Path]] = set()
        self._own_snapshots: dict[tuple[str, int], set[tuple[str, Path]]] = {}

    def read(self, interaction: Interaction) -> None:
        if interaction.answer.is_mishap:
            self._mishap(interaction)
            return
        if not interaction.components:
            if interaction.query.get("comp") == "list" and interaction.answer.succeeded:
                self._list_shares(interaction)
            return
        share, *below = interaction.components
        if interaction.query.get("restype") == "share":
            self._share_operation(share, interaction)
        elif interaction.answer.code != "ShareNotFound":
            self._need_share(share)
            self._need_snapshot(share, interaction)
            self._path_operation(share, tuple(below), interaction)

    def _mishap(self, interaction: Interaction) -> None:
        """Such an answer tells nothing of what was there; what it may have made or written is its own."""
        if not interaction.components or not interaction.answer.may_have_acted or interaction.method in {"GET", "HEAD"}:
            return
        share, *below = interaction.components
        makes = interaction.method == "PUT" and interaction.query.get("comp") in {None, "rename"}
        path = tuple(below)
        if interaction.query.get("restype") == "share":
            if makes and share not in self.world.shares:
                self._made_shares.add(share)
            self._written.add((share, ()))
        else:
            if makes and self._node(share, path) is None:
                self._made.add((share, path))
            self._written.add((share, path))

    # --- shares -------------------------------------------------------------------------------------------------

    def _share_operation(self, share: str, interaction: Interaction) -> None:
        answer, comp = interaction.answer, interaction.query.get("comp")
        if interaction.method == "PUT" and comp is None and answer.succeeded:
            self._made_shares.add(share)
            return
        if answer.code == "ShareNotFound":  # or only its snapshot is missing, which a first request cannot tell
            return
        if answer.status in _SILENT:
            return
        facts = self._need_share(share)
        self._need_snapshot(share, interaction)
        if taken := answer.header("x-ms-snapshot"):
            self._own_snapshots[share, _snapshot(taken)] = set(self._written)
        if facts is None or not answer.succeeded or (share, ()) in self._written:
            return
        writes = interaction.method not in {"GET", "HEAD"} and comp not in {"lease", "snapshot"}
        if writes or (comp == "snapshot" and _metadata(interaction.headers)):
            self._written.add((share, ()))
        elif "sharesnapshot" not in interaction.query:
            if (etag := answer.header("ETag")) is not None:
                facts.stamp = instants.told(instants.from_etag, etag)
            tiered = answer.header("x-ms-access-tier-change-time")
            facts.tiered = instants.told(instants.from_http_date, tiered) or facts.tiered
            if interaction.method != "PUT" and comp is None:
                facts.headers = _share_headers(_metadata(answer.headers), answer.header("x-ms-share-quota"))

    def _list_shares(self, interaction: Interaction) -> None:
        for item in _document(interaction).iter("Share"):
            name = item.findtext("Name", "")
            facts = self._need_share(name)
            if facts is None:
                continue
            stamp = instants.told(instants.from_etag, item.findtext("Properties/Etag"))
            quota = item.findtext("Properties/Quota")
            metadata = tuple((f"x-ms-meta-{child.tag}", child.text or "") for child in item.iterfind("Metadata/*"))
            if (snapshot := item.findtext("Snapshot")) is not None:
                taken = _snapshot(snapshot)
                if (name, taken) not in self._own_snapshots:
                    facts.snapshots[taken] = stamp
            elif (name, ()) not in self._written:
                facts.stamp = stamp
                facts.headers = _share_headers(metadata, quota)

    def _need_share(self, share: str) -> ShareFacts | None:
        """The facts of a share that was there; ``None`` for one of the recording's own."""
        if share in self._made_shares:
            return None
        return self.world.shares.setdefault(share, ShareFacts())

    def _need_snapshot(self, share: str, interaction: Interaction) -> None:
        snapshot = interaction.query.get("sharesnapshot")
        if snapshot is None or interaction.answer.code == "ShareNotFound" or share not in self.world.shares:
            return
        taken = _snapshot(snapshot)
        if (share, taken) not in self._own_snapshots:
            self.world.shares[share].snapshots.setdefault(taken, None)

    # --- directories and files ----------------------------------------------------------------------------------

    def _path_operation(self, share: str, path: Path, interaction: Interaction) -> None:
        answer, query = interaction.answer, interaction.query
        comp, directory = query.get("comp"), query.get("restype") == "directory"
        makes = interaction.method == "PUT" and comp in {None, "rename"}
        if answer.code == "ParentNotFound":
            return
        if answer.code == "ResourceNotFound" or answer.status in _SILENT:
            self._need_parents(share, path)
            return
        if makes and answer.succeeded:
            self._need_source(interaction)
            self._need_parents(share, path)
            if self._node(share, path) is None:
                self._made.add((share, path))
            self._written.add((share, path))
            return
        if directory or (comp in {"listhandles", "forceclosehandles"} and interaction.header("x-ms-recursive")):
            self._need_node(share, path, DirectoryFacts())
        else:
            self._need_node(share, path, FileFacts())
        if comp == "listhandles":
            self._list_handles(share, interaction)
        elif comp == "list" and directory:
            self._list_directory(share, path, interaction)
        self._learn(share, path, interaction)
        if interaction.method in {"PUT", "DELETE"} and answer.succeeded and comp != "lease":
            self._written.add((share, path))

    def _learn(self, share: str, path: Path, interaction: Interaction) -> None:
        """Take over what an answer says of a node, if the recording had not changed it by then."""
        node = self._node(share, path)
        written = self._written
        if (snapshot := interaction.query.get("sharesnapshot")) is not None:
            written = self._own_snapshots.get((share, _snapshot(snapshot)), set())
        if node is None or (share, path) in written:
            return
        answer = interaction.answer
        if isinstance(node, FileFacts) and (total := _total_size(interaction)) is not None:
            node.size = total
        if not answer.succeeded or interaction.method in {"PUT", "DELETE"}:
            return
        if (etag := answer.header("ETag")) is not None:
            node.stamp = instants.told(instants.from_etag, etag)
        node.headers = _metadata(answer.headers)
        if isinstance(node, FileFacts):
            self._learn_content(node, interaction)

    def _learn_content(self, node: FileFacts, interaction: Interaction) -> None:
        answer, comp = interaction.answer, interaction.query.get("comp")
        if comp == "rangelist":
            for item in _document(interaction).iter("Range"):
                start, end = _number(item.findtext("Start")), _number(item.findtext("End"))
                if start <= end < start + _MOST_ZEROS:
                    node.pieces.setdefault(start, bytes(end - start + 1))
        elif comp is None:
            stored = ((sent, answer.header(shown)) for shown, sent in _STORED_HEADERS.items())
            node.headers += tuple((name, value) for name, value in stored if value is not None)
            if answer.body:
                ranged = re.match(r"bytes (\d+)-", answer.header("Content-Range") or "")
                node.pieces[int(ranged[1]) if ranged else 0] = answer.body

    def _list_directory(self, share: str, path: Path, interaction: Interaction) -> None:
        for item in _document(interaction).iter("File"):
            size = _number(item.findtext("Properties/Content-Length"))
            self._need_node(share, (*path, item.findtext("Name", "")), FileFacts(size))
        for item in _document(interaction).iter("Directory"):
            self._need_node(share, (*path, item.findtext("Name", "")), DirectoryFacts())

    def _list_handles(self, share: str, interaction: Interaction) -> None:
        found = [
            HandleFacts(
                handle_id=_number(item.findtext("HandleId")),
                path=item.findtext("Path") or "",
                file_id=_number(item.findtext("FileId")),
                parent_id=_number(item.findtext("ParentId")),
                session_id=_number(item.findtext("SessionId")),
                client_ip=item.findtext("ClientIp", ""),
                opened=instants.told(instants.from_http_date, item.findtext("OpenTime")) or self.world.begun,
                snapshot=interaction.query.get("sharesnapshot"),
            )
            for item in _document(interaction).iter("Handle")
        ]
        parents = {handle.parent_id for handle in found}
        for handle in found:
            path = tuple(part for part in handle.path.split("/") if part)
            self._need_node(share, path, DirectoryFacts() if handle.file_id in parents else FileFacts())
            if share in self.world.shares:
                self.world.shares[share].handles[handle.handle_id] = handle

    def _need_source(self, interaction: Interaction) -> None:
        for name in ("x-ms-copy-source", "x-ms-file-rename-source"):
            if (url := interaction.header(name)) is None:
                continue
            share, *path = parse_uri(url).path.split("/")
            self._need_share(share)
            directory = interaction.query.get("restype") == "directory"
            self._need_node(share, tuple(path), DirectoryFacts() if directory else FileFacts())

    def _need_parents(self, share: str, path: Path) -> None:
        for length in range(1, len(path)):
            self._need_node(share, path[:length], DirectoryFacts())

    def _need_node(self, share: str, path: Path, facts: FileFacts | DirectoryFacts) -> None:
        if not path or (share, path) in self._made or share not in self.world.shares:
            return
        self._need_parents(share, path)
        self.world.shares[share].nodes.setdefault(path, facts)

    def _node(self, share: str, path: Path) -> FileFacts | DirectoryFacts | None:
        facts = self.world.shares.get(share)
        return facts.nodes.get(path) if facts else None


def _document(interaction: Interaction) -> ET.Element:
    """The answer's document, an empty one where it has none that can be read: comparing will report that."""
    text = interaction.answer.body.decode("utf-8-sig", "replace")
    if "<!DOCTYPE" in text:
        return ET.Element("none")
    try:
        return ET.fromstring(text)  # noqa: S314 - without a document type there are no entities to expand or fetch
    except ET.ParseError:
        return ET.Element("none")


def _number(text: str | None) -> int:
    """A number in an answer, 0 where it is none: comparing will report that."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,20}", text) else 0


def _snapshot(text: str) -> int:
    """The instant that names a snapshot; 0 for one that cannot be any."""
    return instants.told(instants.from_file_time, text) or 0


def _metadata(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower().startswith("x-ms-meta-"))


def _share_headers(metadata: Headers, quota: str | None) -> Headers:
    return metadata if quota is None else (*metadata, ("x-ms-share-quota", quota))


def _total_size(interaction: Interaction) -> int | None:
    """The file's length, wherever an answer says it."""
    answer, comp = interaction.answer, interaction.query.get("comp")
    if content_range := answer.header("Content-Range"):
        return _number(content_range.rpartition("/")[2])
    if comp == "rangelist" and answer.succeeded:
        return _number(answer.header("x-ms-content-length"))
    if comp is None and interaction.method in {"GET", "HEAD"} and answer.succeeded:
        return _number(answer.header("Content-Length"))
    return None
