"""The control interface in process: one object for each simulator, ``Simulator.control``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias, cast

from azfiles_sim.accounts import MAX_SOFT_DELETE_DAYS, AccountSpec
from azfiles_sim.clock import ManualClock, OffsetClock
from azfiles_sim.control.differences import Difference, differences
from azfiles_sim.control.exporting import export_tree
from azfiles_sim.control.importing import import_folder
from azfiles_sim.control.planting import Planting, carry_out, plant_files
from azfiles_sim.faults import Faulty
from azfiles_sim.ids import SeededIds
from azfiles_sim.journal import Entry
from azfiles_sim.model.changes import (
    Change,
    DropAccount,
    DropPermissions,
    DropShare,
    DropSnapshot,
    DropTree,
    HoldName,
    PutAccount,
)
from azfiles_sim.model.commands import CloseHandles
from azfiles_sim.model.entities import TICKS_PER_SECOND, Account, Handle, Share, Snapshot, Ticks
from azfiles_sim.model.results import HandlesClosed
from azfiles_sim.model.stamps import ticks_from_datetime
from azfiles_sim.model.view import View
from azfiles_sim.pipeline import Service
from azfiles_sim.storage.store import Store, wait_for
from azfiles_sim.wire.api_versions import NEWEST
from azfiles_sim.wire.dates import parse_full_iso_time

KEY_BYTES: Final = 64  # as the service's account keys
EARLIEST: Final = ticks_from_datetime(datetime(1970, 1, 1, tzinfo=UTC))
LATEST: Final = ticks_from_datetime(datetime(9000, 1, 1, tzinfo=UTC))
SettableClock: TypeAlias = OffsetClock | ManualClock


@dataclass(frozen=True, slots=True)
class _Kept:
    """A state to go back to."""

    store: Store
    ids: SeededIds


class Control:
    """Everything that a test may do to a simulator and no client can.

    Safe to use from several threads, also while requests are answered. Where something is not there, LookupError is
    raised; where an argument cannot be used, ValueError; where something is there already, FileExistsError.
    """

    def __init__(self, service: Service, faults: Faulty) -> None:
        self._service = service
        self._faults = faults
        self._beginning = _Kept(service.store.fork(), service.ids.copy())
        self._forks: dict[str, _Kept] = {}

    # --- the whole state -----------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Go back to the beginning: what the store held when the simulator was made, the same ids again, an empty
        journal, and the plan of faults from its beginning. The clock and the named forks stay as they are.
        """
        with self._service.lock:
            self._go_back_to(self._beginning)
            self._service.versions_warned_of.clear()
            self._service.journal.clear()
        self._faults.restart_plan()

    def fork(self, name: str) -> None:
        """Keep the state as it is now under ``name``; a fork of that name is replaced. Takes no time and no space."""
        if not name:
            raise ValueError("a fork needs a name")
        with self._service.lock:
            self._forks[name] = _Kept(self._service.store.fork(), self._service.ids.copy())

    def restore(self, name: str) -> None:
        """Go back to the state that was kept under ``name``, which stays kept. Clock and journal stay as they are."""
        with self._service.lock:
            self._go_back_to(self._fork(name))

    def drop_fork(self, name: str) -> None:
        """Forget a fork."""
        with self._service.lock:
            self._fork(name)
            del self._forks[name]

    def forks(self) -> tuple[str, ...]:
        """The names of the forks that are kept."""
        return tuple(sorted(self._forks))

    def diff(self, before: str | None = None, after: str | None = None) -> tuple[Difference, ...]:
        """What changed from one state to the other: the name of a fork, or ``None``, which is the beginning for
        ``before`` and the state as it is now for ``after``.
        """
        old = self._beginning if before is None else self._fork(before)
        new = self._service.store if after is None else self._fork(after).store
        return differences(old.store.view(), new.view())

    def wait_until_kept(self) -> None:
        """Return once everything done so far is on disk, where the store is; at once where it is in memory."""
        wait_for(self._service.store.pending())

    def _fork(self, name: str) -> _Kept:
        kept = self._forks.get(name)
        if kept is None:
            raise LookupError(f"there is no fork named {name}")
        return kept

    def _go_back_to(self, kept: _Kept) -> None:
        self._service.store.restore(kept.store)
        self._service.ids = kept.ids.copy()

    # --- time and chance -----------------------------------------------------------------------------------------

    @property
    def clock(self) -> SettableClock:
        """The clock, to be advanced or set. Raises ValueError where the simulator was given one that cannot be."""
        clock = self._service.clock
        if not isinstance(clock, (OffsetClock, ManualClock)):
            raise ValueError(f"the clock is a {type(clock).__name__}, which nobody can set")  # noqa: TRY004 - not an argument's type
        return clock

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` go by at once: leases end, signatures expire."""
        _check_instant(self.clock.now() + seconds * TICKS_PER_SECOND)
        self.clock.advance(seconds)

    def set_time(self, instant: datetime | Ticks) -> None:
        """Move to ``instant``, a datetime (UTC where it has no zone) or ticks; the past is allowed."""
        _check_instant(ticks_from_datetime(instant) if isinstance(instant, datetime) else instant)
        self.clock.set(instant)

    def freeze(self) -> None:
        """Let the time stand still. A ManualClock always does."""
        clock = self.clock
        if isinstance(clock, OffsetClock):
            clock.freeze()

    def unfreeze(self) -> None:
        """Let the time run on from where it stands. Raises ValueError for a ManualClock, which never runs."""
        self._running_clock().run()

    def follow_machine(self) -> None:
        """Let the time be the machine's again. Raises ValueError for a ManualClock, which never runs."""
        self._running_clock().follow()

    def _running_clock(self) -> OffsetClock:
        clock = self.clock
        if not isinstance(clock, OffsetClock):
            raise ValueError("a ManualClock never runs: advance it or set it")  # noqa: TRY004 - not an argument's type
        return clock

    def seed(self, seed: int) -> None:
        """Let the made-up ids begin anew from ``seed``, as in a simulator that was just made with it."""
        with self._service.lock:
            begin = self._service.store.ids_begin
            self._service.ids = SeededIds(seed, requests=begin, guids=begin)

    # --- accounts ------------------------------------------------------------------------------------------------

    def accounts(self) -> tuple[Account, ...]:
        """All accounts in the order of their names."""
        return tuple(self._service.store.view().accounts())

    def create_account(
        self,
        name: str | None = None,
        *,
        kind: str = "standard",
        keys: Sequence[bytes] = (),
        soft_delete_days: int | None = None,
    ) -> AccountSpec:
        """Make an account of a test's own, by default with a fresh name and a fresh key. The result holds its keys.

        Raises FileExistsError where the name is taken, AccountsError (a ValueError) where the service would not have
        such an account.
        """
        chosen = name or f"test{secrets.token_hex(8)}"
        spec = AccountSpec(chosen, kind, tuple(keys) or (secrets.token_bytes(KEY_BYTES),), soft_delete_days)
        account = _with_soft_delete(Account(chosen, kind=spec.kind, keys=spec.keys), soft_delete_days)
        with self._service.lock:
            if self._service.store.view().account(chosen) is not None:
                raise FileExistsError(f"the account {chosen} exists already")
            self._service.store.apply((PutAccount(account),))
        return spec

    def set_soft_delete(self, account: str, days: int | None) -> None:
        """How many days a deleted share of the account can be restored, 1 to 365; ``None``: not at all."""
        with self._service.lock:
            found = self._account(account)
            self._service.store.apply((PutAccount(_with_soft_delete(found, days)),))

    def delete_account(self, account: str) -> None:
        """Forget an account with everything in it, whatever is leased or open."""
        with self._service.lock:
            found = self._account(account)
            self._service.store.apply(_all_dropped(self._service.store.view(), found))

    def _account(self, name: str) -> Account:
        found = self._service.store.view().account(name)
        if found is None:
            raise LookupError(f"there is no account named {name}")
        return found

    # --- shares --------------------------------------------------------------------------------------------------

    def plant(self, account: str, share: str, files: Mapping[str, bytes | None]) -> None:
        """Put files into a share by their paths, ``None`` for a directory. Share and directories are made as needed.

        Raises ServiceError where the service's rules refuse it; what was put before that stays.
        """
        self._account(account)
        plant_files(Planting(self._service, account, share), files)

    def export_share(self, account: str, share: str, folder: Path | str, *, snapshot: str | None = None) -> int:
        """Write a share, or its snapshot, into ``folder``, which must be empty or not there yet. Returns the number
        of directories, files and links. What a folder cannot hold stands in its ``manifest.json``.
        """
        view = self._service.store.view()
        found = view.share(account, share)
        if found is None:
            raise LookupError(f"the account {account} has no share named {share}")
        return export_tree(view, _share_or_snapshot(view, found, snapshot), share, Path(folder))

    def import_share(self, account: str, share: str, folder: Path | str, *, replace: bool = False) -> int:
        """Make a share of ``folder``, an exported one or any other. ``replace`` puts the files into a share that is
        there. Returns the number of directories, files and links. No symbolic link is followed: into an NFS share it
        is imported as such, for another one it is a FolderError.
        """
        self._account(account)
        return import_folder(Planting(self._service, account, share), Path(folder), replace=replace)

    # --- faults --------------------------------------------------------------------------------------------------

    @property
    def faults(self) -> Faulty:
        """The plan of mishaps, which can be set, and the diary of those that happened."""
        return self._faults

    # --- the journal and handles ---------------------------------------------------------------------------------

    def journal(
        self, since: int = 0, *, keep: Callable[[Entry], bool] | None = None, limit: int | None = None
    ) -> tuple[tuple[int, Entry], ...]:
        """The requests after number ``since``, with their numbers, oldest first; those that ``keep`` accepts, at
        most ``limit``.
        """
        numbered = self._service.journal.numbered(since)
        kept = numbered if keep is None else tuple(pair for pair in numbered if keep(pair[1]))
        return kept[:limit]

    def handles(self, account: str, share: str) -> tuple[Handle, ...]:
        """The open handles of a share and its snapshots, by ascending id."""
        return tuple(self._service.store.view().handles(account, share))

    def close_handles(self, account: str, share: str, handle_id: int | None = None) -> int:
        """Close one handle of a share, or all of them. Returns how many were open. A file that was marked for deletion
        goes with its last one.
        """
        closed = 0
        for snapshot in {one.snapshot for one in self.handles(account, share)}:
            command = CloseHandles(
                account=account,
                version=NEWEST,
                share=share,
                path=(),
                snapshot=snapshot,
                recursive=True,
                handle_id=handle_id,
            )
            while count := cast("HandlesClosed", carry_out(self._service, command)).closed:  # some at once
                closed += count
        return closed


def _check_instant(ticks: float) -> None:
    """Later instants could not be written any more, and every request would fail."""
    if not EARLIEST <= ticks <= LATEST:
        raise ValueError("the time must stay between the years 1970 and 9000")


def _with_soft_delete(account: Account, days: int | None) -> Account:
    if days is not None and not 1 <= days <= MAX_SOFT_DELETE_DAYS:
        raise ValueError(f"deleted shares are kept for 1 to {MAX_SOFT_DELETE_DAYS} days")
    return replace(account, settings=replace(account.settings, soft_delete_days=days))


def _share_or_snapshot(view: View, share: Share, snapshot: str | None) -> Share | Snapshot:
    if snapshot is None:
        return share
    taken_at = parse_full_iso_time(snapshot)
    found = None if taken_at is None else view.snapshot(share.account, share.name, taken_at)
    if found is None:
        raise LookupError(f"the share {share.name} has no snapshot of {snapshot}")
    return found


def _all_dropped(view: View, account: Account) -> list[Change]:
    """What it takes to forget an account."""
    changes: list[Change] = []
    for share in view.shares(account.name):
        snapshots = view.snapshots(account.name, share.name)
        changes += (DropSnapshot(account.name, share.name, one.snapshot) for one in snapshots)
        changes += _trees_dropped(share, snapshots)
        changes.append(DropShare(account.name, share.name))
        changes.append(HoldName(account.name, share.name, 0))
    for gone in account.deleted_shares:
        changes += _trees_dropped(gone.share, gone.snapshots)
    changes.append(DropAccount(account.name))
    return changes


def _trees_dropped(share: Share, snapshots: Sequence[Snapshot]) -> list[Change]:
    return [*(DropTree(one.tree) for one in snapshots), DropTree(share.tree), DropPermissions(share.tree)]


__all__ = ["Control", "SettableClock"]
