"""Copies from another account that take their time under the simulator's clock."""

from __future__ import annotations

import pytest

from azfiles_sim import Quirks, Reply
from azfiles_sim.model.lost_sources import SOURCE_GONE

from .asking import ACCOUNT, CREATE, OTHER, OTHER_KEY, UPDATE, Asker, account_sas, code, content, header

TARGET = "/mine/copy"


@pytest.fixture
def asker() -> Asker:
    """The file ``data/d/f`` of 1024 bytes in one account, an empty share ``mine`` in the other; 512 bytes a second."""
    asker = Asker(quirks=Quirks(pending_copy_bytes_per_s=512)).with_share()
    assert asker.ask("PUT", "/mine?restype=share", account=OTHER, key=OTHER_KEY).status == 201
    return asker


def copy(asker: Asker, target: str = TARGET) -> Reply:
    source = f"https://{ACCOUNT}.file.core.windows.net/data/d/f?{account_sas(sp='r')}"
    return asker.ask("PUT", target, ("x-ms-copy-source", source), account=OTHER, key=OTHER_KEY)


def ask(asker: Asker, method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> Reply:
    return asker.ask(method, target, *headers, body=body, account=OTHER, key=OTHER_KEY)


def shown(asker: Asker) -> tuple[str | None, ...]:
    reply = ask(asker, "HEAD", TARGET)
    names = ("x-ms-copy-status", "x-ms-copy-progress", "x-ms-copy-completion-time")
    return tuple(header(reply, name) for name in names)


def test_progress_goes_with_the_clock_until_success(asker: Asker) -> None:
    reply = copy(asker)
    assert (reply.status, header(reply, "x-ms-copy-status")) == (202, "pending")
    assert shown(asker) == ("pending", "0/1024", None)
    asker.advance(1)
    assert shown(asker) == ("pending", "512/1024", None)
    asker.advance(1)
    assert shown(asker) == ("success", "1024/1024", "Mon, 04 May 2026 03:02:03 GMT")
    asker.advance(60)
    assert shown(asker)[2] == "Mon, 04 May 2026 03:02:03 GMT"
    assert content(ask(asker, "GET", TARGET))[:4] == b"abcd"


def test_an_aborted_copy_leaves_an_empty_file(asker: Asker) -> None:
    copy_id = header(copy(asker), "x-ms-copy-id")
    abort = ("x-ms-copy-action", "abort")
    wrong = ask(asker, "PUT", f"{TARGET}?comp=copy&copyid=11111111-1111-1111-1111-111111111111", abort)
    assert (wrong.status, code(wrong)) == (409, "CopyIdMismatch")
    reply = ask(asker, "PUT", f"{TARGET}?comp=copy&copyid={copy_id}", abort)
    assert reply.status == 204
    assert shown(asker)[:2] == ("aborted", "0/1024")
    assert header(ask(asker, "HEAD", TARGET), "Content-Length") == "0"
    again = ask(asker, "PUT", f"{TARGET}?comp=copy&copyid={copy_id}", abort)
    assert (again.status, code(again)) == (409, "NoPendingCopyOperation")


def test_a_finished_copy_cannot_be_aborted(asker: Asker) -> None:
    copy_id = header(copy(asker), "x-ms-copy-id")
    asker.advance(2)
    reply = ask(asker, "PUT", f"{TARGET}?comp=copy&copyid={copy_id}", ("x-ms-copy-action", "abort"))
    assert code(reply) == "NoPendingCopyOperation"


def test_its_destination_takes_no_writes_before_it_ends(asker: Asker) -> None:
    copy(asker)
    for method, target, headers, body in (
        ("PUT", TARGET, CREATE, b""),
        ("PUT", f"{TARGET}?comp=range", UPDATE, b"abcd"),
        ("PUT", f"{TARGET}?comp=metadata", (), b""),
        ("PUT", f"{TARGET}?comp=properties", (), b""),
        ("DELETE", TARGET, (), b""),
    ):
        reply = ask(asker, method, target, *headers, body=body)
        assert (reply.status, code(reply)) == (409, "PendingCopyOperation")
    assert code(copy(asker)) == "PendingCopyOperation"
    asker.advance(2)
    assert copy(asker).status == 202
    asker.advance(2)
    assert ask(asker, "DELETE", TARGET).status == 202


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("DELETE", "/data/d/f", ()),
        ("DELETE", "/data?restype=share", ()),
        (
            "PUT",
            "/data/d/f?comp=rename",
            (
                ("x-ms-file-rename-source", f"https://{ACCOUNT}.file.core.windows.net/data/new"),
                ("x-ms-file-rename-replace-if-exists", "true"),
            ),
        ),
    ],
)
def test_a_copy_whose_source_is_deleted_meanwhile_fails_and_says_why(
    asker: Asker, method: str, target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    copy(asker)
    asker.ask("PUT", "/data/new", *CREATE)
    assert copy(asker, "/mine/other").status == 202
    asker.advance(1)
    assert asker.ask(method, target, *headers).status in {200, 202}
    assert shown(asker) == ("failed", "512/1024", "Mon, 04 May 2026 03:02:02 GMT")
    reply = ask(asker, "HEAD", "/mine/other")
    assert [header(reply, name) for name in ("x-ms-copy-status", "x-ms-copy-status-description", "Content-Length")] == [
        "failed",
        SOURCE_GONE,
        "0",
    ]
    assert ask(asker, "DELETE", TARGET).status == 202


def test_a_share_deleted_with_its_snapshots_fails_the_copies_of_them_all(asker: Asker) -> None:
    """Two trees go at once, and what the destinations' share holds is told aright."""
    at = header(asker.ask("PUT", "/data?restype=share&comp=snapshot"), "x-ms-snapshot")
    source = f"https://{ACCOUNT}.file.core.windows.net/data/d/f?sharesnapshot={at}&{account_sas(sp='r')}"
    assert ask(asker, "PUT", "/mine/other", ("x-ms-copy-source", source)).status == 202
    copy(asker)
    asker.ask("DELETE", "/data?restype=share", ("x-ms-delete-snapshots", "include"))
    assert shown(asker)[0] == header(ask(asker, "HEAD", "/mine/other"), "x-ms-copy-status") == "failed"
    assert b"<ShareUsageBytes>0<" in content(ask(asker, "GET", "/mine?restype=share&comp=stats"))


def test_a_copy_that_is_over_outlives_its_source(asker: Asker) -> None:
    copy(asker)
    asker.advance(2)
    assert asker.ask("DELETE", "/data/d/f").status == 202
    assert shown(asker)[0] == "success"


def test_the_deletion_of_another_file_leaves_a_copy_pending(asker: Asker) -> None:
    asker.ask("PUT", "/data/d/g", *CREATE)
    copy(asker)
    assert asker.ask("DELETE", "/data/d/g").status == 202
    assert shown(asker)[0] == "pending"


def test_the_deletion_of_a_snapshot_fails_what_is_copied_from_it(asker: Asker) -> None:
    at = header(asker.ask("PUT", "/data?restype=share&comp=snapshot"), "x-ms-snapshot")
    source = f"https://{ACCOUNT}.file.core.windows.net/data/d/f?sharesnapshot={at}&{account_sas(sp='r')}"
    assert ask(asker, "PUT", TARGET, ("x-ms-copy-source", source)).status == 202
    assert asker.ask("DELETE", "/data/d/f").status == 202
    assert shown(asker)[0] == "pending"
    assert asker.ask("DELETE", f"/data?restype=share&sharesnapshot={at}").status == 202
    assert shown(asker)[0] == "failed"


def test_a_copy_inside_an_account_is_over_at_once(asker: Asker) -> None:
    source = ("x-ms-copy-source", f"https://{ACCOUNT}.file.core.windows.net/data/d/f")
    assert header(asker.ask("PUT", "/data/g", source), "x-ms-copy-status") == "success"


def test_without_a_speed_no_copy_is_pending() -> None:
    asker = Asker().with_share()
    ask(asker, "PUT", "/mine?restype=share")
    assert header(copy(asker), "x-ms-copy-status") == "success"


@pytest.mark.parametrize("speed", [0, -1])
def test_a_speed_is_at_least_one_byte_a_second(speed: int) -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        Quirks(pending_copy_bytes_per_s=speed)
