"""Bearer tokens in development mode: the claims are checked as the service checks them, the signature is not.

Issuer and audience are recorded refusals; the other texts are unverified (u). A token is a secret: no refusal quotes it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final, cast

from azfiles_sim.model.entities import TICKS_PER_SECOND, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.stamps import UNIX_EPOCH_TICKS
from azfiles_sim.wire.api_versions import BEARER_EVERYWHERE_SINCE, BEARER_SINCE
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.headers import parse_guid
from azfiles_sim.wire.identity import DEVELOPMENT, Caller
from azfiles_sim.wire.refusals import authentication_failed, missing_header
from azfiles_sim.wire.sas import Access, Level

INTENT: Final = "x-ms-file-request-intent"
CLOCK_SKEW_S: Final = 5 * 60  # (u) what token validators commonly allow
_WITHOUT_INTENT: Final = "Get User Delegation Key"  # its request has no such header: no official client can send it
_NOT_TAKEN: Final = "This simulator takes no bearer tokens; its development mode takes unsigned ones."


def check_bearer(call: Call, access: Access, token: str) -> Caller:
    """Check a request's token, then whether the operation takes tokens in its version, then the request's intent.

    Raises InvalidAuthenticationInfo (401), AuthenticationFailed or AuthorizationFailure (403), MissingRequiredHeader.
    """
    if call.tokens.mode != DEVELOPMENT:
        raise _refused(_NOT_TAKEN)
    if not call.https:
        # (u) what the service answers; clients refuse to send a token over plain http.
        raise authentication_failed("Bearer tokens are accepted over https only.")
    caller = read_token(token, account=call.account, tenant=call.tokens.tenant, now=call.now)
    if call.version < BEARER_SINCE:
        raise authentication_failed(f"Bearer tokens need the version {BEARER_SINCE} or newer.")  # (u) the code
    if access.level in {Level.SERVICE, Level.SHARE} and call.version < BEARER_EVERYWHERE_SINCE:
        raise ServiceError(Code.AUTHORIZATION_FAILURE, variant="oauth")  # (u) the code; the text is recorded
    if call.operation != _WITHOUT_INTENT and call.headers.get(INTENT, "").lower() != "backup":
        raise missing_header(INTENT)
    return caller


def read_token(token: str, *, account: str, tenant: str | None, now: Ticks) -> Caller:
    """Whom a JSON web token speaks for, or InvalidAuthenticationInfo where a claim does not hold."""
    claims = _claims(token)
    found, user = _guid(claims, "tid"), _guid(claims, "oid")
    if found is None or claims.get("iss") not in _issuers(found) or tenant not in {None, found}:
        raise _refused("Issuer validation failed. Issuer did not match.")
    audience = claims.get("aud")
    if not isinstance(audience, str) or audience.removesuffix("/") not in _audiences(account):
        raise _refused("Audience validation failed. Audience did not match.")
    expires, begins = _instant(claims, "exp"), _instant(claims, "nbf")
    skew = CLOCK_SKEW_S * TICKS_PER_SECOND
    if expires is None:
        raise _refused("Lifetime validation failed. The token has no expiration time.")
    if expires + skew <= now:
        raise _refused("Lifetime validation failed. The token is expired.")
    if "nbf" in claims and (begins is None or begins - skew > now):
        raise _refused("Lifetime validation failed. The token is not yet valid.")
    if user is None:
        raise _refused("The token names no user or application.")
    return Caller(user, found)


def _issuers(tenant: str) -> tuple[str, ...]:
    return f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"


def _audiences(account: str) -> tuple[str, ...]:
    return "https://storage.azure.com", f"https://{account}.file.core.windows.net"


def _claims(token: str) -> Mapping[str, Any]:
    parts = token.strip().split(".")
    if len(parts) == 3:
        try:
            encoded = parts[1].encode("ascii")
            loaded: Any = json.loads(base64.b64decode(encoded + b"=" * (-len(encoded) % 4), b"-_", validate=True))
        except (binascii.Error, ValueError, RecursionError):
            loaded = None
        if isinstance(loaded, dict):
            return cast("dict[str, Any]", loaded)
    raise _refused("The token is no JSON web token.")


def _guid(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return parse_guid(value) if isinstance(value, str) else None


def _instant(claims: Mapping[str, Any], name: str) -> Ticks | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return UNIX_EPOCH_TICKS + value * TICKS_PER_SECOND


def _refused(detail: str) -> ServiceError:
    return ServiceError(Code.INVALID_AUTHENTICATION_INFO, details=(("AuthenticationErrorDetail", detail),))


__all__ = ["CLOCK_SKEW_S", "INTENT", "check_bearer", "read_token"]
