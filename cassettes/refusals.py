"""How sessions tell a refusal."""

from __future__ import annotations

from collections.abc import Callable

import azfiles


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    """The status and code with which a call is refused."""
    try:
        call()
    except azfiles.ServiceError as error:
        return error.status, error.code
    raise AssertionError("it was not refused")
