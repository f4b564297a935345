"""A scripted SMB client through ``Simulator.open_handle``, and what REST calls answer then."""

from __future__ import annotations

import pytest

from azfiles_sim.model.changes import PutHandles
from azfiles_sim.model.entities import Handle
from azfiles_sim.model.handles import MAX_CLOSED_AT_ONCE

from .asking import ACCOUNT, UPDATE, Asker, code, content, header

FILE = "/data/d/f"


@pytest.fixture
def asker() -> Asker:
    return Asker().with_share()


def test_a_file_that_is_not_shared_answers_sharing_violation(asker: Asker) -> None:
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", access=("read", "write"), share_mode=("read",))
    reply = asker.ask("PUT", f"{FILE}?comp=range", *UPDATE, body=b"abcd")
    assert (reply.status, code(reply)) == (409, "SharingViolation")
    assert reply.reason == "The specified resource may be in use by an SMB client."
    assert asker.ask("GET", FILE).status == 200
    listed = content(asker.ask("GET", f"{FILE}?comp=listhandles"))
    assert b"<AccessRight>Read</AccessRight><AccessRight>Write</AccessRight>" in listed


def test_a_file_marked_for_deletion_answers_delete_pending_until_it_is_closed(asker: Asker) -> None:
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", delete_pending=True)
    reply = asker.ask("HEAD", FILE)
    assert (reply.status, code(reply)) == (409, "DeletePending")
    assert asker.ask("PUT", f"{FILE}?comp=forceclosehandles", ("x-ms-handle-id", "*")).status == 200
    assert asker.ask("HEAD", FILE).status == 404


def test_locked_bytes_answer_file_lock_conflict(asker: Asker) -> None:
    asker.simulator.open_handle(ACCOUNT, "data", "d/f", locks=[(0, 9), (20, 29, False)])
    reply = asker.ask("GET", FILE, ("x-ms-range", "bytes=5-6"))
    assert (reply.status, code(reply)) == (409, "FileLockConflict")
    assert asker.ask("GET", FILE, ("x-ms-range", "bytes=20-29")).status == 206


def test_a_word_that_is_no_share_mode_is_refused(asker: Asker) -> None:
    with pytest.raises(ValueError, match="nothing"):
        asker.simulator.open_handle(ACCOUNT, "data", "d/f", share_mode=("nothing",))


def test_closing_very_many_handles_goes_on_at_a_marker(asker: Asker) -> None:
    handle = asker.simulator.open_handle(ACCOUNT, "data", "d/f")
    store = asker.simulator._service.store
    (opened,) = store.view().handles(ACCOUNT, "data")
    fields = (opened.path, opened.file_id, opened.parent_id, 1, "127.0.0.1:1", opened.opened)
    handles = tuple(Handle(handle + number, *fields) for number in range(MAX_CLOSED_AT_ONCE + 1))
    store.apply([PutHandles(ACCOUNT, "data", handles)])
    every = ("x-ms-handle-id", "*")
    first = asker.ask("PUT", f"{FILE}?comp=forceclosehandles", every)
    assert header(first, "x-ms-number-of-handles-closed") == str(MAX_CLOSED_AT_ONCE)
    marker = header(first, "x-ms-marker")
    assert marker is not None
    second = asker.ask("PUT", f"{FILE}?comp=forceclosehandles&marker={marker}", every)
    assert header(second, "x-ms-number-of-handles-closed") == "1"
    assert header(second, "x-ms-marker") is None
