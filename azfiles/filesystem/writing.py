"""Files opened for writing: written under a temporary name while the caller goes on, and given their name at the end."""

from __future__ import annotations

import asyncio
import io
import warnings
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Final

from azfiles.core.arguments import MAX_RANGE_BYTES
from azfiles.filesystem.bases import AbstractAsyncStreamedFile, AbstractBufferedFile, sync
from azfiles.filesystem.connected import ConnectedFileSystem
from azfiles.flows.drafting import Draft, draft, publish, throw_away
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target

BLOCK_BYTES: Final = MAX_RANGE_BYTES
"""What is kept until it is handed on. While two blocks are under way, one waits and the next one fills."""


class DraftWriter:
    """One file that is written. The blocks that it is fed with go to a task that uploads them; a block is taken when the
    last one is under way, so the caller is held up where the service is slower.
    """

    def __init__(self, fs: ConnectedFileSystem, path: str, *, exclusive: bool) -> None:
        self._fs = fs
        self._path = path
        self._exclusive = exclusive
        self._blocks: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._task: asyncio.Task[Draft] | None = None
        self._draft: Draft | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a block was handed on."""
        return self._task is not None

    async def feed(self, block: bytes) -> None:
        """Hand a block on. Raises what has gone wrong with those before it."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._write(self._taken()))
        await self._put(self._task, block)

    async def finish(self, last: bytes) -> None:
        """Wait until all is written, ``last`` after the other blocks, under the temporary name."""
        if self._task is None:
            self._draft = await self._write(last)
            return
        if last:
            await self._put(self._task, last)
        await self._put(self._task, None)
        self._draft = await self._task

    async def publish(self) -> None:
        """Give the file its name."""
        written, self._draft = self._draft, None
        if written is not None:
            await self._fs.run_at(self._path, lambda _: publish(written))

    async def throw_away(self) -> None:
        """Leave nothing of what was written."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()  # which deletes the temporary file
            await asyncio.wait([task])
        written, self._draft = self._draft, None
        if written is not None:
            await self._fs.run_at(self._path, lambda _: throw_away(written))

    async def _put(self, task: asyncio.Task[Draft], block: bytes | None) -> None:
        putting = asyncio.ensure_future(self._blocks.put(block))
        done, _ = await asyncio.wait([putting, task], return_when=asyncio.FIRST_COMPLETED)
        if putting not in done:
            putting.cancel()
            await task  # which has failed: it never ends before it was given the end

    async def _taken(self) -> AsyncIterator[bytes]:
        while (block := await self._blocks.get()) is not None:
            yield block

    async def _write(self, data: bytes | AsyncIterator[bytes]) -> Draft:
        def flow(target: Target) -> Flow[Draft]:
            return draft(target, data, replaces=not self._exclusive, concurrency=self._fs.connections)

        return await self._fs.run_at(self._path, flow)


class WriteFile(AbstractBufferedFile):
    """What ``open(path, "wb")`` and ``"xb"`` return. Whoever reads sees the old file until this one is closed; where a
    ``with`` statement ends in an error, the old file stays.
    """

    DEFAULT_BLOCK_SIZE = BLOCK_BYTES

    def __init__(self, fs: Any, path: str, *, mode: str, **options: Any) -> None:
        super().__init__(fs, path, mode=mode, **options)
        self._writer: DraftWriter | None = None

    def commit(self) -> None:
        """Give the file its name: at the end of a transaction, or after ``autocommit=False``. It must be closed: nobody
        knows what a text or compressed file around it still keeps.
        """
        if not self.closed:
            raise ValueError(f"{self.path}: it is open, and can get its name only when it is closed")
        self._publish()

    def _publish(self) -> None:
        sync(self.fs.loop, self.fs.publish_draft, self._begun(), self.path, exclusive=self.mode == "xb")

    def discard(self) -> None:
        """Leave the old file as it was, and nothing of this one, which is closed."""
        self.forced, self.closed = (
            True,
            True,
        )  # or whoever closes it later, if only by forgetting it, would write it anew
        sync(self.fs.loop, self._begun().throw_away)

    def _begun(self) -> DraftWriter:
        if self._writer is None:
            self._writer = DraftWriter(self.fs, self.path, exclusive=self.mode == "xb")
        return self._writer

    def _upload_chunk(self, final: bool = False) -> None:
        block = self.buffer.getvalue()
        try:
            sync(self.fs.loop, self.fs.write_draft, self._begun(), self.path, block, final=final)
            if final and self.autocommit:
                self._publish()
        except BaseException:
            self.forced = True  # or closing it would try once more
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        elif not self.closed:
            self.discard()


class TextWriteFile(io.TextIOWrapper):
    """What ``open(path, "w")`` and ``"x"`` return: where a ``with`` statement ends in an error, the old file stays too."""

    def __init__(self, file: Any, **options: Any) -> None:
        super().__init__(file, **options)
        self._file = file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._file.__exit__(kind, error, trace)  # which closes it; what is kept here goes nowhere then
        self.close()


class AsyncWriteFile(AbstractAsyncStreamedFile):
    """What ``await open_async(path, "wb")`` returns: ``await write(data)``, and ``await close()`` gives it its name."""

    DEFAULT_BLOCK_SIZE = BLOCK_BYTES

    def __init__(self, fs: Any, path: str, *, block_size: int | None) -> None:
        super().__init__(fs, path, mode="wb", block_size=block_size)
        self._writer = DraftWriter(fs, path, exclusive=False)

    def __del__(self) -> None:
        """Closing, as a blocking file does here, would have to be awaited."""
        if not getattr(self, "closed", True):
            lost = f"{self.path} was not closed: what was written to it is lost"
            warnings.warn(lost, ResourceWarning, stacklevel=2, source=self)

    async def _upload_chunk(self, final: bool = False) -> None:
        await self.fs.write_draft(self._writer, self.path, self.buffer.getvalue(), final=final)
        if final:
            await self.fs.publish_draft(self._writer, self.path, exclusive=False)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.close()
        elif not self.closed:
            self.forced, self.closed = True, True
            await self._writer.throw_away()


__all__ = ["BLOCK_BYTES", "AsyncWriteFile", "DraftWriter", "TextWriteFile", "WriteFile"]
