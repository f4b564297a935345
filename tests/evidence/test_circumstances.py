"""Refusals that depend on what is open, locked, marked, or was done a moment ago."""

from __future__ import annotations

import pytest

from azfiles_sim import Reply
from tests.versions.examples import new_world
from tests.wire.asking import ACCOUNT, UPDATE, code, header, xml


def is_refused(reply: Reply, error: str, text: str) -> None:
    assert (reply.status, code(reply)) == (409, error)
    assert header(reply, "Content-Type") == "application/xml"
    assert xml(reply).findtext("Code") == error
    assert not text or reply.reason == text


@pytest.mark.evidence(error="SharingViolation", source="document:file-service-error-codes")
def test_a_file_that_is_shared_with_nobody_is_not_written() -> None:
    asker = new_world()
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", share_mode=())
    reply = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd")
    is_refused(reply, "SharingViolation", "The specified resource may be in use by an SMB client.")


@pytest.mark.evidence(error="DeletePending", source="document:file-service-error-codes")
def test_a_file_that_is_marked_for_deletion_is_not_read() -> None:
    asker = new_world()
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", delete_pending=True)
    is_refused(asker.ask("GET", "/data/d/f"), "DeletePending", "")


@pytest.mark.evidence(error="FileLockConflict", source="document:file-service-error-codes")
def test_a_locked_range_is_not_written_and_its_neighbour_is() -> None:
    asker = new_world()
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", locks=((2, 9),))
    is_refused(asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd"), "FileLockConflict", "")
    beside = (("x-ms-write", "update"), ("x-ms-range", "bytes=10-13"))
    assert asker.ask("PUT", "/data/d/f?comp=range", *beside, body=b"abcd").status == 201


@pytest.mark.evidence(error="ContainerQuotaDowngradeNotAllowed", source="document:file-service-error-codes")
def test_a_share_of_a_premium_account_is_not_lowered_on_the_day_it_was_raised() -> None:
    asker = new_world(kind="premium")
    target = "/data?restype=share&comp=properties"
    assert asker.ask("PUT", target, ("x-ms-share-quota", "200")).status == 200
    is_refused(asker.ask("PUT", target, ("x-ms-share-quota", "150")), "ContainerQuotaDowngradeNotAllowed", "")
    asker.advance(24 * 3600)
    assert asker.ask("PUT", target, ("x-ms-share-quota", "150")).status == 200
