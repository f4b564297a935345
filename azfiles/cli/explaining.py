"""A signature, or a failing request, in words: what is allowed, until when, and why the service does not take it."""

from __future__ import annotations

from datetime import datetime

from azfiles.cli.captures import Capture
from azfiles.cli.explaining_requests import explain_request
from azfiles.cli.explaining_sas import explain_sas
from azfiles.cli.explanations import Explanation
from azfiles.credentials import SharedKey
from azfiles.errors import InvalidArgument


def explain(capture: Capture, key: SharedKey | None, now: datetime) -> Explanation:
    """What can be said of a text. ``key`` is the account key in use, which tells whether a signature is its own. Raises
    ``InvalidArgument`` where there is neither a signature nor a refused request in it.
    """
    token = capture.signature
    if token is not None:
        return explain_sas(capture, token, key, now)
    if capture.is_refused or capture.header("authorization"):
        return explain_request(capture, key)
    raise InvalidArgument(
        "there is neither a shared access signature (it has sv and sig) in it nor a request that was refused; "
        "a URL with a signature, the output of curl -v, or an error of azfiles is expected"
    )


__all__ = ["explain"]
