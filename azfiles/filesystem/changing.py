"""Making, writing, deleting, copying and moving."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from glob import has_magic
from pathlib import Path
from typing import Any, TypeVar

from azfiles.errors import NotFound
from azfiles.filesystem.bases import isfilelike, run_in_chunks, sync_wrapper
from azfiles.filesystem.looking import ReadableFileSystem, progress_of
from azfiles.filesystem.paths import error_of, errors_of, split
from azfiles.filesystem.writing import DraftWriter
from azfiles.flows.drafting import draft, publish
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.flows.trees.copies import copy_file
from azfiles.flows.trees.handling import Handling
from azfiles.models import SmbSettings, TreeAction, TreeStep

T = TypeVar("T")


class WritableFileSystem(ReadableFileSystem):
    """Changing what is there. All that is changed here is forgotten of the listings that are kept."""

    async def _made(self, path: str, write: Callable[[], Awaitable[T]]) -> T:
        """Write to ``path``; where the directory for it is missing, make that first, if that is wished."""
        try:
            return await write()
        except FileNotFoundError as missing:
            cause = missing.__cause__
            if not (self.auto_mkdir and isinstance(cause, NotFound) and cause.code == "ParentNotFound"):
                raise
        finally:
            self.invalidate_cache(path)
        await self._make_parent(path)
        return await write()

    async def _write(self, path: str, data: Any, mode: str, callback: Any = None) -> None:
        """All of a file at once: whoever reads sees the old one until the new one is whole."""
        if mode not in {"overwrite", "create"}:
            raise ValueError(f"mode {mode!r}: 'overwrite' or 'create' is expected")
        exclusive = mode == "create"

        def flow(target: Target) -> Flow[Any]:
            written = yield from draft(
                target, data, replaces=not exclusive, concurrency=self.connections, progress=progress_of(callback)
            )
            return (yield from publish(written))

        await self._made(path, lambda: self._replacing(path, flow, exclusive=exclusive))

    async def _replacing(self, path: str, flow: Callable[[Target], Flow[T]], *, exclusive: bool) -> T:
        """A file is replaced unless ``exclusive``; so what is in the way then is a directory."""
        try:
            return await self.run_at(path, flow)
        except FileExistsError as taken:
            if exclusive:
                raise
            raise error_of(errno.EISDIR, path) from taken

    async def write_draft(self, writer: DraftWriter, path: str, block: bytes, *, final: bool) -> None:
        """Go on with a file that is being written. The directory for a long one is looked for first: when it is found
        missing, its first blocks would have gone already.
        """
        if not (final or writer.has_begun or not self.auto_mkdir) and not await self._isdir(self._parent(path)):
            await self._make_parent(path)
        await self._made(path, lambda: writer.finish(block) if final else writer.feed(block))

    async def publish_draft(self, writer: DraftWriter, path: str, *, exclusive: bool) -> None:
        """Give a file that was written its name."""
        try:
            await writer.publish()
        except FileExistsError as taken:
            if exclusive:
                raise
            raise error_of(errno.EISDIR, path) from taken
        finally:
            self.invalidate_cache(path)

    async def _pipe_file(self, path: str, value: Any, mode: str = "overwrite", **_: Any) -> None:
        await self._write(self._strip_protocol(path), value, mode)

    async def _put_file(self, lpath: Any, rpath: str, mode: str = "overwrite", callback: Any = None, **_: Any) -> None:
        rpath = self._strip_protocol(rpath)
        source = lpath if isfilelike(lpath) else Path(lpath)
        if isinstance(source, Path) and source.is_dir():
            await self._makedirs(rpath, exist_ok=True)
            return
        if callback is not None and isinstance(source, Path):
            callback.set_size(source.stat().st_size)
        await self._write(rpath, source, mode, callback)

    async def _touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        path = self._strip_protocol(path)
        file = self.file(path)
        try:
            with errors_of(path):
                await (file.resize(0) if truncate else file.set_smb_properties(SmbSettings(last_write_time="Now")))
        except FileNotFoundError:
            if await self._isdir(path):
                raise error_of(errno.EISDIR, path) from None
            await self._write_empty(path, exclusive=not truncate)
        self.invalidate_cache(path)

    async def _write_empty(self, path: str, *, exclusive: bool) -> None:
        async def create() -> None:
            with errors_of(path):
                await self.file(path).create(0)

        if exclusive:
            await self._write(path, b"", "create")
        else:
            await self._made(path, create)

    touch = sync_wrapper(_touch)

    async def _mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        await self._make(self._strip_protocol(path), parents=create_parents, exist_ok=False)

    async def _makedirs(self, path: str, exist_ok: bool = False, **_: Any) -> None:
        await self._make(self._strip_protocol(path), parents=True, exist_ok=exist_ok)

    async def _make(self, path: str, *, parents: bool, exist_ok: bool) -> None:
        share, names = split(path)
        if exist_ok and not names and (not share or await self._isdir(path)):
            return  # whoever may write into a share may not always make one
        if not share:
            raise error_of(errno.EEXIST, path)
        place = self.share(share)
        try:
            with errors_of(path):
                await (place.directory("/".join(names)) if names else place).create()
        except FileExistsError:
            if not exist_ok or not await self._isdir(path):
                raise
        except FileNotFoundError:
            if not parents:
                raise
            await self._make_parent(path)
            await self._make(path, parents=False, exist_ok=exist_ok)
        self.invalidate_cache(path)

    async def _make_parent(self, path: str) -> None:
        parent = self._parent(path)
        try:
            await self._make(parent, parents=True, exist_ok=True)
        except FileExistsError as taken:
            raise error_of(errno.ENOTDIR, parent) from taken

    # --- deleting, copying, moving -----------------------------------------------------------------------------------

    async def _rm_file(self, path: str, **_: Any) -> None:
        path = self._strip_protocol(path)
        with errors_of(path):
            await self.file(path).delete()
        self.invalidate_cache(path)

    async def _rmdir(self, path: str) -> None:
        path = self._strip_protocol(path)
        share, names = split(path)
        place = self.share(share)
        with errors_of(path, mismatch=errno.ENOTDIR):
            if names:
                await place.directory("/".join(names)).delete()
            elif await self._listed(path):  # the service would delete all that is in it
                raise error_of(errno.ENOTEMPTY, path)
            else:
                await place.delete()
        self.invalidate_cache(path)

    rmdir = sync_wrapper(_rmdir)

    async def _rm(
        self, path: Any, recursive: bool = False, batch_size: int | None = None, maxdepth: int | None = None, **_: Any
    ) -> None:
        if recursive and maxdepth is not None:
            for each in reversed(await self._expand_path(path, recursive=True, maxdepth=maxdepth)):
                await (self._rmdir(each) if await self._isdir(each) else self._rm_file(each))
            return
        paths = await self._expand_path(path)
        removals = [self._remove(each, recursive=recursive) for each in (_topmost(paths) if recursive else paths)]
        await run_in_chunks(removals, batch_size=batch_size or self.batch_size)

    async def _remove(self, path: str, *, recursive: bool) -> None:
        try:
            await self._rm_file(path)
        except IsADirectoryError:
            if not recursive:
                raise
        else:
            return
        share, names = split(path)
        place = self.share(share)
        directory = place.directory("/".join(names)) if names else place.root
        with errors_of(path):
            report = await directory.delete_tree(concurrency=self.batch_size or 1)
        self.dircache.clear()
        for failure in report.failures:
            with errors_of(f"{path}/{failure.path}"):
                raise failure.error

    async def _cp_file(self, path1: str, path2: str, **_: Any) -> None:
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        if split(path1) == split(path2):
            return
        try:
            source = self.file(path1)
        except IsADirectoryError:  # a share
            await self._makedirs(path2, exist_ok=True)
            return
        step = TreeStep(TreeAction.TRANSFER, "")
        handling = Handling(keep_times=False)

        def flow(target: Target) -> Flow[int]:
            return copy_file(source.target, target, step, handling, is_nfs=False)

        try:
            await self._made(path2, lambda: self.run_at(path2, flow))
        except (FileNotFoundError, IsADirectoryError):
            if (await self._info(path1))["type"] != "directory":  # raises where nothing is there
                raise
            await self._makedirs(path2, exist_ok=True)

    async def _mv(self, path1: Any, path2: Any, recursive: bool = False, maxdepth: int | None = None, **_: Any) -> None:
        """Rename a file or directory, with all in it; into another share it is copied and deleted, and so are several."""
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if source == target:
            return
        if not isinstance(source, str) or has_magic(source) or split(source)[0] != split(target)[0] or maxdepth:
            await self._copy(path1, path2, recursive=recursive, maxdepth=maxdepth, on_error="raise")
            await self._rm(path1, recursive=recursive, maxdepth=maxdepth)
            return
        await self._info(source)  # raises where nothing is there
        if await self._goes_into(path1, path2, source, target):
            target = f"{target}/{source.rsplit('/', 1)[-1]}"
        if target.startswith(f"{source}/"):
            raise error_of(errno.EINVAL, target)  # a directory cannot go into itself
        await self._made(target, lambda: self._rename(source, target, "/".join(split(target)[1])))
        self.dircache.clear()

    mv = sync_wrapper(_mv)

    async def _goes_into(self, given: str, wanted: str, source: str, target: str) -> bool:
        """Whether what is moved to ``target`` shall lie in it: where that is a directory, and no other spelling of the one
        that is moved; and where it is said to become one, unless all that is in the source is meant.
        """
        if not await self._isdir(target):
            return wanted.endswith("/") and not given.endswith("/")
        return source.casefold() != target.casefold() or await self._id_of(source) != await self._id_of(target)

    async def _id_of(self, path: str) -> str | None:
        share, names = split(path)
        with errors_of(path):
            return (await self.share(share).stat("/".join(names))).smb.file_id

    async def _rename(self, source: str, target: str, new_path: str) -> None:
        share, names = split(source)
        try:
            with errors_of(source):
                await self.file(source).rename(new_path, replace=True)
        except IsADirectoryError:
            with errors_of(target, mismatch=errno.ENOTDIR):
                await self.share(share).directory("/".join(names)).rename(new_path)


def _topmost(paths: list[str]) -> list[str]:
    """Of paths in their order those that lie in none of the others: the others go with them."""
    kept: list[str] = []
    for path in paths:
        if not (kept and path.startswith(f"{kept[-1]}/")):
            kept.append(path)
    return kept


__all__ = ["WritableFileSystem"]
