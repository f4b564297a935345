"""Copy File, Abort Copy and Rename: operations with a source in a header."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_plus

from azfiles_sim.model.commands import AbortCopy, CopyFile, CopySource, Rename
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.results import CopyStarted, DirectoryResult, Done, FileResult
from azfiles_sim.wire.addressing import Located, locate
from azfiles_sim.wire.api_versions import COPY_SOURCE_DETAIL_SINCE
from azfiles_sim.wire.authentication import check_source_sas
from azfiles_sim.wire.bearer import read_token
from azfiles_sim.wire.call import Answer, Call
from azfiles_sim.wire.dates import parse_full_iso_time
from azfiles_sim.wire.errors import describe
from azfiles_sim.wire.headers import bool_header, choice_header, guid_header, guid_query, read_metadata, required
from azfiles_sim.wire.identity import DEVELOPMENT
from azfiles_sim.wire.paths import source_path, target_path, written_headers
from azfiles_sim.wire.refusals import bad_header
from azfiles_sim.wire.sas import PARAMETERS, Access, Level
from azfiles_sim.wire.shares import stamp_headers
from azfiles_sim.wire.smb import COPY_WORDS, PERMISSION, PERMISSION_KEY, SET_WORDS, read_nfs, read_smb

COPY_SOURCE: Final = "x-ms-copy-source"
SOURCE_AUTHORIZATION: Final = "x-ms-copy-source-authorization"
COPY_MODE: Final = "x-ms-file-permission-copy-mode"
RENAME_SOURCE: Final = "x-ms-file-rename-source"
MAX_SOURCE_URL: Final = 2048
_COPY_MODES: Final = ("source", "override")

_READ_SOURCE: Final = Access(Level.FILE, "o", "r", "r")
# (u) which letter a rename needs on its source: it takes the name away, so delete or write is asked for.
_RENAME_SOURCE: Final = {
    True: Access(Level.DIRECTORY, "o", "dw", "dw"),
    False: Access(Level.FILE, "o", "dw", "dw"),
}


def read_copy(call: Call) -> CopyFile:
    """Copy File. The source must be readable: by the account's key where it lies in the same account, else by the
    SAS in its URL.
    """
    source = read_copy_source(call)
    from_source = choice_header(call, COPY_MODE, _COPY_MODES) == "source"
    if from_source and (call.headers.get(PERMISSION) or call.headers.get(PERMISSION_KEY)):
        raise bad_header(COPY_MODE, call.headers[COPY_MODE])
    return CopyFile(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        source=source,
        source_url=without_credentials(call.headers[COPY_SOURCE]),
        metadata=read_metadata(call),
        smb=read_smb(call, COPY_WORDS),
        nfs=read_nfs(call),
        mode_from_source=choice_header(call, "x-ms-file-mode-copy-mode", _COPY_MODES) == "source",
        owner_from_source=choice_header(call, "x-ms-file-owner-copy-mode", _COPY_MODES) == "source",
        permission_from_source=from_source,
        ignore_read_only=bool_header(call, "x-ms-file-copy-ignore-readonly"),
        set_archive=bool_header(call, "x-ms-file-copy-set-archive"),
    )


def read_copy_source(call: Call, *, takes_token: bool = False) -> CopySource:
    """The source in ``x-ms-copy-source``, which the caller may read (see ``read_copy``); where the operation takes a
    bearer token for it, with that, too.
    """
    url = required(call, COPY_SOURCE)
    if len(url) > MAX_SOURCE_URL or "://" not in url:
        raise bad_header(COPY_SOURCE, url)
    located = locate(url, call.view)
    if located is None:
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE)
    if len(located.segments) < 2:
        raise bad_header(COPY_SOURCE, url)
    _check_copy_source(call, located, call.headers.get(SOURCE_AUTHORIZATION) if takes_token else None)
    snapshot = None
    if located.query.get("sharesnapshot"):
        snapshot = parse_full_iso_time(located.query["sharesnapshot"])
        if snapshot is None:
            raise bad_header(COPY_SOURCE, url)
    return CopySource(
        account=located.account,
        share=located.segments[0],
        path=source_path(call, located.segments[1:]),
        snapshot=snapshot,
    )


def _check_copy_source(call: Call, source: Located, authorization: str | None) -> None:
    bare = "sig" not in source.query and authorization is None
    if bare and call.covers_account and source.account == call.account:
        return
    refusal = ServiceError(Code.NO_AUTHENTICATION_INFORMATION)
    if "sig" in source.query or authorization is not None:
        try:
            if authorization is None:
                check_source_sas(call, _READ_SOURCE, source)
            else:
                _check_source_token(call, authorization, source)
        except ServiceError as error:
            refusal = error
        else:
            return
    if call.version < COPY_SOURCE_DETAIL_SINCE:
        raise ServiceError(Code.CANNOT_VERIFY_COPY_SOURCE)
    status, text = describe(refusal)
    raise ServiceError(
        Code.CANNOT_VERIFY_COPY_SOURCE,
        variant="403" if status == 403 else "401",
        details=(
            ("CopySourceStatusCode", str(status)),
            ("CopySourceErrorCode", refusal.code.value),
            ("CopySourceErrorMessage", text),
        ),
    )


def _check_source_token(call: Call, authorization: str, source: Located) -> None:
    """Check the bearer token for a source as one for its own account. Raises InvalidAuthenticationInfo."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or call.tokens.mode != DEVELOPMENT:
        raise ServiceError(Code.INVALID_AUTHENTICATION_INFO)
    read_token(token, account=source.account, tenant=call.tokens.tenant, now=call.now)


def without_credentials(url: str) -> str:
    """A source URL without the parameters of its SAS."""
    base, mark, query = url.partition("?")
    kept = [piece for piece in query.split("&") if unquote_plus(piece.partition("=")[0]).lower() not in PARAMETERS]
    return f"{base}?{'&'.join(kept)}" if mark and any(kept) else base


def render_copy(_call: Call, result: CopyStarted) -> Answer:
    headers = stamp_headers(result.file.stamp)
    copy = result.file.copy
    if copy is not None:
        headers += (("x-ms-copy-id", copy.copy_id), ("x-ms-copy-status", copy.status))
    return Answer(202, headers)


def read_abort(call: Call) -> AbortCopy:
    """Abort Copy. A ``copyid`` that is no GUID is refused before the file is looked up."""
    copy_id = guid_query(call, "copyid")
    required(call, "x-ms-copy-action")
    choice_header(call, "x-ms-copy-action", ("abort",))
    return AbortCopy(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        lease_id=guid_header(call, "x-ms-lease-id"),
        copy_id=copy_id,
    )


def render_abort(_call: Call, _result: Done) -> Answer:
    return Answer(204)


def read_rename_file(call: Call) -> Rename:
    return _read_rename(call, directory=False)


def read_rename_directory(call: Call) -> Rename:
    return _read_rename(call, directory=True)


def _read_rename(call: Call, *, directory: bool) -> Rename:
    """Rename. (u) a source in another account: 400 InvalidHeaderValue."""
    url = required(call, RENAME_SOURCE)
    located = locate(_complete(call, url), call.view)
    if located is None or located.account != call.account or len(located.segments) < 2:
        raise bad_header(RENAME_SOURCE, url)
    if not call.covers_account:
        _check_rename_source(call, located, directory=directory)
    replace = bool_header(call, "x-ms-file-rename-replace-if-exists")
    ignore_read_only = bool_header(call, "x-ms-file-rename-ignore-readonly")
    return Rename(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        directory=directory,
        source_share=located.segments[0],
        source=source_path(call, located.segments[1:]),
        replace=replace,
        ignore_read_only=ignore_read_only,
        source_lease_id=guid_header(call, "x-ms-source-lease-id"),
        destination_lease_id=guid_header(call, "x-ms-destination-lease-id"),
        metadata=read_metadata(call),
        smb=read_smb(call, SET_WORDS),
        content_type=None if directory else call.headers.get("x-ms-content-type"),
    )


def _complete(call: Call, url: str) -> str:
    """The JavaScript SDK's source in path style may lack the account, as its target does; then the request's own
    account is meant.
    """
    if locate(url, call.view) is not None or "://" not in url:
        return url
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    return f"{scheme}://{authority}/{call.account}/{path}"


def _check_rename_source(call: Call, source: Located, *, directory: bool) -> None:
    """A SAS must be in the source's URL as well, else 403 AuthorizationFailure."""
    if "sig" not in source.query:
        raise ServiceError(Code.AUTHORIZATION_FAILURE)
    check_source_sas(call, _RENAME_SOURCE[directory], source)


def render_renamed(call: Call, result: DirectoryResult | FileResult) -> Answer:
    node = result.directory if isinstance(result, DirectoryResult) else result.file
    return Answer(200, written_headers(node, call.version))
