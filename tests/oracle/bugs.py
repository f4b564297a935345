"""Mistakes that somebody could make in the simulator, put into it one at a time.

Each is a context manager that replaces a function, a method or a row of a table, and says by what it has to be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from azfiles_sim.model import commands as c
from azfiles_sim.model import content, files, lease, ranges, service, shares
from azfiles_sim.model.changes import PutNode, PutShare
from azfiles_sim.model.commands import LeaseAction
from azfiles_sim.model.content import EMPTY_CONTENT, PAGE_BYTES, Content
from azfiles_sim.model.deciding import Decision, find_place
from azfiles_sim.model.entities import (
    TICKS_PER_SECOND,
    Available,
    Breaking,
    Broken,
    Expired,
    File,
    Leased,
    Share,
)
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.lease import Row, Step
from azfiles_sim.model.results import SharesPage
from azfiles_sim.model.rules import RULES
from azfiles_sim.pipeline import read_call
from azfiles_sim.storage.memory import MemoryView
from azfiles_sim.wire import sas, sharedkey
from tests.oracle.tapes import CELLS

Placing: TypeAlias = AbstractContextManager[Any]
MODEL: Final = "model machine"
"""What finds a mistake that Azurite has no counterpart for: the machine of ``azfiles_sim.testing``."""


@dataclass(frozen=True, slots=True)
class Bug:
    name: str
    finder: str
    """The tape or the machine that has to find it."""
    place: Callable[[], Placing]

    def __str__(self) -> str:
        return self.name


BUGS: Final[list[Bug]] = []


def bug(finder: str) -> Callable[[Callable[[], Placing]], Callable[[], Placing]]:
    """Register a mistake under the name of its function."""

    def register(place: Callable[[], Placing]) -> Callable[[], Placing]:
        BUGS.append(Bug(place.__name__.replace("_", " "), finder, place))
        return place

    return register


def row(table: MutableMapping[Any, Any], key: Any, value: Any) -> Placing:
    """Another value in a table."""
    return patch.dict(table, {key: value})


def rule(command: type, changed: Callable[[Any, Any, Callable[[Any, Any], Decision]], Decision]) -> Placing:
    """Another rule for a command, which is given the context, the command and the rule as it is."""
    real = RULES[command]
    return patch.dict(RULES, {command: lambda context, asked: changed(context, asked, real)})


@contextmanager
def all_of(*placed: Placing) -> Iterator[None]:
    with ExitStack() as stack:
        for one in placed:
            stack.enter_context(one)
        yield


def put_file(decision: Decision, change: Callable[[File], File]) -> Decision:
    """The decision with its file stored otherwise."""
    changes = tuple(
        PutNode(one.tree, change(one.node)) if isinstance(one, PutNode) and isinstance(one.node, File) else one
        for one in decision.changes
    )
    return replace(decision, changes=changes)


def put_share(decision: Decision, change: Callable[[Share], Share]) -> Decision:
    changes = tuple(PutShare(change(one.share)) if isinstance(one, PutShare) else one for one in decision.changes)
    return replace(decision, changes=changes)


# --- leases ------------------------------------------------------------------------------------------------------


@bug(CELLS)
def renew_keeps_the_old_deadline() -> Placing:
    real = lease._apply

    def wrong(step, before, *rest):
        return before if step is Step.RESTART and isinstance(before, Leased) else real(step, before, *rest)

    return patch.object(lease, "_apply", wrong)


@bug(CELLS)
def a_lease_ends_a_moment_late() -> Placing:
    """``until < now`` for ``until <= now``."""
    real = lease.age_lease

    def wrong(held, now):
        return real(held, now - 1)

    return all_of(patch.object(lease, "age_lease", wrong), patch.object(shares, "age_lease", wrong))


@bug(CELLS)
def a_break_takes_its_period_whatever_is_left() -> Placing:
    real = lease._broken

    def wrong(held, command, now):
        period_s = getattr(command, "break_period_s", None)
        if period_s is None:
            return real(held, command, now)
        until = now + period_s * TICKS_PER_SECOND
        return Breaking(held.lease_id, until) if until > now else Broken(held.lease_id)

    return patch.object(lease, "_broken", wrong)


@bug(CELLS)
def a_break_ignores_its_period() -> Placing:
    real = lease._broken

    def wrong(held, command, now):
        shortened = getattr(command, "break_period_s", None) is not None
        return real(held, replace(command, break_period_s=None) if shortened else command, now)

    return patch.object(lease, "_broken", wrong)


@bug(CELLS)
def breaking_an_infinite_lease_takes_a_minute() -> Placing:
    real = lease._broken

    def wrong(held, command, now):
        infinite = isinstance(held, Leased) and held.until is None
        unasked = infinite and getattr(command, "break_period_s", None) is None
        return Breaking(held.lease_id, now + 60 * TICKS_PER_SECOND) if unasked else real(held, command, now)

    return patch.object(lease, "_broken", wrong)


@bug(CELLS)
def a_change_is_not_repeatable() -> Placing:
    real = lease._step

    def wrong(table, held, command, variant):
        if command.action is LeaseAction.CHANGE and isinstance(held, Leased) and command.lease_id != held.lease_id:
            raise ServiceError(Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION, variant=variant)
        return real(table, held, command, variant)

    return patch.object(lease, "_step", wrong)


@bug(CELLS)
def release_ignores_the_id() -> Placing:
    return row(lease.SHARE_LEASES, (Leased, LeaseAction.RELEASE), Row(Step.FREE, Step.FREE))


@bug("FileLease")
def release_ignores_the_id_of_a_broken_file_lease() -> Placing:
    return row(lease.FILE_LEASES, (Broken, LeaseAction.RELEASE), Row(Step.FREE, Step.FREE))


@bug(CELLS)
def release_leaves_a_broken_lease() -> Placing:
    real = lease._apply

    def wrong(step, before, *rest):
        return Broken(before.lease_id) if step is Step.FREE else real(step, before, *rest)

    return patch.object(lease, "_apply", wrong)


@bug(CELLS)
def the_own_id_does_not_replace_the_duration() -> Placing:
    real = lease._apply

    def wrong(step, before, command, *rest):
        again = step is Step.TAKE and isinstance(before, Leased)
        return before if again else real(step, before, command, *rest)

    return patch.object(lease, "_apply", wrong)


@bug("ShareLease")
def an_expired_lease_is_not_renewed() -> Placing:
    mismatch = Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION
    return row(lease.SHARE_LEASES, (Expired, LeaseAction.RENEW), Row(mismatch, mismatch))


@bug("ShareLease")
def acquiring_moves_the_etag() -> Placing:
    def wrong(context, command, real):
        return put_share(real(context, command), lambda share: replace(share, stamp=share.stamp + 1))

    return rule(c.LeaseShare, wrong)


@bug("FileLease")
def a_write_leaves_a_lease_broken() -> Placing:
    return all_of(*(patch.object(module, "lease_after_write", lambda held: held) for module in (files, ranges)))


@bug("ShareLease")
def a_leased_share_is_deleted_without_its_id() -> Placing:
    def wrong(held, lease_id, now, *, deleting=False):
        lease.guard_share(held, lease_id, now)

    return patch.object(shares, "guard_share", wrong)


@bug("FileLease")
def reading_does_not_look_at_the_id() -> Placing:
    def wrong(held, lease_id, *, writing):
        lease.guard_file(held, lease_id if writing else None, writing=writing)

    return all_of(*(patch.object(module, "guard_file", wrong) for module in (files, ranges)))


@bug("FileLease")
def reading_needs_the_id() -> Placing:
    def wrong(held, lease_id, *, writing):
        lease.guard_file(held, lease_id, writing=True)

    return all_of(*(patch.object(module, "guard_file", wrong) for module in (files, ranges)))


@bug("FileLease")
def an_overwritten_file_loses_its_lease() -> Placing:
    def wrong(context, command, real):
        return put_file(real(context, command), lambda file: replace(file, lease=Available()))

    return rule(c.CreateFile, wrong)


@contextmanager
def remembering(field: str) -> Iterator[None]:
    """A share that is created again has a value that the one before it had."""
    gone: dict[str, Any] = {}

    def delete(context, command, real):
        decision = real(context, command)
        gone[command.share] = getattr(context.view.share(command.account, command.share), field)
        return decision

    def create(context, command, real):
        if not context.view.account(command.account).shares_made:
            gone.clear()  # another simulator
        kept = {field: gone[command.share]} if command.share in gone else {}
        return put_share(real(context, command), lambda share: replace(share, **kept))

    with rule(c.DeleteShare, delete), rule(c.CreateShare, create):
        yield


@bug("ShareLease")
def a_share_created_again_has_its_old_lease() -> Placing:
    return remembering("lease")


@bug("ShareLease")
def a_share_created_again_has_its_old_metadata() -> Placing:
    return remembering("metadata")


# --- metadata, headers, ETags ----------------------------------------------------------------------------------


@bug("EtagMetadata")
def set_share_metadata_keeps_the_etag() -> Placing:
    def wrong(context, command, real):
        before = context.view.share(command.account, command.share)
        return put_share(real(context, command), lambda share: replace(share, stamp=before.stamp))

    return rule(c.SetShareMetadata, wrong)


@bug("EtagMetadata")
def set_file_metadata_keeps_the_etag() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        return put_file(real(context, command), lambda file: replace(file, stamp=before.stamp))

    return rule(c.SetFileMetadata, wrong)


@bug("EtagMetadata")
def clearing_nothing_keeps_the_etag() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        decision = real(context, command)
        same = isinstance(before, File) and not before.content.written
        return put_file(decision, lambda file: replace(file, stamp=before.stamp)) if same else decision

    return rule(c.ClearRange, wrong)


@bug("EtagMetadata")
def metadata_is_merged_instead_of_replaced() -> Placing:
    def wrong(context, command, real):
        before = context.view.share(command.account, command.share)
        kept = dict(before.metadata if before else ())
        return real(context, replace(command, metadata=tuple({**kept, **dict(command.metadata)}.items())))

    return rule(c.SetShareMetadata, wrong)


@bug("EtagMetadata")
def metadata_names_lose_their_case() -> Placing:
    def wrong(*arguments):
        call = read_call(*arguments)
        call.metadata_names = {name: key.lower() for name, key in call.metadata_names.items()}
        return call

    return patch("azfiles_sim.pipeline.read_call", wrong)


@bug("EtagMetadata")
def headers_are_merged_instead_of_replaced() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node

        def merged(file: File) -> File:
            old = before.http
            given = {name: value for name in old.__slots__ if (value := getattr(file.http, name)) is not None}
            return replace(file, http=replace(old, **given))

        return put_file(real(context, command), merged)

    return rule(c.SetFileProperties, wrong)


@bug("EtagMetadata")
def an_overwritten_file_keeps_its_metadata() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        kept = {"metadata": before.metadata} if isinstance(before, File) else {}
        return put_file(real(context, command), lambda file: replace(file, **kept))

    return rule(c.CreateFile, wrong)


# --- content ---------------------------------------------------------------------------------------------------


@bug("Bytes")
def clear_rounds_outwards() -> Placing:
    real = Content.clear

    def wrong(self, start, end):
        return real(self, start // PAGE_BYTES * PAGE_BYTES, -(-end // PAGE_BYTES) * PAGE_BYTES)

    return patch.object(Content, "clear", wrong)


@bug("Ranges")
def clear_forgets_the_last_page() -> Placing:
    real = Content.clear

    def wrong(self, start, end):
        return real(self, start, end - PAGE_BYTES if end - start > PAGE_BYTES else end)

    return patch.object(Content, "clear", wrong)


@bug("Ranges")
def resize_keeps_stale_bytes() -> Placing:
    return patch.object(Content, "truncate", lambda self, size: self)


def _cut_without(piece: str) -> Placing:
    """A cut after which the head or the tail of an extent that was cut is gone."""
    real = content._cut

    def wrong(extents, start, end):
        cut, removed = real(extents, start, end)
        for at, extent in extents.items():
            if piece == "tail" and at < end < at + len(extent):
                cut = cut.delete(end)
            elif piece == "head" and at < start < at + len(extent):
                cut = cut.delete(at)
        return cut, removed

    return patch.object(content, "_cut", wrong)


@bug("Ranges")
def a_write_into_an_extent_loses_its_tail() -> Placing:
    return _cut_without("tail")


@bug("Bytes")
def a_write_into_an_extent_loses_its_head() -> Placing:
    return _cut_without("head")


@bug("Ranges")
def an_overwritten_file_keeps_its_content() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        old = before.content if isinstance(before, File) else EMPTY_CONTENT
        return put_file(real(context, command), lambda file: replace(file, content=old.truncate(command.size)))

    return rule(c.CreateFile, wrong)


@bug("Ranges")
def a_range_of_a_read_ends_a_byte_early() -> Placing:
    def wrong(file, start, end):
        first, after = real(file, start, end)
        return first, after - 1 if end is not None and after - first > 1 else after

    real = ranges._clip
    return patch.object(ranges, "_clip", wrong)


@bug("Ranges")
def a_list_of_ranges_is_not_clipped() -> Placing:
    real = Content.listed_ranges

    def wrong(self, start, end):
        return tuple(found for found in real(self, 0, 1 << 40) if found[1] >= start and found[0] < end)

    return patch.object(Content, "listed_ranges", wrong)


# --- lists -----------------------------------------------------------------------------------------------------


def _page(change: Callable[[SharesPage], SharesPage]) -> Placing:
    def wrong(context, command, real):
        decision = real(context, command)
        return replace(decision, result=change(decision.result))

    return rule(c.ListShares, wrong)


@bug("ShareList")
def a_list_is_ordered_without_dashes() -> Placing:
    return _page(lambda page: replace(page, items=tuple(sorted(page.items, key=lambda one: one.name.replace("-", "")))))


@bug("ShareList")
def a_list_ignores_its_prefix() -> Placing:
    return rule(c.ListShares, lambda context, command, real: real(context, replace(command, prefix="")))


@bug("ShareList")
def a_prefix_ignores_case() -> Placing:
    return rule(
        c.ListShares, lambda context, command, real: real(context, replace(command, prefix=command.prefix.lower()))
    )


@bug("ShareList")
def a_page_repeats_the_last_item() -> Placing:
    def repeated(page: SharesPage) -> SharesPage:
        again = page.next_name is not None and len(page.items) > 1
        return replace(page, next_name=page.items[-1].name) if again else page

    return _page(repeated)


@bug("ShareList")
def a_page_loses_the_item_after_it() -> Placing:
    return _page(lambda page: replace(page, next_name=None if page.next_name is None else f"{page.next_name}0"))


@bug("ShareList")
def a_page_holds_one_more_than_asked() -> Placing:
    real = service.page_size
    return patch.object(service, "page_size", lambda asked: real(asked) + 1)


# --- credentials -----------------------------------------------------------------------------------------------


@bug("Auth")
def headers_are_signed_in_ascii_order() -> Placing:
    return patch.object(sharedkey, "_ORDERS", ())


@bug("Auth")
def headers_without_a_value_are_not_signed() -> Placing:
    real = sharedkey.string_to_sign

    def wrong(call, *, lite, names=None, resource=None):
        given = sorted(call.service_headers) if names is None else names
        return real(call, lite=lite, names=[name for name in given if call.headers[name]], resource=resource)

    return patch.object(sharedkey, "string_to_sign", wrong)


@bug("Auth")
def any_signature_will_do() -> Placing:
    return patch.object(sharedkey, "matches", lambda *_: True)


@bug("Auth")
def the_query_is_not_signed() -> Placing:
    real = sharedkey.canonical_resource

    def wrong(call, *, lite, path=None):
        return real(call, lite=lite, path=path).partition("\n")[0]

    return patch.object(sharedkey, "canonical_resource", wrong)


@bug("Auth")
def the_path_is_signed_decoded() -> Placing:
    real = sharedkey.canonical_resource

    def wrong(call, *, lite, path=None):
        return real(call, lite=lite, path=sharedkey.unquote(call.raw_path if path is None else path))

    return patch.object(sharedkey, "canonical_resource", wrong)


def _times(change: Callable[[str | None, str, int], tuple[str | None, str, int]]) -> Placing:
    real = sas._check_times
    return patch.object(sas, "_check_times", lambda start, expiry, now: real(*change(start, expiry, now)))


@bug("Sas")
def the_beginning_of_a_sas_is_not_looked_at() -> Placing:
    return _times(lambda start, expiry, now: (None, expiry, now))


@bug("Sas")
def the_end_of_a_sas_is_not_looked_at() -> Placing:
    return _times(lambda start, expiry, now: (start, "2999-01-01T00:00:00Z", now))


@bug("Sas")
def the_end_of_a_sas_is_compared_the_wrong_way() -> Placing:
    def wrong(start, expiry, now):
        ends = sas.parse_iso_time(expiry)
        if ends is not None and ends > now:
            raise ServiceError(Code.AUTHENTICATION_FAILED)

    return patch.object(sas, "_check_times", wrong)


@bug("Sas")
def the_letters_of_a_sas_are_not_looked_at() -> Placing:
    return patch.object(sas, "_check_letters", lambda *_: None)


@bug("Sas")
def an_account_sas_signs_no_line_for_its_scope() -> Placing:
    return patch.object(sas, "ACCOUNT_EXTRA_LINE_SINCE", "9999-01-01")


# --- what Azurite cannot see -----------------------------------------------------------------------------------


@bug(MODEL)
def a_snapshot_shares_the_live_tree() -> Placing:
    real = MemoryView._tree

    def wrong(self, tree):
        return real(self, replace(tree, snapshot=None))

    return patch.object(MemoryView, "_tree", wrong)


@bug(MODEL)
def a_snapshot_holds_no_metadata() -> Placing:
    def wrong(context, command, real):
        decision = real(context, command)
        changes = tuple(
            replace(one, snapshot=replace(one.snapshot, metadata=()))
            if hasattr(one, "snapshot") and hasattr(one.snapshot, "metadata")
            else one
            for one in decision.changes
        )
        return replace(decision, changes=changes)

    return rule(c.SnapshotShare, wrong)
