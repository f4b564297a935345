"""The decisive parts of answers: what a row of docs/coverage.md rests on where no recording is at hand."""

from __future__ import annotations

import pytest

from tests.versions.examples import ask_example, new_world, world_of
from tests.wire.asking import BOM, NEWEST, code, content, header, xml

from .refusals import REFUSALS, Refusal
from .successes import SUCCESSES, Success


@pytest.mark.parametrize("success", SUCCESSES, ids=lambda success: success.number)
def test_an_operation_answers_with_its_status_and_its_decisive_headers(success: Success) -> None:
    reply = ask_example(world_of(success.number), success.number)
    assert (reply.status, reply.reason) == (
        success.status,
        {200: "OK", 201: "Created", 202: "Accepted", 206: "Partial Content"}[success.status],
    )
    assert [name for name in success.shows if header(reply, name) is None] == []
    assert [name for name in success.lacks if header(reply, name) is not None] == []
    assert header(reply, "x-ms-version") == (NEWEST if success.number != "V5" else None)  # a preflight names none
    assert header(reply, "x-ms-request-id")
    assert header(reply, "Server") == "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0"
    if success.document:
        assert (xml(reply).tag, header(reply, "Content-Type")) == (success.document, "application/xml")


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.error)
def test_a_refusal_has_its_status_code_text_and_details(refusal: Refusal) -> None:
    asker = new_world()
    values = {"snapshot": ""}
    for method, target, headers, body in refusal.setup:
        done = asker.ask(method, target.format(**values), *headers, body=body)
        assert done.status < 300, (target, code(done))
        values["snapshot"] = header(done, "x-ms-snapshot") or values["snapshot"]
    asker.advance(refusal.seconds)
    own = dict(refusal.headers)
    version = own.pop("x-ms-version", NEWEST)
    reply = asker.ask(refusal.method, refusal.target.format(**values), *own.items(), body=refusal.body, version=version)
    assert (reply.status, code(reply)) == (refusal.status, refusal.error)
    assert content(reply).startswith(BOM + b'<?xml version="1.0" encoding="utf-8"?><Error><Code>')
    document = xml(reply)
    message, request_id, time = (document.findtext("Message") or "").split("\n")
    assert document.findtext("Code") == refusal.error
    assert message == reply.reason
    assert request_id == f"RequestId:{header(reply, 'x-ms-request-id')}"
    assert time.startswith("Time:2026-05-04T03:02:")
    assert header(reply, "Content-Type") == "application/xml"
    assert header(reply, "Content-Length") == str(len(content(reply)))
    assert not refusal.message or message == refusal.message
    assert [(name, document.findtext(name)) for name, _ in refusal.details] == list(refusal.details)
