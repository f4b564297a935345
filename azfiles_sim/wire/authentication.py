"""Who is asking: Shared Key, a shared access signature, a bearer token, or nobody."""

from __future__ import annotations

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.addressing import Located
from azfiles_sim.wire.bearer import check_bearer
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.refusals import authentication_failed
from azfiles_sim.wire.sas import Access, Granted, check_sas
from azfiles_sim.wire.sharedkey import SCHEMES, check_shared_key


def authenticate(call: Call, access: Access) -> None:
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
            call.caller = check_bearer(call, access, credential)
            if "sig" in call.query and "sduoid" in call.query:
                _check_own_sas(call, access)  # a SAS for this very user grants less than the token does
            else:
                call.covers_account = True
        else:
            raise authentication_failed("The scheme of the Authorization header is not known.")
    elif "sig" in call.query:
        _check_own_sas(call, access)
    else:
        raise ServiceError(Code.NO_AUTHENTICATION_INFORMATION)


def _check_own_sas(call: Call, access: Access) -> None:
    granted = check_sas(call.query, access, call, call)
    call.overrides = granted.overrides
    call.create_only = "c" in granted.letters and "w" not in granted.letters


def check_source_sas(call: Call, access: Access, source: Located) -> Granted:
    """Check the SAS in a source URL, under the circumstances of the request that names it."""
    return check_sas(source.query, access, call, source)
