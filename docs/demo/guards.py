"""Ranges and snapshots; and what the service refuses, in its own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from report import Report
from served import Server

import azfiles


def edit_and_snapshot(report: Report, share: azfiles.ShareClient) -> None:
    file = share.file("notes.txt")
    before = b"old words, old words"
    file.upload(before)
    snapshot = share.create_snapshot().snapshot
    file.put_range(0, b"new")
    file.resize(9)
    file.resize(12)
    now = bytes(file.download())
    report.check(f"after an edit and two resizes the file holds {now!r}", now == b"new words\0\0\0")
    then = bytes(share.snapshot(snapshot).file("notes.txt").download())
    report.check(f"the share snapshot {snapshot} still holds {then!r}", then == before)
    sparse = share.file("sparse.bin")
    sparse.create(2**40)
    sparse.put_range(2**39, b"x" * 512)
    held = [(r.offset, r.length) for r in sparse.list_ranges().ranges]
    report.check(f"a file of 1 TiB lists the one range that was written: {held}", held == [(2**39, 512)])
    sparse.clear_range(2**39, 512)
    report.check("cleared, it lists none", sparse.list_ranges().ranges == ())


def meet_leases(report: Report, share: azfiles.ShareClient) -> None:
    file = share.file("notes.txt")
    lease = file.acquire_lease()
    expect(report, "a second acquire", 409, "LeaseAlreadyPresent", file.acquire_lease)
    expect(report, "a write without the lease id", 412, "LeaseIdMissing", lambda: file.put_range(0, b"x"))
    other = "11111111-2222-3333-4444-555555555555"
    expect(
        report,
        "a write with another lease id",
        412,
        "LeaseIdMismatchWithFileOperation",
        lambda: file.put_range(0, b"x", lease_id=other),
    )
    file.put_range(0, b"mine", lease_id=lease.id)
    file.release_lease(lease.id)
    file.put_range(0, b"free")
    report.check("with the id, and after release, the writes go through", bytes(file.download())[:4] == b"free")


def meet_signatures(report: Report, share: azfiles.ShareClient, server: Server) -> None:
    file = share.file("notes.txt")
    now = datetime.now(UTC)

    def with_signature(token: azfiles.Sas) -> azfiles.FileClient:
        transport = azfiles.HttpxTransport(ca_file=server.ca_file)
        return azfiles.connect(server.endpoint, token, transport=transport).share("demo").file("notes.txt")

    reader = with_signature(file.make_sas())
    report.check(
        "a signature made without arguments reads its file", bytes(reader.download()) == bytes(file.download())
    )
    expect(report, "it writing", 403, "AuthorizationPermissionMismatch", lambda: reader.put_range(0, b"x"))
    late = with_signature(file.make_sas(starts_at=now - timedelta(hours=2), expires_at=now - timedelta(hours=1)))
    expect(report, "an expired signature", 403, "AuthenticationFailed", late.download)


def expect(report: Report, what: str, status: int, code: str, act: Callable[[], object]) -> None:
    try:
        act()
    except azfiles.ServiceError as refusal:
        answer = f"{refusal.status} {refusal.code}"
        report.check(f"{what}: {answer}", answer == f"{status} {code}")
    else:
        report.check(f"{what} is refused with {status} {code}", False)
