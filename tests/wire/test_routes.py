"""Every one of the service's 57 operations is found, and nothing else is."""

from __future__ import annotations

import pytest

from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.routes import ROUTES

from .asking import Asker, code, header, xml

# One request for each operation, by the number in the tables of the service's operations.
EXAMPLES = {
    "V1": ("GET", "/?comp=list", {}),
    "V2": ("GET", "/?restype=service&comp=properties", {}),
    "V3": ("PUT", "/?restype=service&comp=properties", {}),
    "V4": ("POST", "/?restype=service&comp=userdelegationkey", {}),
    "V5": ("OPTIONS", "/data/d/f", {}),
    "H1": ("PUT", "/data?restype=share", {}),
    "H2": ("HEAD", "/data?restype=share", {}),
    "H3": ("DELETE", "/data?restype=share", {}),
    "H4": ("PUT", "/data?restype=share&comp=properties", {}),
    "H5": ("PUT", "/data?comp=metadata&restype=share", {}),
    "H6": ("GET", "/data?restype=share&comp=metadata", {}),
    "H7": ("GET", "/data?restype=share&comp=acl", {}),
    "H8": ("PUT", "/data?restype=share&comp=acl", {}),
    "H9": ("GET", "/data?restype=share&comp=stats", {}),
    "H10": ("PUT", "/data?restype=share&comp=snapshot", {}),
    "H11": ("PUT", "/data?restype=share&comp=undelete", {}),
    "H12": ("PUT", "/data?restype=share&comp=filepermission", {}),
    "H13": ("GET", "/data?restype=share&comp=filepermission", {}),
    "H14": ("PUT", "/data?restype=share&comp=lease", {"x-ms-lease-action": "acquire"}),
    "H15": ("PUT", "/data?restype=share&comp=lease", {"x-ms-lease-action": "renew"}),
    "H16": ("PUT", "/data?restype=share&comp=lease", {"x-ms-lease-action": "change"}),
    "H17": ("PUT", "/data?restype=share&comp=lease", {"x-ms-lease-action": "release"}),
    "H18": ("PUT", "/data?restype=share&comp=lease", {"x-ms-lease-action": "break"}),
    "D1": ("PUT", "/data/d?restype=directory", {}),
    "D2": ("GET", "/data/d?restype=directory", {}),
    "D3": ("DELETE", "/data/d?restype=directory", {}),
    "D4": ("PUT", "/data/d?restype=directory&comp=properties", {}),
    "D5": ("PUT", "/data/d?restype=directory&comp=metadata", {}),
    "D6": ("HEAD", "/data/d?restype=directory&comp=metadata", {}),
    "D7": ("GET", "/data?restype=directory&comp=list", {}),
    "D8": ("GET", "/data/d?comp=listhandles", {"x-ms-recursive": "true"}),
    "D9": ("PUT", "/data?comp=forceclosehandles", {}),
    "D10": ("PUT", "/data/d?restype=directory&comp=rename", {}),
    "F1": ("PUT", "/data/d/f", {}),
    "F2": ("GET", "/data/d/f", {}),
    "F3": ("HEAD", "/data/d/f", {}),
    "F4": ("DELETE", "/data/d/f", {}),
    "F5": ("PUT", "/data/d/f?comp=properties", {}),
    "F6": ("PUT", "/data/d/f?comp=metadata", {}),
    "F7": ("GET", "/data/d/f?comp=metadata", {}),
    "F8": ("PUT", "/data/d/f?comp=range", {"x-ms-write": "update"}),
    "F9": ("PUT", "/data/d/f?comp=range", {"x-ms-write": "Clear"}),
    "F10": ("PUT", "/data/d/f?comp=range", {"x-ms-copy-source": "https://x/y"}),
    "F11": ("GET", "/data/d/f?comp=rangelist", {}),
    "F12": ("GET", "/data/d/f?comp=rangelist&maxresults=5", {}),
    "F13": ("PUT", "/data/d/f", {"x-ms-copy-source": "https://x/y"}),
    "F14": ("PUT", "/data/d/f?comp=copy&copyid=1", {}),
    "F15": ("GET", "/data/d/f?comp=listhandles", {}),
    "F16": ("PUT", "/data/d/f?comp=forceclosehandles", {}),
    "F17": ("PUT", "/data/d/f?comp=lease", {"x-ms-lease-action": "acquire"}),
    "F18": ("PUT", "/data/d/f?comp=lease", {"x-ms-lease-action": "change"}),
    "F19": ("PUT", "/data/d/f?comp=lease", {"x-ms-lease-action": "release"}),
    "F20": ("PUT", "/data/d/f?comp=lease", {"x-ms-lease-action": "break"}),
    "F21": ("PUT", "/data/d/f?comp=rename", {}),
    "F22": ("PUT", "/data/d/f?restype=hardlink", {}),
    "F23": ("PUT", "/data/d/f?restype=symboliclink", {}),
    "F24": ("GET", "/data/d/f?restype=symboliclink", {}),
}


def test_the_table_has_the_57_operations_each_reached_by_a_row() -> None:
    assert len(OPERATIONS) == 57
    assert set(EXAMPLES) == set(OPERATIONS)
    assert {row.number for row in ROUTES} | {"V5"} == set(OPERATIONS)


@pytest.mark.parametrize("number", EXAMPLES)
def test_a_request_reaches_its_operation(number: str) -> None:
    asker = Asker()
    method, target, headers = EXAMPLES[number]
    asker.ask(method, target, *headers.items())
    assert asker.simulator.journal.entries()[-1].operation == OPERATIONS[number].name


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/?comp=list"),
        ("DELETE", "/data/d/f?comp=range"),
        ("PUT", "/data/d/f?comp=rangelist"),
        ("GET", "/data?restype=share&comp=snapshot"),
        ("DELETE", "/data?restype=directory&comp=list"),
        ("PATCH", "/data/d/f"),
        ("DELETE", "/data/d/f?restype=symboliclink"),
    ],
)
def test_a_verb_that_the_resource_has_not_is_405(method: str, target: str) -> None:
    reply = Asker().ask(method, target)
    assert (reply.status, code(reply)) == (405, "UnsupportedHttpVerb")


def test_a_verb_that_is_none_is_400() -> None:
    reply = Asker().ask("FETCH", "/data/d/f")
    assert (reply.status, code(reply)) == (400, "InvalidHttpVerb")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/data/d/f?comp=nonsense", "comp"),
        ("/data?restype=nonsense", "restype"),
        ("/data?restype=share&comp=nonsense", "comp"),
        ("/?restype=container&comp=list", "restype"),
        ("/?comp=blobs", "comp"),
    ],
)
def test_an_unknown_restype_or_comp_is_named(target: str, name: str) -> None:
    reply = Asker().ask("GET", target)
    assert (reply.status, code(reply)) == (400, "InvalidQueryParameterValue")
    assert xml(reply).findtext("QueryParameterName") == name


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("HEAD", "/data", "ResourceNotFound"),
        ("GET", "/data/", "ResourceNotFound"),
        ("PUT", "/data", "InvalidUri"),
        ("GET", "/", "InvalidUri"),
    ],
)
def test_a_path_that_stands_for_nothing_by_itself_is_refused(method: str, target: str, expected: str) -> None:
    """Reading a share's path without restype must not look like a file."""
    reply = Asker().with_share().ask(method, target)
    assert code(reply) == expected


def test_a_trailing_slash_and_other_letter_cases_of_restype_and_comp_are_tolerated() -> None:
    asker = Asker().with_share()
    assert asker.ask("GET", "/data/?restype=Directory&comp=LIST").status == 200
    assert asker.ask("GET", "/data/d/?restype=directory").status == 200


def test_a_head_error_has_no_body_and_is_chunked() -> None:
    reply = Asker().ask("HEAD", "/data?restype=share")
    assert (reply.status, reply.reason) == (404, "The specified share does not exist.")
    assert (header(reply, "Transfer-Encoding"), reply.body) == ("chunked", ())
    assert header(reply, "Content-Type") is None
