"""Permissions in binary format: Create and Get Permission, and the header of files and directories."""

from __future__ import annotations

import base64
import json

import pytest

from azfiles_sim.model.descriptors import to_text
from tests.model.test_descriptors import KNOWN, KNOWN_TEXT

from .asking import CREATE, Asker, code, content, header

TARGET = "/data?restype=share&comp=filepermission"
BINARY = ("x-ms-file-permission-format", "Binary")
ENCODED = base64.b64encode(KNOWN).decode()


def key_of(asker: Asker, **body: str) -> str:
    reply = asker.ask("PUT", TARGET, body=json.dumps(body).encode())
    assert reply.status == 201
    return header(reply, "x-ms-file-permission-key") or ""


def test_one_descriptor_has_one_key_in_either_format_and_comes_back_in_both() -> None:
    asker = Asker().with_share()
    key = key_of(asker, permission=ENCODED, format="binary")
    assert key == key_of(asker, permission=KNOWN_TEXT) == key_of(asker, permission=KNOWN_TEXT, format="Sddl")
    asked = ("x-ms-file-permission-key", key)
    assert json.loads(content(asker.ask("GET", TARGET, asked))) == {"permission": KNOWN_TEXT}
    reply = asker.ask("GET", TARGET, asked, BINARY)
    assert json.loads(content(reply)) == {"permission": ENCODED, "format": "binary"}
    assert header(reply, "Content-Type") is None


def test_a_file_takes_a_binary_permission_in_its_header() -> None:
    asker = Asker().with_share()
    made = asker.ask("PUT", "/data/g", *CREATE, BINARY, ("x-ms-file-permission", ENCODED))
    text = asker.ask("PUT", "/data/h", *CREATE, ("x-ms-file-permission", KNOWN_TEXT))
    assert made.status == text.status == 201
    assert header(made, "x-ms-file-permission-key") == header(text, "x-ms-file-permission-key")
    assert asker.ask("PUT", "/data/i", *CREATE, BINARY, ("x-ms-file-permission", "Inherit")).status == 201


@pytest.mark.parametrize("permission", ["AQ==", "not base64", KNOWN_TEXT])
def test_what_is_no_binary_descriptor_is_400(permission: str) -> None:
    asker = Asker().with_share()
    for reply in (
        asker.ask("PUT", TARGET, body=json.dumps({"permission": permission, "format": "Binary"}).encode()),
        asker.ask("PUT", "/data/g", *CREATE, BINARY, ("x-ms-file-permission", permission)),
    ):
        assert (reply.status, code(reply)) == (400, "FileInvalidPermission")


def test_an_unknown_format_is_400() -> None:
    reply = Asker().with_share().ask("PUT", "/data/g", *CREATE, ("x-ms-file-permission-format", "Xml"))
    assert (reply.status, code(reply)) == (400, "InvalidHeaderValue")


CONDITION = KNOWN.replace(bytes.fromhex("01001400a9"), bytes.fromhex("09001400a9"))
"""The known descriptor with its second entry of the kind that has a condition (none, here)."""


@pytest.mark.evidence(error="CannotConvertToSddlDueToCustomAce", source="document:file-service-error-codes")
def test_an_entry_that_sddl_cannot_say_is_kept_and_told_in_binary_form_only() -> None:
    asker = Asker().with_share()
    encoded = base64.b64encode(CONDITION).decode()
    asked = ("x-ms-file-permission-key", key_of(asker, permission=encoded, format="binary"))
    assert json.loads(content(asker.ask("GET", TARGET, asked, BINARY)))["permission"] == encoded
    reply = asker.ask("GET", TARGET, asked)
    assert (reply.status, code(reply)) == (400, "CannotConvertToSddlDueToCustomAce")
    assert reply.reason == "Permissions can't be converted to SDDL due to the presence of custom ACE in the ACLs."


def test_a_child_inherits_an_entry_that_sddl_cannot_say() -> None:
    asker = Asker().with_share()
    inheritable = CONDITION.replace(bytes.fromhex("09001400a9"), bytes.fromhex("09031400a9"))
    permission = ("x-ms-file-permission", base64.b64encode(inheritable).decode())
    assert asker.ask("PUT", "/data/p?restype=directory", BINARY, permission).status == 201
    made = asker.ask("PUT", "/data/p/f", *CREATE)
    asked = ("x-ms-file-permission-key", header(made, "x-ms-file-permission-key") or "")
    told = base64.b64decode(json.loads(content(asker.ask("GET", TARGET, asked, BINARY)))["permission"])
    assert bytes.fromhex("09101400a9") in told  # inherited, and not handed on


def test_the_spelling_in_which_such_entries_are_kept_is_no_sddl() -> None:
    asker = Asker().with_share()
    kept = to_text(CONDITION)
    for reply in (
        asker.ask("PUT", TARGET, body=json.dumps({"permission": kept}).encode()),
        asker.ask("PUT", "/data/g", *CREATE, ("x-ms-file-permission", kept)),
    ):
        assert (reply.status, code(reply)) == (400, "FileInvalidPermission")


def test_entries_of_objects_are_the_same_in_both_formats() -> None:
    asker = Asker().with_share()
    text = "O:BAG:SYD:(OA;CI;RP;ab721a53-1e2f-11d0-9819-00aa0040529b;bf967aba-0de6-11d0-a285-00aa003049e2;SY)S:NO_ACCESS_CONTROL"
    asked = ("x-ms-file-permission-key", key_of(asker, permission=text))
    encoded = json.loads(content(asker.ask("GET", TARGET, asked, BINARY)))["permission"]
    other = ("x-ms-file-permission-key", key_of(asker, permission=encoded, format="binary"))
    told = json.loads(content(asker.ask("GET", TARGET, other)))["permission"]
    assert told == text.replace(";RP;", ";0x10;")
