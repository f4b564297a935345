"""The requests that make a deduced world, each with the instant at which it happens.

The world is made through the service's own operations with the clock turned back, so no test reaches into the
simulator's state for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from azfiles_sim.testing.cassettes.instants import SECOND
from azfiles_sim.testing.cassettes.sessions import Headers
from azfiles_sim.testing.cassettes.staging import DirectoryFacts, FileFacts, Path, ShareFacts, World

PIECE = 4 * 1024 * 1024  # the most that one Put Range takes
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the preparation and when it is sent."""

    at: int
    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""


def plan(world: World) -> list[Step]:
    """The preparation in order of time."""
    unknown = min([world.begun, *(at for share in world.shares.values() for at in _instants(share))]) - MINUTE
    steps = [step for name, share in world.shares.items() for step in _share_steps(name, share, unknown)]
    return sorted(steps, key=lambda step: step.at)  # stable: what happens at one instant stays in order


def share_across_origins(at: int) -> Step:
    """Give the account a rule of cross-origin sharing, for an origin that no recording comes from."""
    rule = (
        "<CorsRule><AllowedOrigins>http://elsewhere.example</AllowedOrigins><AllowedMethods>GET</AllowedMethods>"
        "<AllowedHeaders /><ExposedHeaders /><MaxAgeInSeconds>1</MaxAgeInSeconds></CorsRule>"
    )
    body = f"<StorageServiceProperties><Cors>{rule}</Cors></StorageServiceProperties>".encode()
    return Step(at, "PUT", "/?restype=service&comp=properties", body=body)


def _instants(share: ShareFacts) -> list[int]:
    nodes = [node.stamp for node in share.nodes.values() if node.stamp is not None]
    etags = [etag for etag in share.snapshots.values() if etag is not None]
    own = [share.stamp] if share.stamp is not None else []
    return [*own, *nodes, *etags, *share.snapshots]


def _share_steps(name: str, share: ShareFacts, unknown: int) -> list[Step]:
    url = "/" + quote(name)
    steps: list[Step] = []
    born = _births(share, unknown)
    birth = min([*born.values(), *_instants(share)], default=unknown)
    if share.tiered is not None and share.tiered <= birth:
        birth = share.tiered
    elif birth != share.stamp:
        birth -= 1
    steps.append(Step(birth, "PUT", f"{url}?restype=share", share.headers))
    for stamp in sorted({at for at in [*share.snapshots.values(), share.stamp] if at is not None and at != birth}):
        metadata = tuple(pair for pair in share.headers if pair[0].startswith("x-ms-meta-"))
        steps.append(Step(stamp, "PUT", f"{url}?restype=share&comp=metadata", metadata))
    for path, node in sorted(share.nodes.items()):
        steps += _node_steps(url + "/" + "/".join(quote(part, safe="") for part in path), node, born[path])
    steps += [Step(taken, "PUT", f"{url}?restype=share&comp=snapshot") for taken in share.snapshots]
    return steps


def _births(share: ShareFacts, unknown: int) -> dict[Path, int]:
    """When each node is created: early enough for its own ETag and for everything inside it, by an instant each."""
    born: dict[Path, int] = {}
    first_inside: dict[Path, int] = {}
    for path, node in sorted(share.nodes.items(), reverse=True):  # children before their parents
        latest = node.stamp if node.stamp is not None else unknown if share.tiered is None else share.tiered
        if isinstance(node, FileFacts):
            latest -= len(_pieces(node))
        if path in first_inside:
            latest = min(latest, first_inside[path] - 1)
        born[path] = latest
        first_inside[path[:-1]] = min(first_inside.get(path[:-1], latest), latest)
    return born


def _node_steps(url: str, node: FileFacts | DirectoryFacts, born: int) -> list[Step]:
    if isinstance(node, DirectoryFacts):
        steps = [Step(born, "PUT", f"{url}?restype=directory", node.headers)]
        if node.stamp is not None and node.stamp != born:
            steps.append(Step(node.stamp, "PUT", f"{url}?restype=directory&comp=metadata", node.headers))
        return steps
    create = (("x-ms-type", "file"), ("x-ms-content-length", str(node.size)))
    steps = [Step(born, "PUT", url, create + node.headers)]
    for number, (start, data) in enumerate(_pieces(node), start=1):
        write = (("x-ms-write", "update"), ("x-ms-range", f"bytes={start}-{start + len(data) - 1}"))
        steps.append(Step(born + number, "PUT", f"{url}?comp=range", write, data))
    return steps


def _pieces(node: FileFacts) -> list[tuple[int, bytes]]:
    return [
        (start + at, data[at : at + PIECE])
        for start, data in sorted(node.pieces.items())
        for at in range(0, len(data), PIECE)
    ]
