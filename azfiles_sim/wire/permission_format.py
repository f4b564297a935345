"""Permissions in their two formats: SDDL text as it is, a binary security descriptor in base64."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from azfiles_sim.model.descriptors import Malformed, NotConvertible, to_binary, to_text
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.sddl import has_custom_entries
from azfiles_sim.wire import gaps
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.headers import choice_header
from azfiles_sim.wire.refusals import not_built

PERMISSION_FORMAT: Final = "x-ms-file-permission-format"
_FORMATS: Final = ("Sddl", "Binary")


def asks_for_binary(call: Call) -> bool:
    """Whether the request's header says that permissions are binary; InvalidHeaderValue for an unknown format."""
    return choice_header(call, PERMISSION_FORMAT, _FORMATS) == "Binary"


def read_sddl(text: str) -> str:
    """A permission as its sender spelt it; the model checks it. What only the binary form can say is no SDDL."""
    if has_custom_entries(text):
        raise ServiceError(Code.FILE_INVALID_PERMISSION)
    return text


def read_binary(text: str) -> str:
    """The text under which a binary permission is kept. (u) one that is malformed: 400 FileInvalidPermission."""
    try:
        return to_text(base64.b64decode(text, validate=True))
    except (Malformed, binascii.Error, ValueError):
        raise ServiceError(Code.FILE_INVALID_PERMISSION) from None


def write_sddl(text: str) -> str:
    """The SDDL of a stored permission. Documented: not where entries are custom. (u) which are: those with conditions or
    attributes, and all that SDDL has no kind for.
    """
    if has_custom_entries(text):
        raise ServiceError(Code.CANNOT_CONVERT_TO_SDDL_DUE_TO_CUSTOM_ACE)
    return text


def write_binary(call: Call, text: str) -> str:
    """The binary form of a stored permission."""
    try:
        return base64.b64encode(to_binary(text)).decode("ascii")
    except NotConvertible:
        raise not_built(gaps.PERMISSION_TO_BINARY, call.operation) from None


__all__ = ["PERMISSION_FORMAT", "asks_for_binary", "read_binary", "read_sddl", "write_binary", "write_sddl"]
