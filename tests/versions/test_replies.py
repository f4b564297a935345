"""Both sides of every gate: what the version before it does, and what its own does. A gate without a probe fails."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Final

import pytest

from azfiles_sim import Connection, Request
from azfiles_sim.wire.api_versions import GATES, KNOWN, SMB_OPTIONAL_SINCE
from tests.wire.asking import (
    ACCOUNT,
    CREATE,
    KEY,
    NEWEST,
    START,
    Asker,
    code,
    content,
    detail,
    encode,
    header,
    sign,
)
from tests.wire.test_bearer import KEY_TARGET, TENANT, WEEK, delegated, developing, key_of, send

from .examples import MANDATORY, SOURCE, ask_example, delete_softly, new_world

_WORLD_SID: Final = bytes([1, 1, 0, 0, 0, 0, 0, 1]) + struct.pack("<I", 0)
DESCRIPTOR: Final = struct.pack("<BBHIIII", 1, 0, 0x8004, 20, 20 + len(_WORLD_SID), 0, 0) + _WORLD_SID * 2
"""A security descriptor in its self-relative binary form: everybody is owner and group, and may do anything."""

Probe = Callable[[str], bool]
"""Whether the thing that a gate turns on is seen in a version."""

PROBES: Final[dict[str, Probe]] = {}


def probe(name: str) -> Callable[[Probe], Probe]:
    def add(function: Probe) -> Probe:
        PROBES[name] = function
        return function

    return add


def shows(number: str, text: str, version: str) -> bool:
    """Whether an example's reply has this header, or this text in its body."""
    reply = ask_example(new_world(), number, version=version)
    assert reply.status < 300
    return header(reply, text) is not None or text.encode() in content(reply)


@probe("SMB_SINCE")
def shows_smb_properties_and_demands_them(version: str) -> bool:
    shown = shows("F3", "x-ms-file-id", version)
    asker = new_world()
    created = asker.ask("PUT", "/data/x", *CREATE, version=version)
    demanded = shown and version < SMB_OPTIONAL_SINCE
    assert (created.status, code(created)) == ((400, "MissingRequiredHeader") if demanded else (201, None))
    assert shows("D2", "x-ms-file-id", version) is shown
    return shown


@probe("SMB_OPTIONAL_SINCE")
def takes_creations_without_smb_properties(version: str) -> bool:
    made = []
    for method, target, headers in (
        ("PUT", "/data/x", CREATE),
        ("PUT", "/data/y?restype=directory", ()),
        ("PUT", "/data/d/f?comp=properties", ()),
        ("PUT", "/data/d?restype=directory&comp=properties", ()),
    ):
        reply = new_world().ask(method, target, *headers, version=version)
        assert code(reply) in {None, "MissingRequiredHeader"}
        made.append(reply.status < 300)
        assert new_world().ask(method, target, *headers, *MANDATORY, version=version).status < 300
    assert len(set(made)) == 1
    return made[0]


@probe("CLIENT_REQUEST_ID_ECHO_SINCE")
def echoes_the_client_request_id(version: str) -> bool:
    reply = ask_example(new_world(), "V1", ("x-ms-client-request-id", "mine"), version=version)
    return header(reply, "x-ms-client-request-id") == "mine"


@probe("FILE_LEASE_HEADERS_SINCE")
def shows_the_lease_of_a_file(version: str) -> bool:
    return shows("F2", "x-ms-lease-state", version)


@probe("SHARE_LEASE_HEADERS_SINCE")
def shows_the_lease_of_a_share(version: str) -> bool:
    shown = shows("H2", "x-ms-lease-state", version)
    assert shows("V1", "<LeaseState>", version) is shown
    return shown


@probe("ACCESS_TIER_SINCE")
def shows_the_access_tier_of_a_share(version: str) -> bool:
    shown = shows("H2", "x-ms-access-tier", version)
    assert shows("V1", "<AccessTier>", version) is shown
    return shown


@probe("LAST_WRITE_ON_PUT_RANGE_SINCE")
def answers_the_last_write_time_of_a_range(version: str) -> bool:
    shown = shows("F8", "x-ms-file-last-write-time", version)
    assert shows("F9", "x-ms-file-last-write-time", version) is shown
    return shown


@probe("LISTING_IDS_SINCE")
def lists_ids_that_are_asked_for(version: str) -> bool:
    # The question is a header of the same version; the version before it is asked without.
    asked = (("x-ms-file-extended-info", "true"),) if version >= "2020-10-02" else ()
    return b"<FileId>" in content(ask_example(new_world(), "D7", *asked, version=version))


@probe("LISTING_IDS_UNASKED_SINCE")
def lists_ids_unasked(version: str) -> bool:
    return shows("D7", "<FileId>", version)


@probe("ENCODED_NAMES_SINCE")
def encodes_names_that_xml_cannot_hold(version: str) -> bool:
    asker = new_world()
    assert asker.ask("PUT", "/data/d/a%EF%BF%BF", *CREATE).status == 201
    listed = content(asker.ask("GET", "/data/d?restype=directory&comp=list", version=version))
    return b'<Name Encoded="true">a%EF%BF%BF</Name>' in listed


@probe("ENCRYPTION_SCOPE_IN_LISTS_SINCE")
def lists_the_encryption_scope(version: str) -> bool:
    return shows("V1", "<DefaultEncryptionScope>", version)


@probe("HANDLES_FAILED_SINCE")
def counts_the_handles_that_could_not_be_closed(version: str) -> bool:
    shown = shows("D9", "x-ms-number-of-handles-failed", version)
    assert shows("F16", "x-ms-number-of-handles-failed", version) is shown
    return shown


@probe("HANDLE_ACCESS_RIGHTS_SINCE")
def lists_access_rights_of_handles(version: str) -> bool:
    return shows("F15", "<AccessRight>", version)


@probe("HANDLE_CLIENT_NAME_SINCE")
def lists_client_names_of_handles(version: str) -> bool:
    return shows("F15", "<ClientName>", version)


@probe("COPY_SOURCE_DETAIL_SINCE")
def quotes_the_refusing_source_of_a_copy(version: str) -> bool:
    source = ("x-ms-copy-source", SOURCE.replace(ACCOUNT, "otheraccount"))
    reply = ask_example(new_world(), "F13", source, version=version)
    assert code(reply) == "CannotVerifyCopySource"
    return detail(reply, "CopySourceErrorCode") == "NoAuthenticationInformation"


@probe("INCLUDE_DELETED_SINCE")
def lists_deleted_shares(version: str) -> bool:
    asker = new_world()
    delete_softly(asker)
    reply = asker.ask("GET", "/?comp=list&include=deleted", version=version)
    assert (reply.status, code(reply)) in {(200, None), (400, "InvalidQueryParameterValue")}
    return b"<Deleted>true</Deleted>" in content(reply)


_MULTICHANNEL: Final = "<SMB><Multichannel><Enabled>true</Enabled></Multichannel></SMB>"
_ENCRYPTION: Final = "<NFS><EncryptionInTransit><Required>true</Required></EncryptionInTransit></NFS>"


def takes_and_shows(protocols: str, version: str) -> bool:
    """Whether service properties of a version have these protocol settings, sent and answered."""
    document = f"<StorageServiceProperties><ProtocolSettings>{protocols}</ProtocolSettings></StorageServiceProperties>"
    asker = new_world()
    taken = asker.ask("PUT", "/?restype=service&comp=properties", body=document.encode(), version=version)
    assert (taken.status, code(taken)) in {(202, None), (400, "UnsupportedXmlNode")}
    assert asker.ask("PUT", "/?restype=service&comp=properties", body=document.encode()).status == 202
    shown = protocols in content(asker.ask("GET", "/?restype=service&comp=properties", version=version)).decode()
    assert shown is (taken.status == 202)
    return shown


@probe("PROTOCOL_SETTINGS_SINCE")
def has_protocol_settings(version: str) -> bool:
    return takes_and_shows(_MULTICHANNEL, version)


@probe("ENCRYPTION_IN_TRANSIT_SINCE")
def has_encryption_in_transit(version: str) -> bool:
    return takes_and_shows(_ENCRYPTION, version)


@probe("DELEGATED_TENANT_SINCE")
def gives_keys_for_users_of_another_tenant(version: str) -> bool:
    body = WEEK.format(more=f"<DelegatedUserTid>{TENANT}</DelegatedUserTid>").encode()
    reply = send(developing(), "POST", KEY_TARGET, body=body, version=version)
    assert (reply.status, code(reply)) in {(200, None), (400, "UnsupportedXmlNode")}
    return reply.status == 200


@probe("DELEGATION_SAS_SINCE")
def takes_a_user_delegation_sas(version: str) -> bool:
    asker = developing()
    reply = asker.with_sas("GET", "/data/d/f", delegated(key_of(asker), sv=version))
    assert (reply.status, code(reply)) in {(200, None), (403, "AuthenticationFailed")}
    return reply.status == 200


@probe("CREATE_WITH_DATA_SINCE")
def creates_files_with_data(version: str) -> bool:
    create = (("x-ms-type", "file"), ("x-ms-content-length", "4"))
    reply = new_world().ask("PUT", "/data/new", *create, body=b"abcd", version=version)
    assert (reply.status, code(reply)) in {(201, None), (400, "InvalidHeaderValue")}
    return reply.status == 201


@probe("PROVISIONING_CODES_SINCE")
def refuses_what_is_out_of_bounds_by_codes_of_its_own(version: str) -> bool:
    own = []
    for name, low, error in (
        ("x-ms-share-quota", "31", "FileShareProvisionedStorageInvalid"),
        ("x-ms-share-provisioned-iops", "499", "FileShareProvisionedIopsInvalid"),
        ("x-ms-share-provisioned-bandwidth-mibps", "59", "FileShareProvisionedBandwidthInvalid"),
    ):
        reply = new_world(kind="provisioned").ask("PUT", "/new?restype=share", (name, low), version=version)
        assert reply.status == 400
        assert (code(reply), detail(reply, "HeaderName")) in {(error, ""), ("InvalidHeaderValue", name)}
        own.append(code(reply) == error)
    for name, high, low, error in (
        ("x-ms-share-provisioned-iops", "3000", "2000", "FileShareProvisionedIopsDowngradeNotAllowed"),
        ("x-ms-share-provisioned-bandwidth-mibps", "200", "100", "FileShareProvisionedBandwidthDowngradeNotAllowed"),
    ):
        asker, target = new_world(kind="provisioned"), "/data?restype=share&comp=properties"
        assert asker.ask("PUT", target, (name, high), version=version).status == 200
        reply = asker.ask("PUT", target, (name, low), version=version)
        assert reply.status == 409
        assert code(reply) in {error, "ContainerQuotaDowngradeNotAllowed"}
        own.append(code(reply) == error)
    assert len(set(own)) == 1
    return own[0]


@probe("NFS_SINCE")
def shows_what_an_nfs_share_has(version: str) -> bool:
    reply = new_world("NFS").ask("HEAD", "/data/d/f", version=version)
    assert reply.status == 200
    shown = {header(reply, name) is not None for name in ("x-ms-mode", "x-ms-owner", "x-ms-group", "x-ms-link-count")}
    assert len(shown) == 1
    return shown.pop()


@probe("INCLUDE_LEASED_SINCE")
def deletes_leased_snapshots(version: str) -> bool:
    asker = new_world()
    assert asker.ask("PUT", "/data?restype=share&comp=snapshot").status == 201
    reply = asker.ask("DELETE", "/data?restype=share", ("x-ms-delete-snapshots", "include-leased"), version=version)
    assert (reply.status, code(reply)) in {(202, None), (400, "InvalidHeaderValue")}
    return reply.status == 202


@probe("ACCOUNT_EXTRA_LINE_SINCE")
def signs_an_account_sas_with_one_line_more(version: str) -> bool:
    fields = {"sp": "rl", "ss": "f", "srt": "sco", "st": "", "se": "2026-05-05T00:00:00Z", "sip": "", "spr": ""}
    accepted = []
    for more in ([], [""]):
        signature = sign("\n".join([ACCOUNT, *fields.values(), version, *more]) + "\n", KEY)
        reply = new_world().with_sas("GET", "/data?restype=share", encode({**fields, "sv": version, "sig": signature}))
        assert (reply.status, code(reply)) in {(200, None), (403, "AuthenticationFailed")}
        accepted.append(reply.status == 200)
    assert accepted in ([True, False], [False, True])
    return accepted[1]


@probe("BEARER_SINCE")
def takes_a_bearer_token_on_a_file(version: str) -> bool:
    return bearer_answer("/data/d/f", version) in {None, "ShareNotFound"}


@probe("BEARER_EVERYWHERE_SINCE")
def takes_a_bearer_token_on_a_share(version: str) -> bool:
    return bearer_answer("/data?restype=share", version) in {None, "ShareNotFound"}


def bearer_answer(target: str, version: str) -> str | None:
    """The code by which a request with a token is refused; there is no share, so that an accepted one ends there."""
    asker = Asker(bearer="development")
    tenant = "11111111-1111-1111-1111-111111111111"
    claims = {
        "aud": "https://storage.azure.com",
        "iss": f"https://sts.windows.net/{tenant}/",
        "tid": tenant,
        "oid": "22222222-2222-2222-2222-222222222222",
        "nbf": int(START.timestamp()) - 600,
        "exp": int(START.timestamp()) + 3600,
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, b""))
    pairs = [("x-ms-version", version), ("x-ms-file-request-intent", "backup"), ("Authorization", f"Bearer {token}")]
    return code(asker.send(Request("GET", f"/{ACCOUNT}{target}", pairs), Connection(tls=True)))


@probe("BINARY_PERMISSION_SINCE")
def takes_a_permission_in_binary_form(version: str) -> bool:
    """The binary form is known where ``format`` is: before, a descriptor is read as SDDL, whatever the format."""
    reply = ask_example(new_world(), "H12", version=version)
    assert reply.status == 201
    body = b'{"format":"binary","permission":"%s"}' % base64.b64encode(DESCRIPTOR)
    reply = new_world().ask("PUT", "/data?restype=share&comp=filepermission", version=version, body=body)
    assert reply.status in {201, 400, 501}
    return reply.status != 400


def test_every_gate_has_a_probe() -> None:
    assert set(PROBES) == set(GATES)


@pytest.mark.parametrize("name", GATES)
def test_the_version_before_a_gate_lacks_what_the_gate_brings(name: str) -> None:
    since, _ = GATES[name]
    assert [PROBES[name](KNOWN[KNOWN.index(since) - 1]), PROBES[name](since), PROBES[name](NEWEST)] == [
        False,
        True,
        True,
    ]
