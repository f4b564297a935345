"""A simulator with something to look at, and its inspector behind a socket or as a plain call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import azfiles
from azfiles_sim import ManualClock
from azfiles_sim.accounts import AccountSpec
from azfiles_sim.inspector import InspectedSimulator, Inspector
from azfiles_sim.journal import Entry
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, Request
from azfiles_sim.model.changes import DropNode, PutNode
from azfiles_sim.model.entities import File
from azfiles_sim.server import ServedSimulator, serve_in_thread
from azfiles_sim.server.guarding import make_guard
from azfiles_sim.storage.memory import MemoryStore, MemoryView
from azfiles_sim.testing.cassettes.beside import open_beside

TOKEN = "a-token-of-the-tests-0123456789"
ACCOUNT = "devstoreaccount1"
HOSTILE = "<script>alert('pwned')&&\u202etxt.exe"
"""A file's name that wants to be markup, and to be read backwards. The service takes none with such letters; the page does
not count on that.
"""

HOST = "127.0.0.1:10005"


@dataclass
class Stage:
    """One simulator and the inspector of it."""

    acts: bool = True
    simulator: InspectedSimulator = field(default_factory=lambda: InspectedSimulator(clock=ManualClock(), seed=7))

    def __post_init__(self) -> None:
        guard, _ = make_guard(TOKEN)
        self.inspector = Inspector(self.simulator, guard, acts=self.acts, open_cassette=open_beside)

    def connect(self, **options: Any) -> azfiles.ServiceClient:
        return azfiles.connect(self.simulator.handle, clock=self.simulator.clock, seed=1, **options)

    def send(
        self,
        method: str,
        target: str,
        *,
        body: object = None,
        headers: Sequence[tuple[str, str]] = (("Authorization", f"Bearer {TOKEN}"),),
        host: str = HOST,
        connection: Connection = IN_PROCESS,
    ) -> Reply:
        """Ask the inspector, as a page of its own would."""
        data = () if body is None else (json.dumps(body).encode(),)
        return self.inspector.handle(Request(method, target, (("Host", host), *headers), data), connection)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask one of its routes; what is told, as JSON. Fails where it is refused."""
        reply = self.send(method, f"/_azfiles/v1{path}", body=body)
        told = json.loads(b"".join(reply.body))
        assert reply.status < 400, told
        return told

    @contextmanager
    def served(self) -> Iterator[ServedSimulator]:
        """The inspector behind a socket."""
        with serve_in_thread(_Behind(self.inspector)) as served:
            yield served


@dataclass
class _Behind:
    """What can be served: a handler."""

    inspector: Inspector
    accounts: Sequence[AccountSpec] = (AccountSpec("inspector", keys=(b"none",)),)

    def handle(self, request: Request, connection: Connection = IN_PROCESS, /) -> Reply | Dropped:
        return self.inspector.handle(request, connection)


def furnish(stage: Stage) -> None:
    """Two shares with what there may be in one: ranges, metadata, snapshots, leases, handles, a policy, a bad name."""
    simulator = stage.simulator
    clock = simulator.control.clock
    simulator.control.create_account("archive", kind="premium", soft_delete_days=7)
    with stage.connect() as service:
        share = service.share("reports")
        share.create(metadata={"team": "numbers"})
        for name in ("2025", "2026", "drafts"):
            share.directory(name).create()
        july = share.directory("2026").file("july.parquet")
        july.create(1 << 20, metadata={"source": "till 7", "password": "abc"})
        for start, size in ((0, 4096), (98304, 65536), (262144, 131072), (524288, 4096), (786432, 180224)):
            july.put_range(start, b"\x5a" * size)
            clock.advance(0.731)
        for number in range(1, 7):
            share.directory("2026").file(f"{number:02}-invoices.csv").upload(b"id;sum\n1;18\n" * number * 40)
            clock.advance(12.204)
        share.directory("drafts").file("odd.txt").upload(
            b"<b>no markup</b>", metadata={"note": "<img src=x onerror=x>"}
        )
        name_badly(stage)
        share.create_snapshot()
        share.file("october.txt").upload(b"sold: 18\n")
        july.acquire_lease()
        share.acquire_lease(60)
        service.share("logs").create()
        simulator.open_handle(ACCOUNT, "reports", "2026/july.parquet", client_name="desk-4", access=("read", "write"))


def name_badly(stage: Stage) -> None:
    """Give ``drafts/odd.txt`` a name that no request could give it."""
    share = stage.simulator.view.share(ACCOUNT, "reports")
    directory = stage.simulator.view.child(share.tree, 0, "DRAFTS")
    [odd] = stage.simulator.view.children(share.tree, directory.file_id)
    changes = DropNode(share.tree, directory.file_id, "ODD.TXT"), PutNode(share.tree, replace(odd, name=HOSTILE))
    stage.simulator._service.store.apply(changes)


def fill_directory(stage: Stage, entries: int) -> None:
    """A directory with very many files, put into the store as they would lie there."""
    with stage.connect() as service:
        service.share("wide").create()
        service.share("wide").directory("many").create()
        service.share("wide").directory("many").file("first.bin").create(512)
    simulator = stage.simulator
    share = simulator.view.share(ACCOUNT, "wide")
    directory = simulator.view.child(share.tree, 0, "MANY")
    [first] = simulator.view.children(share.tree, directory.file_id)
    assert isinstance(first, File)
    maps = simulator.view.maps()  # a tree at once: a change for each would take three times as long
    [(key, tree)] = [(key, tree) for key, tree in maps["trees"].items() if (directory.file_id, "FIRST.BIN") in tree]
    for number in range(1, entries):
        node = replace(first, name=f"part-{number:06}.bin", file_id=first.file_id + number)
        tree = tree.set((directory.file_id, node.name.upper()), node)
    filled = MemoryView.of(maps | {"trees": maps["trees"].set(key, tree)})
    simulator._service.store.restore(MemoryStore(filled))


def fill_journal(stage: Stage, requests: int) -> None:
    """Entries of requests that nobody sent; every ninth was refused."""
    now = stage.simulator.now
    for number in range(requests):
        refused = number % 9 == 8
        stage.simulator.journal.append(
            Entry(
                f"{number:08x}-0000-0000-0000-000000000000",
                now + number * 20_000,
                "GET" if number % 3 else "PUT",
                f"/{ACCOUNT}/reports/2026/{number % 400:03}-invoices.csv?comp=range&timeout=30",
                ACCOUNT,
                "Get File" if number % 3 else "Put Range",
                "2026-10-06",
                404 if refused else 200,
                "ResourceNotFound" if refused else "",
            )
        )


def drifted_cassette(folder: Path) -> Path:
    """A recording to which the simulator answers otherwise at three places: it was changed by hand."""
    text = (Path(__file__).parents[2] / "cassettes" / "leases.yaml").read_text(encoding="utf-8")
    said = "There is currently a lease on the file share and no lease ID was specified in the request."
    for recorded, drifted in (
        (said, "The file share is leased."),
        ("x-ms-lease-time:\n      - '1'", "x-ms-lease-time:\n      - '7'"),
    ):
        assert recorded in text
        text = text.replace(recorded, drifted)
    path = folder / "drifted.yaml"
    path.write_text(text, encoding="utf-8")
    return path
