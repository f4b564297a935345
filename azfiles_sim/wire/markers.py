"""Continuation markers: where the next page of a list begins.

A list of names or handles says ``1!<length>!<base64 of the name, = written as ->``; a list of shares says
``/<account>/<share>``.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from azfiles_sim.wire.refusals import bad_query

_MARKER: Final = re.compile(r"1!([0-9]{1,9})!([A-Za-z0-9+/_-]+)", re.ASCII)


def encode_marker(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii").replace("=", "-")
    return f"1!{len(encoded)}!{encoded}"


def decode_marker(marker: str) -> str:
    """The name in a marker. (u) a marker that the service did not make: 400 InvalidQueryParameterValue."""
    match = _MARKER.fullmatch(marker)
    if match is None or int(match[1]) != len(match[2]):
        raise bad_query("marker", marker)
    try:
        return base64.b64decode(match[2].replace("-", "="), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise bad_query("marker", marker) from None


def share_marker(account: str, name: str) -> str:
    return f"/{account}/{name}"


def decode_share_marker(account: str, marker: str) -> str:
    """The share name in a marker of List Shares. (u) of another form or account: 400 InvalidQueryParameterValue."""
    prefix = f"/{account}/"
    if not marker.startswith(prefix) or len(marker) == len(prefix):
        raise bad_query("marker", marker)
    return marker[len(prefix) :]


__all__ = ["decode_marker", "decode_share_marker", "encode_marker", "share_marker"]
