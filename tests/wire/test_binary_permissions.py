"""Permissions in binary format: Create and Get Permission, and the header of files and directories."""

from __future__ import annotations

import base64
import json

import pytest

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


def test_entries_that_are_not_plain_are_a_declared_gap_in_both_directions() -> None:
    asker = Asker().with_share()
    entry_of_object = KNOWN.replace(bytes.fromhex("01001400a9"), bytes.fromhex("05001400a9"))
    body = json.dumps({"permission": base64.b64encode(entry_of_object).decode(), "format": "binary"}).encode()
    key = key_of(asker, permission="O:DAG:SYD:(A;;FA;;;SY)")
    for reply in (
        asker.ask("PUT", TARGET, body=body),
        asker.ask("GET", TARGET, ("x-ms-file-permission-key", key), BINARY),
    ):
        assert (reply.status, code(reply)) == (501, "NotImplemented")
        assert "plain ones" in reply.reason
