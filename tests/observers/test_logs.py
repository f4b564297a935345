"""Events in the log: how loud, in which words, and with which fields."""

from __future__ import annotations

import json
import logging
from dataclasses import fields

import pytest

import azfiles
from azfiles import observers
from azfiles.observers import (
    CircuitChanged,
    Event,
    LeaseChanged,
    Logging,
    OperationBegan,
    OperationEnded,
    RetryScheduled,
    ThrottlingChanged,
    TransferFailed,
    TransferProgress,
    TryEnded,
)
from azfiles.observers.logs import fields_of, level_of, text_of
from azfiles_sim.messages import Reply

from .watched import World

BASE = {"endpoint": "e", "client_id": "c"}
NAMED = {**BASE, "operation": "Put Range", "call": 1}
ENDED = {
    **NAMED,
    "outcome": "success",
    "status": 201,
    "error_code": "",
    "error_kind": "",
    "duration_s": 0.25,
    "bytes_sent": 1,
    "bytes_received": 0,
    "client_request_id": "i",
    "request_id": "r",
}
REFUSED = {**ENDED, "outcome": "refused", "status": 412, "error_code": "LeaseIdMissing", "error_kind": "LeaseConflict"}
FAILED = {**ENDED, "outcome": "failed", "status": None, "error_kind": "TransportError"}
WHERE = {"method": "PUT", "url_template": "/{share}/{path}"}
SAID = [
    (OperationBegan(**NAMED, **WHERE), "DEBUG", "Put Range began at e"),
    (OperationEnded(**ENDED, tries=1), "DEBUG", "Put Range succeeded in 0.250 s"),
    (OperationEnded(**ENDED, tries=3), "DEBUG", "Put Range succeeded in 0.250 s after 3 tries"),
    (OperationEnded(**REFUSED, tries=1), "INFO", "Put Range was refused in 0.250 s: 412 LeaseIdMissing"),
    (
        OperationEnded(**FAILED, tries=5, reason="all 5 attempts failed"),
        "WARNING",
        "Put Range failed in 0.250 s: TransportError after 5 tries (all 5 attempts failed)",
    ),
    (
        OperationEnded(**{**ENDED, "outcome": "cancelled", "duration_s": None}, tries=1),
        "INFO",
        "Put Range was cancelled",
    ),
    (TryEnded(**FAILED, **WHERE, number=2), "DEBUG", "Put Range, try 2 failed in 0.250 s: TransportError"),
    (
        RetryScheduled(**NAMED, number=1, delay_s=0.5, status=503, error_code="ServerBusy", error_kind="Throttled"),
        "WARNING",
        "Put Range is tried again in 0.500 s: 503 ServerBusy",
    ),
    (
        CircuitChanged(**BASE, former="closed", state="open", era=1),
        "WARNING",
        "the circuit of e is open, after it was closed",
    ),
    (
        CircuitChanged(**BASE, former="open", state="half-open", era=2),
        "INFO",
        "the circuit of e is half-open, after it was open",
    ),
    (LeaseChanged(**BASE, of="file", change="acquired"), "INFO", "a lease of a file was acquired"),
    (LeaseChanged(**BASE, of="share", change="lost", why="expired"), "WARNING", "a lease of a share was lost: expired"),
    (
        ThrottlingChanged(**BASE, former_limit=None, limit=2),
        "WARNING",
        "requests of transfers to e are now limited to 2 at once",
    ),
    (
        ThrottlingChanged(**BASE, former_limit=2, limit=3),
        "INFO",
        "requests of transfers to e are now limited to 3 at once",
    ),
    (
        ThrottlingChanged(**BASE, former_limit=9, limit=None),
        "INFO",
        "requests of transfers to e are now without limit at once",
    ),
    (
        TransferProgress(**BASE, direction="upload", bytes_done=4, bytes_total=9),
        "DEBUG",
        "upload: 4 of 9 bytes",
    ),
    (
        TransferFailed(
            **BASE,
            direction="download",
            bytes_done=4,
            bytes_total=None,
            status=None,
            error_code="",
            error_kind="FileChanged",
        ),
        "WARNING",
        "download failed after 4 bytes: FileChanged",
    ),
]


@pytest.mark.parametrize(("event", "level", "text"), SAID, ids=lambda value: getattr(type(value), "__name__", ""))
def test_each_event_has_its_level_and_its_words(event, level, text):
    assert (logging.getLevelName(level_of(event)), text_of(event)) == (level, text)


def test_every_kind_of_event_is_said_and_one_that_nobody_knows_is_named():
    kinds = {type(event) for event, _, _ in SAID}
    known = {getattr(observers, name) for name in observers.__all__}
    assert kinds == {kind for kind in known if isinstance(kind, type) and issubclass(kind, Event)} - {Event}
    assert (text_of(Event(**BASE)), level_of(Event(**BASE))) == ("event", logging.DEBUG)


@pytest.mark.parametrize("event", [event for event, _, _ in SAID], ids=lambda event: type(event).__name__)
def test_each_field_of_an_event_is_an_attribute_of_the_record_and_fit_for_json(event, caplog):
    with caplog.at_level(logging.DEBUG):
        Logging()(event)
    [record] = caplog.records
    for field in fields(event):
        assert getattr(record, f"azfiles_{field.name}") == getattr(event, field.name)
    assert json.loads(json.dumps(fields_of(event)))["azfiles_event"] == record.azfiles_event
    assert record.azfiles_event.replace("_", "") == type(event).__name__.lower()


def test_what_the_level_of_the_logger_keeps_out_is_not_made(caplog):
    logger = logging.getLogger("mine")
    with caplog.at_level(logging.WARNING):
        share = World(lambda request: Reply(500, "") if "none" in request.target else None).client(Logging(logger))
        share.share("data").get_properties()
        assert caplog.records == []
        with pytest.raises(azfiles.ServerFault):
            share.share("none").with_retry(None).get_properties()
    assert [(record.name, record.azfiles_status) for record in caplog.records] == [("mine", 500)]


def test_it_says_where_it_logs():
    assert repr(Logging()) == "<Logging to azfiles>"
