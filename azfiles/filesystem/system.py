"""Azure Files as an fsspec file system, ``azfiles://share/directory/file``."""

from __future__ import annotations

import errno
import io
from typing import Any

from azfiles.filesystem.bases import sync
from azfiles.filesystem.changing import WritableFileSystem
from azfiles.filesystem.in_place import InPlaceFile
from azfiles.filesystem.paths import error_of
from azfiles.filesystem.reading import AsyncReadFile, ReadFile
from azfiles.filesystem.writing import AsyncWriteFile, TextWriteFile, WriteFile


class AzureFilesFileSystem(WritableFileSystem):
    """Shares are the topmost directories. ``docs/fsspec.md`` tells the whole story.

    The account is that of ``connection_string``, ``account_name`` or ``account_url``, with one of ``account_key``,
    ``sas_token``, ``credential`` (whatever ``azfiles.connect`` takes) or ``anon=True``; what is left out is taken from
    ``AZURE_STORAGE_CONNECTION_STRING``, ``AZURE_STORAGE_ACCOUNT``, ``_KEY`` and ``_SAS_TOKEN``. ``handler`` is asked instead
    of a network, for tests.

    ``snapshot`` names a share snapshot: then everything is as it was, and read only. ``auto_mkdir`` makes the directories
    that a file to be written needs, never a share. ``connections`` requests are under way for one file, and ``batch_size``
    files at once. Listings are kept only with ``use_listings_cache=True``, for ``listings_expiry_time`` seconds.
    ``api_version``, ``retry``, ``timeouts``, ``allow_http`` and ``ca_file`` are those of ``azfiles.connect_async``.
    """

    def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        """As fsspec has it. An error in a ``with`` statement leaves the old file also where text is written."""
        if mode.replace("t", "") not in {"w", "x"} or options.get("compression") is not None:
            return super().open(path, mode, **options)
        text = {name: options.pop(name) for name in ("encoding", "errors", "newline") if name in options}
        return TextWriteFile(super().open(path, f"{mode.replace('t', '')}b", **options), **text)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        cache_type: str = "readahead",
        etag: str | None = None,
        size: int | None = None,
        **_: Any,
    ) -> Any:
        if mode == "rb":
            head = b""
            if etag is None or size is None:
                etag, size, head = sync(self.loop, self.begin_reading, path)
            return ReadFile(
                self,
                path,
                etag=etag,
                size=size,
                head=head,
                block_size=block_size,
                cache_type=cache_type,
                cache_options=cache_options,
            )
        if mode in {"wb", "xb"}:
            if mode == "xb":
                sync(self.loop, self._refuse_existing, path)
            return WriteFile(self, path, mode=mode, block_size=block_size, autocommit=autocommit)
        if mode not in {"ab", "r+b"}:
            raise ValueError(f"mode {mode!r}: rb, wb, xb, ab and r+b are what there is")
        if not autocommit:
            raise ValueError(f"mode {mode!r}: what is written in place cannot be taken back by a transaction")
        return self._open_in_place(path, mode, block_size or WriteFile.DEFAULT_BLOCK_SIZE)

    def _open_in_place(self, path: str, mode: str, block_size: int) -> io.BufferedIOBase:
        if mode == "ab":
            sync(self.loop, self._begin, path)
        size = sync(self.loop, self._look, path)[1]
        if mode == "ab":
            return io.BufferedWriter(InPlaceFile(self, path, size, appends=True), block_size)
        return io.BufferedRandom(InPlaceFile(self, path, size), block_size)

    async def open_async(self, path: str, mode: str = "rb", block_size: int | None = None, **_: Any) -> Any:
        """Open a file whose ``read``, ``write`` and ``close`` are awaited; ``"rb"`` and ``"wb"`` are what there is."""
        path = self._strip_protocol(path)
        if mode == "rb":
            etag, size, head = await self.begin_reading(path)
            return AsyncReadFile(self, path, etag=etag, size=size, head=head)
        if mode == "wb":
            return AsyncWriteFile(self, path, block_size=block_size)
        raise ValueError(f"mode {mode!r}: rb and wb are what there is")

    async def _refuse_existing(self, path: str) -> None:
        if await self._exists(path):
            raise error_of(errno.EEXIST, path)

    async def _begin(self, path: str) -> None:
        """Make a file, if there is none."""
        try:
            await self._look(path)
        except FileNotFoundError:
            try:
                await self._write(path, b"", "create")
            except FileExistsError:
                return


__all__ = ["AzureFilesFileSystem"]
