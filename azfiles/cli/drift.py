"""What ``azfiles cassette verify`` found, as text, JSON or JUnit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias
from xml.etree import ElementTree as ET

from azfiles_sim.testing.cassettes.verifying import Drift, Verdict

_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_text(verdicts: Sequence[Verdict], unread: Mapping[str, str]) -> str:  # noqa: ARG001 - told on stderr
    """A line for each cassette, and below it one for each difference."""
    return "\n".join(line for verdict in verdicts for line in _lines(verdict)) + "\n"


def as_json(verdicts: Sequence[Verdict], unread: Mapping[str, str]) -> str:
    """``{"drift": number, "cassettes": [{"path", "behaviour", "requests", "drift": [...]}], "unread": {path: why}}``"""
    document = {
        "drift": sum(len(verdict.drift) for verdict in verdicts),
        "cassettes": [
            {
                "path": verdict.path,
                "behaviour": verdict.behaviour,
                "requests": len(verdict.requests),
                "drift": [_plain(one) for one in verdict.drift],
            }
            for verdict in verdicts
        ],
        "unread": dict(unread),
    }
    return json.dumps(document, indent=2) + "\n"


def as_junit(verdicts: Sequence[Verdict], unread: Mapping[str, str]) -> str:
    """A suite for each cassette, a case for each request, a failure where it drifted; an error where it was not read."""
    root = ET.Element("testsuites", name="azfiles cassette verify")
    for verdict in verdicts:
        root.append(_suite(verdict))
    for path, why in unread.items():
        suite = ET.SubElement(root, "testsuite", name=_clean(path))
        case = ET.SubElement(suite, "testcase", classname=_clean(path), name="the whole cassette")
        ET.SubElement(case, "error", message=_clean(why), type="unread")
        _count(suite, suite.iter("testcase"))
    _count(root, root.iter("testcase"))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


Format: TypeAlias = Callable[[Sequence[Verdict], Mapping[str, str]], str]
"""Takes what was judged, and of what could not be read its path and why."""

FORMATS: Final[Mapping[str, Format]] = {"text": as_text, "json": as_json, "junit": as_junit}


def _lines(verdict: Verdict) -> Iterable[str]:
    count = len(verdict.requests)
    asked = f"{count} request{'s' if count != 1 else ''}"
    if not verdict.drift:
        yield f"{verdict.path}: {asked}, no drift"
        return
    drifted = len({one.interaction for one in verdict.drift})
    yield f"{verdict.path}: drift in {drifted} of {asked}"
    for one in verdict.drift:
        yield f"  {_place(one)}: {one}" if one.interaction else f"  {one}"


def _place(one: Drift) -> str:
    return f"#{one.interaction} {one.request}"


def _plain(one: Drift) -> dict[str, object]:
    return {
        "interaction": one.interaction,
        "request": one.request,
        "field": one.field,
        "recorded": one.recorded,
        "simulated": one.simulated,
        "problem": one.problem,
    }


def _suite(verdict: Verdict) -> ET.Element:
    suite = ET.Element("testsuite", name=_clean(verdict.path))
    cases = list(enumerate(verdict.requests, 1))
    if any(one.interaction == 0 for one in verdict.drift):
        cases.insert(0, (0, "what the recording takes for granted"))
    for number, request in cases:
        name = f"#{number} {request}" if number else request
        case = ET.SubElement(suite, "testcase", classname=_clean(verdict.path), name=_clean(name))
        found = [one for one in verdict.drift if one.interaction == number]
        if found:
            fields = ", ".join(dict.fromkeys(one.field for one in found))
            failure = ET.SubElement(case, "failure", message=_clean(f"drift in {fields}"), type="drift")
            failure.text = _clean("\n".join(map(str, found)))
    _count(suite, suite.iter("testcase"))
    return suite


def _count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    found = list(cases)
    element.set("tests", str(len(found)))
    element.set("failures", str(sum(case.find("failure") is not None for case in found)))
    element.set("errors", str(sum(case.find("error") is not None for case in found)))


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold at all."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


__all__ = ["FORMATS", "as_json", "as_junit", "as_text"]
