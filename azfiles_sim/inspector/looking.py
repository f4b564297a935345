"""What the page asks beside what the control interface has: a table of routes and one small function for each."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Final, cast

from azfiles_sim.clock import ManualClock, OffsetClock
from azfiles_sim.faults import DiaryEntry, script_of
from azfiles_sim.inspector.cassettes import Cassettes, OpenCassette
from azfiles_sim.inspector.exchanges import Exchange
from azfiles_sim.inspector.leases import MOST_LEASES, Held, Leases
from azfiles_sim.inspector.places import MOST_ITEMS, Places, Spot
from azfiles_sim.inspector.scrubbing import Scrubber
from azfiles_sim.inspector.telling import Teller
from azfiles_sim.inspector.watching import InspectedSimulator
from azfiles_sim.server.asked import Asked, Json, Route
from azfiles_sim.server.guarding import Refused
from azfiles_sim.wire.dates import iso_time

MOST_DIARY: Final = 2000
"""So many entries of the diary are told at once, the newest ones."""

_SPOT: Final = ("account", "share", "snapshot", "path")


class Looking:
    """Answers the page's own routes for one simulator."""

    def __init__(self, simulator: InspectedSimulator, open_cassette: OpenCassette, *, acts: bool) -> None:
        self._acts = acts
        self._simulator = simulator
        self._scrubber = Scrubber()
        self._teller = Teller(self._scrubber)
        self._places = Places()
        self._leases = Leases()
        self._cassettes = Cassettes(open_cassette, self._scrubber)

    def routes(self) -> tuple[Route, ...]:
        """The endpoints that change nothing in the simulator."""
        return (
            Route("GET", "/look/state", self._state),
            Route("GET", "/look/children", self._children, query=(*_SPOT, "start", "count")),
            Route("GET", "/look/position", self._position, query=(*_SPOT, "name")),
            Route("GET", "/look/place", self._place, query=_SPOT),
            Route("GET", "/look/leases", self._all_leases),
            Route("GET", "/look/exchanges/*", self._exchange),
            Route("GET", "/look/diary", self._diary, query=("since",)),
            Route("GET", "/look/cassette", self._cassette),
            Route("PUT", "/look/cassette", self._open_cassette, body=("path", "name", "text")),
            Route("GET", "/look/cassette/*", self._interaction),
        )

    def acting_routes(self) -> tuple[Route, ...]:
        """Those that change something."""
        return (Route("PUT", "/look/plan", self._load_plan, body=("text",)),)

    def _state(self, _asked: Asked) -> Json:
        """What tells the page whether to ask for more."""
        simulator = self._simulator
        clock, journal = simulator.clock, simulator.journal
        return {
            "acts": self._acts,
            "state": simulator.state_number(),
            "journal": journal.last_number,
            "now": iso_time(clock.now()),
            "frozen": clock.frozen if isinstance(clock, OffsetClock) else isinstance(clock, ManualClock),
            "settable": isinstance(clock, (OffsetClock, ManualClock)),
            "runs": isinstance(clock, OffsetClock),
            "plan": simulator.faults.plan is not None,
            "begun": simulator.faults.begun,
            "calls": simulator.faults.calls,
        }

    def _children(self, asked: Asked) -> Json:
        start, count = _whole(asked, "start", 0), _whole(asked, "count", MOST_ITEMS)
        return self._places.page(self._simulator.view, _spot(asked), start, count)

    def _position(self, asked: Asked) -> Json:
        at, exact = self._places.position(self._simulator.view, _spot(asked), asked.query.get("name", ""))
        return {"at": at, "exact": exact}

    def _place(self, asked: Asked) -> Json:
        now = self._simulator.now
        return {"now": iso_time(now), **self._teller.tell(self._simulator.view, now, _spot(asked))}

    def _all_leases(self, _asked: Asked) -> Json:
        now = self._simulator.now
        found = self._leases.find(self._simulator.view)
        told = [self._held(held, now) for held in found[:MOST_LEASES]]
        return {"now": iso_time(now), "leases": told, "total": len(found)}

    def _held(self, held: Held, now: int) -> Json:
        return {**held.spot._asdict(), "kind": held.kind, "lease": self._teller.lease(held.lease, now)}

    def _exchange(self, asked: Asked) -> Json:
        number = _number(asked.path[0], "a request's number")
        entries = self._simulator.journal.numbered(number - 1)
        if not entries or entries[0][0] != number:
            raise LookupError("request and reply are forgotten: the simulator keeps the newest")
        request_id = entries[0][1].request_id
        later = sum(entry.request_id == request_id for _, entry in entries[1:])
        exchange = self._simulator.exchanges.find(request_id, later)
        if exchange is None:
            raise LookupError(
                "request and reply are not kept: newer ones needed the room, or a fault led past (skew_clock)"
            )
        return {**self._scrubber.exchange(exchange), "faults": self._faults_of(exchange)}

    def _faults_of(self, exchange: Exchange) -> list[str]:
        """What the diary has of this client request id: a client may have heard nothing of a reply that stands here."""
        name = next((value for key, value in exchange.headers if key.lower() == "x-ms-client-request-id"), "")
        return [entry.line for entry in self._simulator.faults.diary if name and entry.name == name]

    def _diary(self, asked: Asked) -> Json:
        since = _whole(asked, "since", 0)
        entries = [entry for entry in self._simulator.faults.diary if entry.number > since][-MOST_DIARY:]
        return {
            "entries": [_diary_told(one) for one in entries],
            "calls": self._simulator.faults.calls,
        }

    def _load_plan(self, asked: Asked) -> Json:
        text = cast("str", asked.text("text"))
        try:
            document: object = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(400, f"the plan is neither JSON nor TOML: {error}") from None
        self._simulator.faults.plan = script_of(document)
        return {}

    def _cassette(self, _asked: Asked) -> Json:
        return self._cassettes.summary()

    def _open_cassette(self, asked: Asked) -> Json:
        if "path" in asked.body:
            return self._cassettes.open_path(Path(cast("str", asked.text("path"))))
        return self._cassettes.open_text(cast("str", asked.text("name")), cast("str", asked.text("text")))

    def _interaction(self, asked: Asked) -> Json:
        return self._cassettes.interaction(_number(asked.path[0], "an interaction"))


def _diary_told(entry: DiaryEntry) -> Json:
    return {
        "number": entry.number,
        "name": entry.name,
        "request": entry.request,
        "fault": str(entry.outcome),
        "at": iso_time(entry.at),
        "after": entry.after,
    }


def _spot(asked: Asked) -> Spot:
    return Spot(*(asked.query.get(name, "") for name in _SPOT))


def _whole(asked: Asked, name: str, default: int) -> int:
    text = asked.query.get(name)
    return default if text is None else _number(text, name)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Refused(400, f"{name} must be a whole number")
    return int(text)


__all__ = ["MOST_DIARY", "Looking"]
