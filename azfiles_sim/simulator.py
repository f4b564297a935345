"""The simulated service as one object: accounts, a clock, a store, and ``handle``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from azfiles_sim.accounts import DEFAULT_ACCOUNTS, AccountSpec, refuse_duplicates
from azfiles_sim.clock import Clock, ManualClock, OffsetClock
from azfiles_sim.control import Control
from azfiles_sim.faults.backstage import SimulatorBackstage
from azfiles_sim.faults.faulty import AnyPlan, Faulty
from azfiles_sim.ids import SeededIds
from azfiles_sim.journal import DEFAULT_LIMIT, Journal
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, RequestLike
from azfiles_sim.model.changes import Change, PutAccount, PutHandles
from azfiles_sim.model.commands import GetFileProperties
from azfiles_sim.model.deciding import find_place
from azfiles_sim.model.entities import Account, ByteLock, Handle, Sharing, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.quirks import TODAY, Quirks
from azfiles_sim.pipeline import Service, serve
from azfiles_sim.storage.memory import MemoryStore
from azfiles_sim.storage.store import Store, wait_for
from azfiles_sim.wire.api_versions import NEWEST
from azfiles_sim.wire.dates import parse_full_iso_time
from azfiles_sim.wire.headers import parse_guid
from azfiles_sim.wire.identity import MODES, REFUSED, TokenRules

_FIRST_HANDLE: Final = 21_000_000_001
_SESSION: Final = 9_385_737_614_310_506_553


class Simulator:
    """A simulated Azure Files service.

    ``accounts`` are by default the one account that every Azure emulator has. ``clock`` is read once for each request.
    ``store`` keeps the state, by default in memory; accounts that it already has keep what is theirs. ``seed`` decides
    request ids, lease ids and the like. ``strict_versions`` refuses API versions newer than the newest known.
    ``bearer`` is ``refused`` or ``development``: then bearer tokens are taken whose issuer, audience and times hold,
    signed by whomever or nobody; with ``tenant`` (a GUID) those of this tenant only. ``quirks`` are ways in which the
    service once behaved otherwise. Without ``range_md5`` a write's reply has no Content-MD5 unless the request has
    one: that hash takes most of the time of a large write. ``journal_limit`` is how many requests the journal remembers.
    """

    def __init__(
        self,
        accounts: Sequence[AccountSpec] | None = None,
        *,
        clock: Clock | None = None,
        store: Store | None = None,
        seed: int = 0,
        strict_versions: bool = False,
        quirks: Quirks = TODAY,
        range_md5: bool = True,
        bearer: str = REFUSED,
        tenant: str | None = None,
        journal_limit: int = DEFAULT_LIMIT,
        faults: AnyPlan | None = None,
    ) -> None:
        specs = tuple(DEFAULT_ACCOUNTS if accounts is None else accounts)
        refuse_duplicates(specs)
        if bearer not in MODES:
            raise ValueError(f"bearer is one of {', '.join(MODES)}")
        if tenant is not None:
            tenant = parse_guid(tenant) or tenant  # in the spelling that a token's tenant is compared in
        kept = MemoryStore() if store is None else store
        service = Service(
            store=kept,
            clock=OffsetClock() if clock is None else clock,
            ids=SeededIds(seed, requests=kept.ids_begin, guids=kept.ids_begin),
            journal=Journal(journal_limit),
            quirks=quirks,
            strict_versions=strict_versions,
            range_md5=range_md5,
            tokens=TokenRules(bearer, tenant, SeededIds(seed).secret("user delegation keys")),
        )
        _open_accounts(service.store, specs)
        self._begin(service, specs)
        self._faults.plan = faults

    def _begin(self, service: Service, accounts: tuple[AccountSpec, ...]) -> None:
        self._service = service
        self._given = accounts
        self._faults = Faulty(
            self.handle_without_faults, None, clock=service.clock, backstage=SimulatorBackstage(service)
        )
        self._control = Control(service, self._faults)

    def handle(self, request: RequestLike, connection: Connection = IN_PROCESS) -> Reply | Dropped:
        """Answer one request. A plain call that may be made from several threads; it never raises for what a request
        says. The reply's body is views of what is stored: nothing is copied, and nothing changes them later.
        """
        if self._faults.plan is None:
            return self.handle_without_faults(request, connection)
        return self._faults.handle(request, connection)

    def handle_without_faults(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply:
        """``handle`` for one who carries out the plan of ``faults`` himself, as a server does."""
        return serve(self._service, request, connection)

    @property
    def clock(self) -> Clock:
        return self._service.clock

    @property
    def accounts(self) -> tuple[AccountSpec, ...]:
        """The accounts that there are: first those that the simulator was made with, then others by their names."""
        found = {account.name: account for account in self._control.accounts()}
        given = [found.pop(spec.name) for spec in self._given if spec.name in found]
        return tuple(
            AccountSpec(one.name, one.kind, one.keys, one.settings.soft_delete_days)
            for one in (*given, *found.values())
        )

    @property
    def journal(self) -> Journal:
        """The newest requests and how they were answered, without credentials."""
        return self._service.journal

    @property
    def control(self) -> Control:
        """What a test may do and no client can: named forks, time, accounts of its own, shares as folders."""
        return self._control

    @property
    def faults(self) -> Faulty:
        """The plan of mishaps, which can be set, and the diary of those that happened."""
        return self._faults

    @property
    def hashes_bodies(self) -> bool:
        """Whether all that is written is hashed, and not only where a request sends a hash to compare with."""
        return self._service.range_md5

    @property
    def is_on_disk(self) -> bool:
        """Whether the state is kept on disk: ``handle`` may then wait for it, and ``close`` ends it well."""
        return hasattr(self._service.store, "close")

    def close(self) -> None:
        """Close the store, where the state is on disk. Nothing can be asked afterwards."""
        close = getattr(self._service.store, "close", None)
        if close is not None:
            close()

    def reset(self) -> None:
        """Go back to the state at the beginning: what the store held when the simulator was made, the same ids
        again, an empty journal, and the plan of faults from its beginning. The clock stays as it is.
        """
        self._control.reset()

    def fork(self) -> Simulator:
        """Another simulator that begins with this one's state and lives on apart; takes no time, whatever the size.

        It gives out the ids that this one would, meets the faults that this one would, and has copies of journal and
        diary. A clock that can be set is copied; another one is shared.
        """
        service = self._service
        clock = service.clock
        with service.lock:
            forked = Service(
                store=service.store.fork(),
                clock=_copied(clock),
                ids=service.ids.copy(),
                journal=service.journal.copy(),
                quirks=service.quirks,
                strict_versions=service.strict_versions,
                range_md5=service.range_md5,
                tokens=service.tokens,
            )
        other = Simulator.__new__(Simulator)
        other._begin(forked, self._given)  # noqa: SLF001 - another object of this very class
        self._faults.copy_to(other.faults)
        return other

    def open_handle(
        self,
        account: str,
        share: str,
        path: str = "",
        *,
        handle_id: int | None = None,
        session_id: int = _SESSION,
        client_ip: str = "127.0.0.1:50000",
        client_name: str | None = None,
        access_rights: Sequence[str] = (),
        snapshot: str | None = None,
        access: Iterable[str] = (),
        share_mode: Iterable[str] = ("read", "write", "delete"),
        delete_pending: bool = False,
        locks: Iterable[tuple[int, int] | tuple[int, int, bool]] = (),
    ) -> int:
        """Plant an SMB handle, as if a client had the file or directory at ``path`` open; the empty path is the root
        directory. ``snapshot`` is the share snapshot that it is open in, as ``x-ms-snapshot`` names it. Returns the
        handle's id. The REST operations list and close it.

        ``access`` is what the client does with the file and ``share_mode`` what it lets others do, both of the words
        ``read``, ``write`` and ``delete``; a REST operation that needs more answers SharingViolation.
        ``delete_pending`` marks the file, so that it answers DeletePending until its last handle is closed and it goes.
        ``locks`` are byte ranges, start and inclusive end, exclusive unless a third item is false: FileLockConflict.

        Raises LookupError where there is no such account, share, snapshot or path; ValueError for an id in use, a
        snapshot that is no instant or a word that is none.
        """
        service = self._service
        with service.lock:
            view = service.store.view()
            taken_at = _instant_of(snapshot)
            file_id, parent_id = self._find(account, share, path, taken_at)
            handles = tuple(view.handles(account, share))
            taken = {handle.handle_id for handle in handles}
            if handle_id is None:
                handle_id = max(taken, default=_FIRST_HANDLE - 1) + 1
            elif handle_id in taken:
                raise ValueError(f"the handle {handle_id} is open already")
            opened = Handle(
                handle_id=handle_id,
                path=path.strip("/"),
                file_id=file_id,
                parent_id=parent_id,
                session_id=session_id,
                client_ip=client_ip,
                opened=service.clock.now(),
                client_name=client_name,
                access_rights=tuple(access_rights) or tuple(Sharing(word).value.capitalize() for word in access),
                snapshot=taken_at,
                share_mode=tuple(map(Sharing, share_mode)),
                delete_pending=delete_pending,
                locks=tuple(ByteLock(lock[0], lock[1], bool(lock[2]) if len(lock) == 3 else True) for lock in locks),
            )
            ordered = tuple(sorted((*handles, opened), key=lambda handle: handle.handle_id))
            service.store.apply((PutHandles(account, share, ordered),))
            pending = service.store.pending()
        wait_for(pending)
        return handle_id

    def _find(self, account: str, share: str, path: str, snapshot: Ticks | None) -> tuple[int, int]:
        """File id and parent id of a path."""
        segments = tuple(part for part in path.split("/") if part)
        command = GetFileProperties(account=account, version=NEWEST, share=share, path=segments, snapshot=snapshot)
        try:
            node = find_place(self._service.store.view(), command).node
        except ServiceError as refusal:
            raise LookupError(refusal.code.value) from None
        if not segments:
            return 0, 0
        if node is None:
            raise LookupError(Code.RESOURCE_NOT_FOUND.value)
        return node.file_id, node.parent_id

    def __repr__(self) -> str:
        names = ", ".join(spec.name for spec in self._given)
        return f"<Simulator of {names}>"


def _copied(clock: Clock) -> Clock:
    """A clock of the same time that is set apart from this one, where it can be set."""
    if isinstance(clock, ManualClock):
        return ManualClock(clock.now())
    return clock.copy() if isinstance(clock, OffsetClock) else clock


def _instant_of(snapshot: str | None) -> Ticks | None:
    if snapshot is None:
        return None
    instant = parse_full_iso_time(snapshot)
    if instant is None:
        raise ValueError(f"not a snapshot's instant: {snapshot}")
    return instant


def _open_accounts(store: Store, accounts: Sequence[AccountSpec]) -> None:
    """Put the accounts into the store. One that is there keeps its ETags and its shares, and its settings too where
    nothing is said of them.
    """
    view = store.view()
    changes: list[Change] = []
    for spec in accounts:
        found = view.account(spec.name)
        account = found or Account(spec.name)
        account = replace(account, kind=spec.kind, keys=spec.keys)
        if spec.soft_delete_days is not None:
            account = replace(account, settings=replace(account.settings, soft_delete_days=spec.soft_delete_days))
        if account != found:
            changes.append(PutAccount(account))
    if changes:
        store.apply(changes)
        wait_for(store.pending())


__all__ = ["Simulator"]
