"""Whether a live request is signed with a key, as the service would check it. What is recorded holds no signature."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

from azfiles.cassette.addresses import parse_target
from azfiles.cassette.interactions import as_recorded
from azfiles.cassette.matching import describe, key_of
from azfiles.core.sharedkey import sign, string_to_sign
from azfiles.credentials import SharedKey
from azfiles.errors import CassetteError
from azfiles.messages import Request

_ACCOUNT_FIELDS = ("sp", "ss", "srt", "st", "se", "sip", "spr", "sv")
_SERVICE_FIELDS = ("si", "sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct")
_ENCRYPTION_SCOPE_SINCE = "2020-12-06"


def check_signature(request: Request, key: SharedKey) -> None:
    """Raise ``CassetteError`` where the request has no signature of this key: of Shared Key, or of a shared access
    signature for the account, a share or a file. A signature that the key cannot judge, such as one in a user's name,
    counts as none.
    """
    header = next((value for name, value in request.headers if name.lower() == "authorization"), "")
    query = dict(parse_target(request.origin, request.target, account=key.account).query)
    if header.startswith("SharedKey "):
        account, _, given = header.removeprefix("SharedKey ").partition(":")
        text = string_to_sign(request.method, request.target, request.headers, key.account)
        problem = "" if account == key.account else "it is signed for another account"
    elif not header and "sig" in query and "skoid" not in query:
        given = query["sig"]
        text = _account_text(query, key.account) if "ss" in query else _service_text(request, query, key.account)
        problem = ""
    else:
        given, text, problem = "", "", "it has no signature that an account key can verify"
    if not problem and not hmac.compare_digest(_bytes_of(given), _bytes_of(sign(key, text))):
        problem = "its signature is not what the key gives"
    if problem:
        raise CassetteError(f"{describe(key_of(as_recorded(request)))}: {problem}")


def _account_text(query: Mapping[str, str], account: str) -> str:
    lines = [account, *(query.get(name, "") for name in _ACCOUNT_FIELDS)]
    if query.get("sv", "") >= _ENCRYPTION_SCOPE_SINCE:
        lines.append(query.get("ses", ""))
    return "\n".join(lines) + "\n"


def _service_text(request: Request, query: Mapping[str, str], account: str) -> str:
    path = parse_target(request.origin, request.target, account=account).path
    resource = path.partition("/")[0] if query.get("sr") == "s" else path
    head = [query.get(name, "") for name in ("sp", "st", "se")]
    return "\n".join((*head, f"/file/{account}/{resource}", *(query.get(name, "") for name in _SERVICE_FIELDS)))


def _bytes_of(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except ValueError:
        return b""


__all__ = ["check_signature"]
