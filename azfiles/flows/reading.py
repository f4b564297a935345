"""Reading a file in one request: whole, or one range of it, into a buffer of the caller's where one is given."""

from __future__ import annotations

from azfiles.core import files
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call
from azfiles.flows.effects import Flow
from azfiles.flows.targets import Target
from azfiles.models import FileContent


def get(
    target: Target,
    *,
    into: bytearray | memoryview | None = None,
    checksum: str | None = None,
    lease_id: str | None = None,
) -> Flow[FileContent]:
    """Read the whole file in one request (Get File).

    With ``into``, a writable buffer at least as long as the file, the content lands there and ``content`` is a view of
    it; until this returns, what the buffer holds is undefined. ``checksum="crc64"`` has the service send checksums, and
    checks them. For large files see ``download``.
    """
    sink = None if into is None else writable_view(into)
    operation = files.get_file(
        target.share, target.path, sink=sink, checksum=checksum, lease_id=lease_id, snapshot=target.snapshot
    )
    return (yield from call(target.session, operation))


def get_range(
    target: Target,
    offset: int,
    length: int | None = None,
    *,
    into: bytearray | memoryview | None = None,
    range_md5: bool = False,
    checksum: str | None = None,
    lease_id: str | None = None,
) -> Flow[FileContent]:
    """Read ``length`` bytes from ``offset`` on, or all from there, in one request (Get File).

    Where the file ends earlier there are fewer; ``range`` of the result says what was read. Raises ``InvalidRange``
    where ``offset`` is not inside the file. ``into`` as in ``get``. ``range_md5=True`` has the service hash the range
    (4 MiB at most) and checks it; ``checksum="crc64"`` does so for any length, and much faster with the extra
    ``checksums``.
    """
    operation = files.get_file(
        target.share,
        target.path,
        offset=offset,
        length=length,
        sink=None if into is None else writable_view(into),
        range_md5=range_md5,
        checksum=checksum,
        lease_id=lease_id,
        snapshot=target.snapshot,
    )
    return (yield from call(target.session, operation))


def writable_view(buffer: bytearray | memoryview) -> memoryview:
    """A view of single bytes of a buffer that can be written to; ``InvalidArgument`` where there is none."""
    try:
        view = memoryview(buffer)
        if not view.readonly:
            return view.cast("B")
    except TypeError:
        pass
    raise InvalidArgument("into: a writable, contiguous buffer is expected, such as a bytearray")


__all__ = ["get", "get_range", "writable_view"]
