"""Puts shares, directories and files into a simulator by its own rules, as if a client had sent them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from azfiles_sim.messages import Buffer
from azfiles_sim.model.commands import (
    AnyCommand,
    CreateDirectory,
    CreateFile,
    CreateHardLink,
    CreateShare,
    CreateSymbolicLink,
    DeleteFile,
    HttpHeadersRequest,
    NfsRequest,
    PutRange,
    SetDirectoryProperties,
    SetFileProperties,
    ShareRequest,
    SmbRequest,
)
from azfiles_sim.model.entities import Metadata
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.results import Result
from azfiles_sim.model.rules import decide
from azfiles_sim.pipeline import Service
from azfiles_sim.wire.api_versions import NEWEST

RANGE_BYTES: Final = 4 * 1024 * 1024  # the most that one Put Range writes


@dataclass(frozen=True, slots=True)
class Planting:
    """Where things are put: a share of a simulator. Every step is a command of its own, as from a client."""

    service: Service
    account: str
    share: str

    def protocol(self) -> str | None:
        """``SMB`` or ``NFS`` where the share is there."""
        found = self.service.store.view().share(self.account, self.share)
        return None if found is None else found.settings.protocol

    def share_itself(
        self,
        *,
        quota_gib: int | None = None,
        metadata: Metadata = (),
        settings: ShareRequest = ShareRequest(),  # noqa: B008 - frozen
        replace: bool = False,
    ) -> None:
        """Create the share. One that is there is kept with ``replace`` and is FileExistsError without."""
        command = CreateShare(
            account=self.account,
            version=NEWEST,
            share=self.share,
            quota_gib=quota_gib,
            metadata=metadata,
            settings=settings,
        )
        try:
            carry_out(self.service, command)
        except ServiceError as refusal:
            if refusal.code is not Code.SHARE_ALREADY_EXISTS:
                raise
            if not replace:
                raise FileExistsError(f"the share {self.share} exists already") from None

    def directory(self, path: Sequence[str], *, metadata: Metadata = ()) -> None:
        """Create a directory and those above it. One that is there stays as it is."""
        for depth in range(1, len(path) + 1):
            own = metadata if depth == len(path) else ()
            command = CreateDirectory(
                account=self.account, version=NEWEST, share=self.share, path=tuple(path[:depth]), metadata=own
            )
            try:
                carry_out(self.service, command)
            except ServiceError as refusal:
                if refusal.code is not Code.RESOURCE_ALREADY_EXISTS:
                    raise

    def file(
        self,
        path: Sequence[str],
        size: int,
        ranges: Iterable[tuple[int, Buffer]],
        *,
        metadata: Metadata = (),
        http: HttpHeadersRequest = HttpHeadersRequest(),  # noqa: B008 - frozen
    ) -> None:
        """Create or replace a file of ``size`` bytes; ``ranges`` are offsets and what is written there."""
        target: Any = {"account": self.account, "version": NEWEST, "share": self.share, "path": tuple(path)}
        carry_out(self.service, CreateFile(**target, size=size, metadata=metadata, http=http))
        for start, data in ranges:
            view = memoryview(data)
            for at in range(0, len(view), RANGE_BYTES):
                piece = bytes(view[at : at + RANGE_BYTES])
                begin = start + at
                written = PutRange(**target, start=begin, end=begin + len(piece) - 1, data=(piece,), data_md5=b"")
                carry_out(self.service, written)

    def hard_link(self, path: Sequence[str], target: Sequence[str]) -> None:
        """Give the file at ``target`` one more name."""
        self._link(CreateHardLink, path, target=tuple(target))

    def symbolic_link(
        self, path: Sequence[str], link_text: str, *, metadata: Metadata, smb: SmbRequest, nfs: NfsRequest
    ) -> None:
        """Create a symbolic link that leads to ``link_text``, which is percent-encoded."""
        self._link(CreateSymbolicLink, path, link_text=link_text, metadata=metadata, smb=smb, nfs=nfs)

    def _link(self, kind: type[CreateHardLink | CreateSymbolicLink], path: Sequence[str], **fields: Any) -> None:
        """Create a link, in the place of a file or link that is there."""
        target: Any = {"account": self.account, "version": NEWEST, "share": self.share, "path": tuple(path)}
        try:
            carry_out(self.service, kind(**target, **fields))
        except ServiceError as refusal:
            if refusal.code is not Code.RESOURCE_ALREADY_EXISTS:
                raise
            carry_out(self.service, DeleteFile(**target))
            carry_out(self.service, kind(**target, **fields))

    def properties(self, path: Sequence[str], smb: SmbRequest, nfs: NfsRequest, *, directory: bool) -> None:
        """Set SMB and NFS properties, last of all: a read-only file could not be written any more."""
        target: Any = {"account": self.account, "version": NEWEST, "share": self.share, "path": tuple(path)}
        kind = SetDirectoryProperties if directory else SetFileProperties
        carry_out(self.service, kind(**target, smb=smb, nfs=nfs))


def carry_out(service: Service, command: AnyCommand) -> Result:
    """Decide one command, apply it, and return its result. Raises ServiceError where the rules refuse it."""
    with service.lock:
        decision = decide(service.store.view(), command, service.clock.now(), service.ids, service.quirks)
        if decision.changes:
            service.store.apply(decision.changes)
    return decision.result


def plant_files(planting: Planting, files: Mapping[str, bytes | None]) -> None:
    """Put ``files`` into the share, which is made if it is not there. ``None`` stands for a directory."""
    planting.share_itself(replace=True)
    for path, content in files.items():
        parts = tuple(part for part in path.split("/") if part)
        if content is None:
            planting.directory(parts)
        else:
            planting.directory(parts[:-1])
            planting.file(parts, len(content), [(0, content)])


__all__ = ["Planting", "carry_out", "plant_files"]
