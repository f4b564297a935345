"""What is there, and what is in it: the part of the file system that changes nothing."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from azfiles.errors import InvalidRange
from azfiles.filesystem import details
from azfiles.filesystem.bases import Info, isfilelike, run_in_chunks, sync_wrapper, tokenize
from azfiles.filesystem.connected import ConnectedFileSystem
from azfiles.filesystem.merging import MAX_GAP_BYTES, read_merged
from azfiles.filesystem.paths import error_of, errors_of, sought, split
from azfiles.filesystem.reading import HEAD_BYTES, read_span, remote_of
from azfiles.models import FileProperties

_LISTED = ("Timestamps", "Etag")


class ReadableFileSystem(ConnectedFileSystem):
    """Looking and reading."""

    async def _info(self, path: str, **_: Any) -> Info:
        path = self._strip_protocol(path)
        share, names = split(path)
        if not share:
            return {"name": "", "size": 0, "type": "directory"}
        kept = self.dircache.get(self._parent(path)) if names else None
        if kept is not None:
            for info in kept:
                if info["name"] == path:
                    return info
            folded = path.casefold()
            if not any(info["name"].casefold() == folded for info in kept):  # an SMB share knows other spellings, too
                raise error_of(errno.ENOENT, path)
        with sought(path):
            return details.of_properties(path, await self.share(share).stat("/".join(names)))

    async def _ls(self, path: str, detail: bool = True, refresh: bool = False, **_: Any) -> list[Any]:
        path = self._strip_protocol(path)
        found = None if refresh else self.dircache.get(path)
        if found is None:
            found = await self._listed(path)
            self.dircache[path] = found
        return list(found) if detail else [info["name"] for info in found]

    async def _listed(self, path: str, prefix: str = "") -> list[Info]:
        """All in a directory, or those whose names begin so; of a file itself."""
        share, names = split(path)
        if not share:
            with errors_of(path):
                return [details.of_share(item) async for item in self.service().list_shares(prefix=prefix or None)]
        try:
            with sought(path):
                place = self.share(share)
                directory = place.directory("/".join(names)) if names else place.root
                entries = directory.list(include=_LISTED, prefix=prefix or None)
                return [details.of_entry(path, entry) async for entry in entries]
        except FileNotFoundError:
            info = await self._info(path)  # which says it again, if there is no file either
            return [info] if info["type"] == "file" else await self._listed(path, prefix)

    async def _find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        prefix: str = "",
        **_: Any,
    ) -> Any:
        if maxdepth is not None and maxdepth < 1:
            raise ValueError("maxdepth must be at least 1")
        path = self._strip_protocol(path)
        found: dict[str, Info] = {}
        if withdirs and path and not prefix and await self._isdir(path):
            found[path] = await self._info(path)
        level: list[str] = [path]
        depth = 0
        while level and depth != maxdepth:
            looks = [self._content(each, prefix if depth == 0 else "") for each in level]
            level = []
            for infos in await run_in_chunks(looks, batch_size=self.batch_size):
                for info in infos:
                    is_directory = info["type"] == "directory"
                    if is_directory:
                        level.append(info["name"])
                    if withdirs or not is_directory:
                        found[info["name"]] = info
            depth += 1
        ordered = dict(sorted(found.items()))
        return ordered if detail else list(ordered)

    async def _content(self, path: str, prefix: str) -> list[Info]:
        """What is in a directory, nothing where it has gone meanwhile."""
        try:
            return await self._listed(path, prefix) if prefix else await self._ls(path)
        except FileNotFoundError:
            return []

    def created(self, path: str) -> datetime:
        """When the file or directory was created."""
        return cast("datetime", self.info(path)["created"])

    def modified(self, path: str) -> datetime:
        """When it was last written to."""
        return cast("datetime", self.info(path)["mtime"])

    def ukey(self, path: str) -> str:
        """Another text when the content is another."""
        return tokenize(path, self.info(path)["etag"])

    def checksum(self, path: str) -> int:
        """Another number when the content is another; it tells nothing of what the content is."""
        return int(self.ukey(path), 16)

    async def _look(self, path: str) -> tuple[str, int]:
        """ETag and size of a file."""
        share, names = split(path)
        with sought(path):
            found = await self.share(share).stat("/".join(names))
        if not isinstance(found, FileProperties):
            raise error_of(errno.EISDIR, path)
        return found.etag, found.size

    async def begin_reading(self, path: str) -> tuple[str, int, bytes]:
        """ETag, size and beginning of a file, by one request; of one that is empty, or is none, by more."""
        try:
            with sought(path):
                file = self.file(path)
                beginning = remote_of(file.target, self.connections).begin(0, HEAD_BYTES)
                version, head = await file.runner.run(beginning)
        except (FileNotFoundError, IsADirectoryError):  # which does not yet say what is there instead
            return *await self._look(path), b""
        return version.etag, version.size, bytes(head)

    async def _sign(self, path: str, expiration: float = 100, **options: Any) -> str:
        """A URL that reads the file for ``expiration`` seconds, whoever has it; needs the account's key."""
        file = self.file(self._strip_protocol(path))
        https_only = file.url.startswith("https:")
        sas = await file.make_sas(expires_at=timedelta(seconds=expiration), https_only=https_only, **options)
        return f"{file.url}{'&' if '?' in file.url else '?'}{sas.token}"

    sign = sync_wrapper(_sign)

    # --- content -------------------------------------------------------------------------------------------------------

    async def read_version(self, path: str, etag: str, start: int, end: int) -> bytes | bytearray:
        """Bytes of one version of a file; ``FileChanged`` where it is there no more."""
        if end <= start:
            return b""
        return await self.run_at(path, lambda at: read_span(remote_of(at, self.connections), etag, start, end))

    async def read_range(self, path: str, start: int, end: int | None) -> bytes:
        """Bytes of the file as it is now, fewer where it ends."""
        length = None if end is None else end - start
        try:
            with sought(path):
                return bytes(await self.file(path).download(offset=start, length=length, concurrency=self.connections))
        except InvalidRange:  # the file ends before
            return b""

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        path = self._strip_protocol(path)
        try:
            if (start is not None and start < 0) or (end is not None and end < 0):
                start, end, _size = slice(start, end).indices((await self._info(path))["size"])
            first = start or 0
            return b"" if end is not None and end <= first else await self.read_range(path, first, end)
        except FileNotFoundError:
            await self._refuse_directory(path)
            raise

    async def _cat_ranges(
        self,
        paths: list[str],
        starts: Any,
        ends: Any,
        max_gap: int | None = None,
        batch_size: int | None = None,
        on_error: str = "return",
        **_: Any,
    ) -> list[Any]:
        firsts, lasts = _each(starts, len(paths)), _each(ends, len(paths))
        spans = list(zip(firsts, lasts, strict=True))
        if any(bound is None or bound < 0 for span in spans for bound in span):  # counted from the end of the file
            return await super()._cat_ranges(paths, list(firsts), list(lasts), batch_size=batch_size, on_error=on_error)
        found = await read_merged(
            self._cat_file,
            [self._strip_protocol(path) for path in paths],
            spans,
            max_gap=MAX_GAP_BYTES if max_gap is None else max_gap,
            batch_size=batch_size or self.batch_size,
        )
        for each in found:
            if on_error == "raise" and isinstance(each, Exception):
                raise each
        return found

    async def _get_file(self, rpath: str, lpath: Any, callback: Any = None, **_: Any) -> None:
        rpath = self._strip_protocol(rpath)
        destination = lpath if isfilelike(lpath) else Path(lpath)
        if isinstance(destination, Path) and destination.is_dir():
            return
        try:
            with errors_of(rpath):
                await self.file(rpath).download_to(
                    destination, concurrency=self.connections, progress=progress_of(callback)
                )
        except (FileNotFoundError, IsADirectoryError):
            if not await self._isdir(rpath) or not isinstance(destination, Path):
                raise
            destination.mkdir(parents=True, exist_ok=True)

    async def _refuse_directory(self, path: str) -> None:
        if await self._isdir(path):
            raise error_of(errno.EISDIR, path) from None


def _each(bounds: Any, count: int) -> list[Any]:
    """One bound for each file, given one by one or once for all."""
    return list(bounds) if hasattr(bounds, "__iter__") else [bounds] * count


def progress_of(callback: Any) -> Callable[[int], object] | None:
    """What is told of bytes that are done, from what fsspec calls with them."""
    return None if callback is None else callback.relative_update


__all__ = ["ReadableFileSystem", "progress_of"]
