"""Both sides of every gate that a row of the operations' table has: operations, headers, query parameters.

A row that gets a version is tested without more ado; a header whose value nobody gave fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from azfiles_sim.wire.api_versions import KNOWN, OLDEST
from azfiles_sim.wire.markers import encode_marker
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.vocabulary import SHOWN_OF_SHARES
from tests.wire.asking import Asker, code, header, xml

from .examples import EXAMPLES, LEASE, SDDL, ask_example, new_world, world_of

VALUES: Final[dict[str, str]] = {
    "x-ms-access-tier": "Hot",
    "x-ms-allow-trailing-dot": "true",
    "x-ms-copy-source-authorization": "Bearer none",
    "x-ms-enabled-protocols": "SMB",
    "x-ms-file-attributes": "Archive",
    "x-ms-file-change-time": "2026-05-04T03:02:01.0000000Z",
    "x-ms-file-copy-ignore-readonly": "true",
    "x-ms-file-copy-set-archive": "true",
    "x-ms-file-creation-time": "2026-05-04T03:02:01.0000000Z",
    "x-ms-file-extended-info": "true",
    "x-ms-file-file-type": "Regular",
    "x-ms-file-last-write-time": "2026-05-04T03:02:01.0000000Z",
    "x-ms-file-mode-copy-mode": "source",
    "x-ms-file-owner-copy-mode": "source",
    "x-ms-file-permission": SDDL,
    "x-ms-file-permission-copy-mode": "source",
    "x-ms-file-permission-format": "Sddl",
    "x-ms-file-permission-key": "{key}",
    "x-ms-file-request-intent": "backup",
    "x-ms-group": "0",
    "x-ms-lease-id": LEASE,
    "x-ms-mode": "0644",
    "x-ms-owner": "0",
    "x-ms-file-property-semantics": "New",
    "x-ms-file-support-rename": "true",
    "x-ms-enable-smb-directory-lease": "true",
    "x-ms-enable-snapshot-virtual-directory-access": "true",
    "x-ms-root-squash": "NoRootSquash",
    "x-ms-share-paid-bursting-enabled": "true",
    "x-ms-share-paid-bursting-max-bandwidth-mibps": "1000",
    "x-ms-share-paid-bursting-max-iops": "10000",
    "x-ms-share-provisioned-bandwidth-mibps": "200",
    "x-ms-share-provisioned-iops": "4000",
    "x-ms-source-allow-trailing-dot": "true",
    "x-ms-structured-body": "XSM/1.0; properties=crc64",
    "x-ms-structured-content-length": "4",
}
"""A valid value for each header that has a version. ``{key}`` stands for the key of a permission of the share."""

_NFS: Final = ("NFS", "premium")
_PREMIUM: Final = ("SMB", "premium")
_PROVISIONED: Final = ("SMB", "provisioned")
ELSEWHERE: Final[dict[str, tuple[str, str]]] = {
    "x-ms-enable-snapshot-virtual-directory-access": _NFS,
    "x-ms-file-mode-copy-mode": _NFS,
    "x-ms-file-owner-copy-mode": _NFS,
    "x-ms-group": _NFS,
    "x-ms-mode": _NFS,
    "x-ms-owner": _NFS,
    "x-ms-root-squash": _NFS,
    "x-ms-share-paid-bursting-enabled": _PREMIUM,
    "x-ms-share-paid-bursting-max-bandwidth-mibps": _PREMIUM,
    "x-ms-share-paid-bursting-max-iops": _PREMIUM,
    "x-ms-share-provisioned-bandwidth-mibps": _PROVISIONED,
    "x-ms-share-provisioned-iops": _PROVISIONED,
}
"""Headers that need another share's protocol and another kind of account than the usual ones."""

OTHERWISE: Final[dict[tuple[str, str], str]] = {
    ("F8", "x-ms-file-last-write-time"): "Preserve",
    ("F9", "x-ms-file-last-write-time"): "Preserve",
    ("F10", "x-ms-file-last-write-time"): "Preserve",
}
QUERY_VALUES: Final[dict[str, str]] = {
    "include": "etag",
    "marker": encode_marker("0"),
    "maxresults": "5",
    "prevsharesnapshot": "2026-05-04T00:00:00.0000000Z",
}
# To the version before, the operation is an older one with a query parameter that came later.
OF_A_PARAMETER: Final = frozenset({"F12"})

# Refusals by which a header shows that it was understood: there is no lease, nor such a snapshot, in the example.
UNDERSTOOD: Final[dict[str, frozenset[str]]] = {
    "x-ms-lease-id": frozenset({
        "LeaseNotPresentWithFileOperation", "LeaseNotPresentWithContainerOperation", "LeaseIdMismatchWithFileOperation",
        "LeaseNotPresentWithLeaseOperation",
    }),
    "x-ms-file-permission": frozenset({"InvalidHeaderValue"}),  # a copy takes it with the copy mode "override" only
    # These go with another header that the example has not.
    "x-ms-root-squash": frozenset({"InvalidHeaderValue"}),
    "x-ms-enable-snapshot-virtual-directory-access": frozenset({"InvalidHeaderValue"}),
    "x-ms-share-paid-bursting-max-bandwidth-mibps": frozenset({"InvalidHeaderValue"}),
    "x-ms-share-paid-bursting-max-iops": frozenset({"InvalidHeaderValue"}),
    "x-ms-copy-source-authorization": frozenset({"CannotVerifyCopySource"}),
    # Neither is of use without the other, or without a body in that form.
    "x-ms-structured-body": frozenset({"InvalidHeaderValue", "MissingRequiredHeader", "InvalidInput"}),
    "x-ms-structured-content-length": frozenset({"InvalidHeaderValue", "MissingRequiredHeader", "InvalidInput"}),
    "prevsharesnapshot": frozenset({"ShareNotFound", "PreviousSnapshotNotFound", "ResourceNotFound"}),
}  # fmt: skip

BUILT: Final = list(OPERATIONS)


def before(version: str) -> str:
    return KNOWN[KNOWN.index(version) - 1]


def gated(number: str) -> Iterator[tuple[str, str]]:
    """The headers of an operation that came later than the operation."""
    row = OPERATIONS[number]
    for name, since in row.known.headers.items():
        if since > max(row.since, OLDEST):
            yield name, since


# A preflight is made by a browser, which adds no header of the service's own.
HEADER_GATES: Final = [(number, name, since) for number in BUILT if number != "V5" for name, since in gated(number)]
QUERY_GATES: Final = [
    (number, name, since)
    for number in BUILT
    for name, since in OPERATIONS[number].known.query.items()
    if since > max(OPERATIONS[number].since, OLDEST)
]


@pytest.mark.parametrize("number", BUILT)
def test_an_operation_is_answered_from_its_version_on_and_unknown_to_the_one_before(number: str) -> None:
    since = max(OPERATIONS[number].since, OLDEST)
    for version in (version for version in KNOWN if version >= since):
        reply = ask_example(world_of(number), number, version=version)
        assert reply.status == EXAMPLES[number].status, (version, code(reply))
    if since > OLDEST:
        reply = ask_example(world_of(number), number, version=before(since))
        unknown = "UnsupportedQueryParameter" if number in OF_A_PARAMETER else "InvalidQueryParameterValue"
        assert (reply.status, code(reply)) == (400, unknown)


@pytest.mark.parametrize(("number", "name", "since"), HEADER_GATES)
def test_a_header_is_refused_by_the_version_before_it_and_understood_from_its_own_on(
    number: str, name: str, since: str
) -> None:
    world = world_for(number, name)
    pair = (name, value_of(world, number, name))
    refused = ask_example(world, number, pair, version=before(since), without=name)
    if EXAMPLES[number].method == "HEAD":
        assert (refused.status, code(refused)) == (400, "UnsupportedHeader")
    else:
        assert (refused.status, code(refused), xml(refused).findtext("HeaderName")) == (400, "UnsupportedHeader", name)
    taken = ask_example(world_for(number, name), number, pair, version=since, without=name)
    if code(taken) not in UNDERSTOOD.get(name, frozenset()):
        assert taken.status == EXAMPLES[number].status, (code(taken), taken.reason)


@pytest.mark.parametrize(("number", "name", "since"), QUERY_GATES)
def test_a_query_parameter_is_refused_by_the_version_before_it_and_understood_from_its_own_on(
    number: str, name: str, since: str
) -> None:
    query = f"{name}={QUERY_VALUES[name]}"
    refused = ask_example(world_of(number), number, version=before(since), query=query)
    assert (refused.status, code(refused)) == (400, "UnsupportedQueryParameter")
    taken = ask_example(world_of(number), number, version=since, query=query)
    if code(taken) not in UNDERSTOOD.get(name, frozenset()):
        assert taken.status == EXAMPLES[number].status, code(taken)


def world_for(number: str, name: str) -> Asker:
    return new_world(*ELSEWHERE[name]) if name in ELSEWHERE else world_of(number)


def value_of(world: Asker, number: str, name: str) -> str:
    value = OTHERWISE.get((number, name)) or VALUES.get(name)
    assert value is not None, f"give a valid value for {name} in VALUES"
    return value.replace("{key}", header(world.ask("HEAD", "/data/d/f"), "x-ms-file-permission-key") or "")


WORLDS: Final = (("SMB", "standard"), _NFS, _PREMIUM, _PROVISIONED)
SETTINGS: Final = (
    ("x-ms-share-paid-bursting-enabled", "true"),
    ("x-ms-share-paid-bursting-max-iops", "10000"),
    ("x-ms-share-paid-bursting-max-bandwidth-mibps", "1000"),
)


@pytest.mark.parametrize(("name", "since"), [pair for pair in SHOWN_OF_SHARES.items() if pair[1] > OLDEST])
def test_a_setting_of_a_share_is_shown_from_its_version_on(name: str, since: str) -> None:
    shown = {before(since): 0, since: 0}
    for protocol, kind in WORLDS:
        for version in shown:
            asker = new_world(protocol, kind)
            settings = SETTINGS if (protocol, kind) == _PREMIUM else ()
            settings += (("x-ms-enable-smb-directory-lease", "true"),) if protocol == "SMB" else ()
            assert asker.ask("PUT", "/data?restype=share&comp=properties", *settings).status == 200
            shown[version] += header(asker.ask("GET", "/data?restype=share", version=version), name) is not None
    assert shown[before(since)] == 0
    assert shown[since] > 0
