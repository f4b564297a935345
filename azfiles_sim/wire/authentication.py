"""Who is asking: Shared Key, a shared access signature, a bearer token, or nobody."""

from __future__ import annotations

from typing import Final

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.addressing import Located
from azfiles_sim.wire.api_versions import BEARER_EVERYWHERE_SINCE, BEARER_SINCE
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.refusals import authentication_failed, missing_header
from azfiles_sim.wire.sas import Access, Circumstances, Granted, Level, check_sas
from azfiles_sim.wire.sharedkey import SCHEMES, check_shared_key

INTENT: Final = "x-ms-file-request-intent"


def authenticate(call: Call, access: Access, *, accept_bearer: bool) -> None:
    """Check the request's credential, and that it is good for the operation; notes on the call what it grants.

    Raises 401 or 403 with the service's codes. Nobody: 401 NoAuthenticationInformation, whatever the version (u: old
    versions answered 404 ResourceNotFound, the border is not recorded).
    """
    authorization = call.headers.get("authorization")
    if authorization:
        scheme, _, credential = authorization.partition(" ")
        scheme = scheme.lower()
        if scheme in SCHEMES:
            check_shared_key(call, scheme, credential)
            call.covers_account = True
        elif scheme == "bearer":
            _check_bearer(call, access, credential, accept_bearer=accept_bearer)
            call.covers_account = True
        else:
            raise authentication_failed("The scheme of the Authorization header is not known.")
    elif "sig" in call.query:
        where = Circumstances(
            call.view, call.account, call.keys, call.segments, call.now, call.https, call.connection.peer
        )
        granted = check_sas(call.query, access, where)
        call.overrides = granted.overrides
        call.create_only = "c" in granted.letters and "w" not in granted.letters
    else:
        raise ServiceError(Code.NO_AUTHENTICATION_INFORMATION)


def check_source_sas(call: Call, access: Access, source: Located) -> Granted:
    """Check the SAS in a source URL, under the circumstances of the request that names it."""
    where = Circumstances(
        call.view, source.account, source.keys, source.segments, call.now, call.https, call.connection.peer
    )
    return check_sas(source.query, access, where)


def _check_bearer(call: Call, access: Access, token: str, *, accept_bearer: bool) -> None:
    """Bearer tokens are not verified: they are refused, or any plausible one is accepted where the simulator was
    told so; then over https only, with a version that has them, and with the request's intent.
    """
    if not accept_bearer or not token.strip():
        raise ServiceError(
            Code.INVALID_AUTHENTICATION_INFO,
            details=(
                (
                    "AuthenticationErrorDetail",
                    "This simulator verifies no bearer tokens; it can be told to accept them.",
                ),
            ),
        )
    if not call.https:
        # (u) what the service answers; clients refuse to send a token over plain http.
        raise authentication_failed("Bearer tokens are accepted over https only.")
    if call.version < BEARER_SINCE:
        raise authentication_failed(f"Bearer tokens need the version {BEARER_SINCE} or newer.")  # (u) the code
    if access.level in {Level.SERVICE, Level.SHARE} and call.version < BEARER_EVERYWHERE_SINCE:
        raise ServiceError(Code.AUTHORIZATION_FAILURE, variant="oauth")  # (u) the code; the text is recorded
    if call.headers.get(INTENT, "").lower() != "backup":
        raise missing_header(INTENT)
