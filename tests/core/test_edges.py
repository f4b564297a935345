"""What just fits is sent, what just does not is refused, and the refusal names the argument as the caller knows it."""

from __future__ import annotations

import string
from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from azfiles.core import copying, directories, files, handles, leases, links, permissions, ranges, service, shares
from azfiles.core.from_url import put_range_from_url
from azfiles.core.operation import Operation
from azfiles.core.requests import DEFAULT_API_VERSION, Context, build
from azfiles.core.sas import make_account_sas, make_file_sas, make_share_sas
from azfiles.credentials import Sas, Token
from azfiles.errors import InvalidArgument
from azfiles.models import (
    AccessPolicy,
    CorsRule,
    HttpHeaders,
    Metrics,
    NfsSettings,
    RetentionPolicy,
    SignedIdentifier,
    SmbSettings,
)

from .builders import ENDPOINT, GUID, KEY, SNAPSHOT, request_of

F = ("f",)
MIB4, TIB4 = 4 * 1024**2, 4 * 1024**4
URL = "https://h/s/f"
START = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def retaining(days: int) -> Metrics:
    return Metrics(enabled=True, retention=RetentionPolicy(enabled=True, days=days))


def waiting(seconds: int) -> CorsRule:
    return CorsRule(("https://a.example",), ("GET",), max_age_s=seconds)


EDGES: dict[str, tuple[Callable[[int], Operation[object]], int | None, int | None]] = {
    # what the number is given to, the smallest and the largest that the service takes
    "the size of a file": (lambda n: files.create_file("share", F, n), 0, TIB4),
    "a new size": (lambda n: files.resize_file("share", F, n), 0, TIB4),
    "bytes of a file made with data": (
        lambda n: files.create_file("share", F, n, data=bytes(n)),
        None,
        MIB4,
    ),
    "bytes of a written range": (lambda n: ranges.put_range("share", F, 0, bytes(n)), 1, MIB4),
    "the offset of a written range": (lambda n: ranges.put_range("share", F, n, b"x"), 0, TIB4 - 1),
    "bytes of a cleared range": (lambda n: ranges.clear_range("share", F, 0, n), 1, TIB4),
    "bytes of a range from a URL": (lambda n: put_range_from_url("share", F, 0, n, URL, 0), 1, MIB4),
    "the source's offset": (lambda n: put_range_from_url("share", F, 0, 1, URL, n), 0, None),
    "bytes of a range that is read": (lambda n: files.get_file("share", F, 0, n), 1, TIB4),
    "the offset that is read from": (lambda n: files.get_file("share", F, n), 0, TIB4),
    "bytes of a range that is read with its hash": (
        lambda n: files.get_file("share", F, 0, n, range_md5=True),
        1,
        MIB4,
    ),
    "a page of ranges": (lambda n: ranges.list_ranges("share", F, page_size=n), 1, 5000),
    "a page of shares": (lambda n: service.list_shares(page_size=n), 1, 5000),
    "a page of a directory": (lambda n: directories.list_directory("share", (), page_size=n), 1, 5000),
    "a page of handles": (lambda n: handles.list_file_handles("share", F, page_size=n), 1, 5000),
    "seconds of a share lease": (lambda n: leases.acquire_share_lease("share", n), 15, 60),
    "seconds of a break": (lambda n: leases.break_share_lease("share", period_s=n), 0, 60),
    "a quota": (lambda n: shares.create_share("share", quota_gib=n), 1, 256 * 1024),
    "provisioned operations": (lambda n: shares.create_share("share", provisioned_iops=n), 0, 10**9),
    "letters of a share's name": (lambda n: shares.create_share("s" * n), 3, 63),
    "letters of a name": (lambda n: files.delete_file("share", ("x" * n,)), 1, 255),
    "names of a path": (lambda n: files.delete_file("share", ("x",) * n), 1, 250),
    "characters of a path, a slash before each name": (
        lambda n: files.delete_file("share", ("y" * 255,) * 7 + ("x" * (n - 7 * 256 - 1),)),
        None,
        2048,
    ),
    "bytes of metadata": (lambda n: files.set_file_metadata("share", F, {"n": "x" * (n - 1)}), None, 8192),
    "stored access policies": (
        lambda n: shares.set_share_access_policy("share", [SignedIdentifier(str(i)) for i in range(n)]),
        0,
        5,
    ),
    "letters of a policy's id": (
        lambda n: shares.set_share_access_policy("share", [SignedIdentifier("x" * n)]),
        1,
        64,
    ),
    "bytes of a permission": (
        lambda n: files.create_file("share", F, 0, smb=SmbSettings(permission="x" * n)),
        1,
        8192,
    ),
    "characters of a source's URL": (
        lambda n: copying.start_copy("share", F, "https://h/" + "a" * (n - 10)),
        None,
        2048,
    ),
    "a mode": (lambda n: files.set_file_nfs_properties("share", F, NfsSettings(mode=n)), 0, 0o7777),
    "an owner": (lambda n: files.set_file_nfs_properties("share", F, NfsSettings(owner=n)), 0, 2**32 - 1),
    "a group": (lambda n: files.set_file_nfs_properties("share", F, NfsSettings(group=n)), 0, 2**32 - 1),
    "days of retention": (lambda n: service.set_service_properties(hour_metrics=retaining(n)), 1, 365),
    "rules for other origins": (lambda n: service.set_service_properties(cors=[waiting(0)] * n), 0, 5),
    "seconds that a browser remembers": (
        lambda n: service.set_service_properties(cors=[waiting(n)]),
        0,
        2**31 - 1,
    ),
}
FITTING = [(f"{what}: {n}", make, n) for what, (make, low, high) in EDGES.items() for n in (low, high) if n is not None]
BEYOND = [
    (f"{what}: {n}", make, n)
    for what, (make, low, high) in EDGES.items()
    for n in ((None if low in {None, 0} else low - 1), -1 if low == 0 else None, None if high is None else high + 1)
    if n is not None and not (n < 0 and what in {"stored access policies", "rules for other origins"})
]


@pytest.mark.parametrize(("make", "number"), [row[1:] for row in FITTING], ids=[row[0] for row in FITTING])
def test_what_just_fits_is_taken(make: Callable[[int], Operation[object]], number: int) -> None:
    assert make(number).method in {"GET", "PUT", "DELETE"}


@pytest.mark.parametrize(("make", "number"), [row[1:] for row in BEYOND], ids=[row[0] for row in BEYOND])
def test_what_just_does_not_fit_is_refused(make: Callable[[int], Operation[object]], number: int) -> None:
    with pytest.raises(InvalidArgument):
        make(number)


def test_a_user_delegation_key_lives_longer_than_no_time_and_for_seven_days_at_most() -> None:
    for fitting in (TICK, timedelta(days=7)):
        assert service.get_user_delegation_key(START, START + fitting).method == "POST"
    for beyond in (timedelta(0), -TICK, timedelta(days=7) + TICK):
        with pytest.raises(InvalidArgument, match="expires_at"):
            service.get_user_delegation_key(START, START + beyond)


def test_a_sink_may_be_as_long_as_what_is_asked_for_or_longer_and_only_that_much_is_filled() -> None:
    for size in (4, 5):
        sink = files.get_file("share", F, 0, 4, sink=bytearray(size)).sink
        assert sink is not None
        assert len(sink) == 4
    with pytest.raises(InvalidArgument, match="sink of 3 bytes: room for length=4"):
        files.get_file("share", F, 0, 4, sink=bytearray(3))


NAMED: list[tuple[str, Callable[[], object]]] = [
    ("attributes", lambda: files.create_file("share", F, 0, smb=SmbSettings(attributes="?"))),
    ("attributes", lambda: files.create_file("share", F, 0, smb=SmbSettings(attributes="Archive|?"))),
    ("permission_format", lambda: files.create_file("share", F, 0, smb=SmbSettings(permission_format="?"))),
    ("permission", lambda: files.create_file("share", F, 0, smb=SmbSettings(permission="\u00e4"))),
    ("permission_key", lambda: files.create_file("share", F, 0, smb=SmbSettings(permission_key="\u00e4"))),
    ("property_semantics", lambda: files.create_file("share", F, 0, property_semantics="?")),
    ("file_type", lambda: files.create_file("share", F, 0, file_type="?")),
    ("size", lambda: files.create_file("share", F, -1)),
    ("http", lambda: files.set_file_http_headers("share", F, {})),  # type: ignore[arg-type]
    ("smb", lambda: files.set_file_smb_properties("share", F, {})),  # type: ignore[arg-type]
    ("nfs", lambda: files.set_file_nfs_properties("share", F, {})),  # type: ignore[arg-type]
    *(
        (name, lambda name=name: files.set_file_http_headers("share", F, HttpHeaders(**{name: "\u00e4"})))
        for name in (
            "content_type",
            "content_encoding",
            "content_language",
            "content_md5",
            "content_disposition",
            "cache_control",
        )
    ),
    ("mode", lambda: files.set_file_nfs_properties("share", F, NfsSettings(mode="9"))),
    ("mode", lambda: files.set_file_nfs_properties("share", F, NfsSettings(mode=-1))),
    ("owner", lambda: files.set_file_nfs_properties("share", F, NfsSettings(owner="root"))),
    ("group", lambda: files.set_file_nfs_properties("share", F, NfsSettings(group="root"))),
    ("offset", lambda: files.get_file("share", F, -1)),
    ("offset", lambda: ranges.list_ranges("share", F, offset=-1)),
    ("length", lambda: files.get_file("share", F, 0, 0)),
    ("length", lambda: ranges.clear_range("share", F, 0, 0)),
    ("range_md5", lambda: files.get_file("share", F, range_md5=True)),
    ("checksum", lambda: files.get_file("share", F, checksum="md5")),
    ("snapshot", lambda: files.get_file("share", F, snapshot="")),
    ("previous_snapshot", lambda: ranges.list_ranges("share", F, previous_snapshot="")),
    ("page_size", lambda: ranges.list_ranges("share", F, page_size=0)),
    ("content_md5", lambda: ranges.put_range("share", F, 0, b"x", content_md5=b"")),
    ("content_md5", lambda: ranges.put_range("share", F, 0, b"x", content_md5="")),
    ("source_crc64", lambda: put_range_from_url("share", F, 0, 1, URL, 0, source_crc64="?")),
    ("if_source_crc64", lambda: put_range_from_url("share", F, 0, 1, URL, 0, if_source_crc64="?")),
    ("if_source_crc64_not", lambda: put_range_from_url("share", F, 0, 1, URL, 0, if_source_crc64_not="?")),
    ("source_token", lambda: put_range_from_url("share", F, 0, 1, URL, 0, source_token="\n")),
    ("permission_copy_mode", lambda: copying.start_copy("share", F, URL, permission_copy_mode="?")),
    ("mode_copy_mode", lambda: copying.start_copy("share", F, URL, mode_copy_mode="?")),
    ("mode_copy_mode", lambda: copying.start_copy("share", F, URL, mode_copy_mode="override")),
    ("owner_copy_mode", lambda: copying.start_copy("share", F, URL, owner_copy_mode="?")),
    ("owner_copy_mode", lambda: copying.start_copy("share", F, URL, owner_copy_mode="override")),
    ("copy_id", lambda: copying.abort_copy("share", F, "?")),
    ("handle_id", lambda: handles.close_file_handles("share", F, "")),
    ("handle_id", lambda: handles.close_file_handles("share", F, "\u00e4")),
    ("lease_id", lambda: leases.renew_share_lease("share", "?")),
    ("duration_s", lambda: leases.acquire_share_lease("share", 1)),
    ("period_s", lambda: leases.break_share_lease("share", period_s=-1)),
    ("ignore_readonly", lambda: files.rename_file("share", F, ("g",), ignore_readonly=True)),
    ("include", lambda: directories.list_directory("share", (), include="?")),
    ("include", lambda: service.list_shares(include="?")),
    ("prefix", lambda: directories.list_directory("share", (), prefix="a/b")),
    ("quota_gib", lambda: shares.create_share("share", quota_gib=0)),
    ("delete_snapshots", lambda: shares.delete_share("share", delete_snapshots="?")),
    ("permission_format", lambda: permissions.create_permission("share", "x", permission_format="?")),
    ("permission", lambda: permissions.create_permission("share", "")),
    ("permission_format", lambda: permissions.get_permission("share", "x", permission_format="?")),
    ("permission_key", lambda: permissions.get_permission("share", "")),
    ("permission_key", lambda: permissions.get_permission("share", "\u00e4")),
    (
        "permissions",
        lambda: shares.set_share_access_policy("share", [SignedIdentifier("a", AccessPolicy("?"))]),
    ),
    ("origin", lambda: service.preflight_service("\u00e4", "GET")),
    ("method", lambda: service.preflight_service("https://a.example", "?")),
    ("headers", lambda: service.preflight_service("https://a.example", "GET", headers="\u00e4")),
    ("days", lambda: service.set_service_properties(hour_metrics=retaining(0))),
    ("max_age_s", lambda: service.set_service_properties(cors=[waiting(-1)])),
    ("allowed_methods", lambda: service.set_service_properties(cors=[CorsRule(("*",), ("?",))])),
    (
        "delegated_tenant_id",
        lambda: service.get_user_delegation_key(START, START + TICK, delegated_tenant_id="?"),
    ),
    ("source_crc64", lambda: put_range_from_url("share", F, 0, 1, URL, 0, source_crc64="EZA9hgZa!RrQ=")),
    ("content_md5", lambda: ranges.put_range("share", F, 0, b"x", content_md5="1B2M2Y8AsgTp!gAmY7PhCfg==")),
    ("mode_copy_mode: override goes with mode", lambda: copying.start_copy("share", F, URL, mode_copy_mode="override")),
    (
        "owner_copy_mode: override goes with owner or group",
        lambda: copying.start_copy("share", F, URL, owner_copy_mode="override"),
    ),
    ("starts_at", lambda: make_share_sas(KEY, "share", now=START, starts_at=TICK)),  # type: ignore[arg-type]
    ("expires_at", lambda: make_share_sas(KEY, "share", now=START, expires_at="tomorrow")),  # type: ignore[arg-type]
    ("permissions", lambda: make_share_sas(KEY, "share", now=START, permissions="?")),
    ("resource_types", lambda: make_account_sas(KEY, now=START, resource_types="?")),
    ("ip", lambda: make_share_sas(KEY, "share", now=START, ip="here")),
    ("version", lambda: make_share_sas(KEY, "share", now=START, version="2015-04-04")),
    (
        "response_headers",
        lambda: make_share_sas(KEY, "share", now=START, response_headers=HttpHeaders(content_md5="x")),
    ),
    ("rscc", lambda: make_share_sas(KEY, "share", now=START, response_headers=HttpHeaders(cache_control="\u00e4"))),
    ("text", lambda: links.create_symbolic_link("share", F, "")),
]


@pytest.mark.parametrize(("name", "call"), NAMED, ids=[f"{n}-{name}" for n, (name, _) in enumerate(NAMED)])
def test_a_refusal_names_the_argument_first(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(InvalidArgument, match=rf"\A{name}\b"):
        call()


def test_a_preflight_request_names_one_header_or_several() -> None:
    def asked(headers: str | list[str]) -> str | None:
        operation = service.preflight_service("https://a.example", "put", headers=headers)
        return dict(operation.headers).get("Access-Control-Request-Headers")

    assert asked("x-ms-date") == "x-ms-date"
    assert asked(["x-ms-date", "x-ms-version"]) == "x-ms-date,x-ms-version"
    assert asked([]) is None


@pytest.mark.parametrize(
    ("make", "letters"),
    [
        (lambda letters: make_file_sas(KEY, "share", F, now=START, permissions=letters), "rcwd"),
        (lambda letters: make_share_sas(KEY, "share", now=START, permissions=letters), "rcwdl"),
        (lambda letters: make_account_sas(KEY, now=START, permissions=letters), "rwdlc"),
        (lambda letters: make_account_sas(KEY, now=START, resource_types=letters), "sco"),
    ],
)
def test_a_signature_takes_the_letters_of_its_kind_in_any_order_and_no_others(
    make: Callable[[str], Sas], letters: str
) -> None:
    assert make(letters[::-1]).token == make(letters).token
    for other in set(string.ascii_letters) - set(letters):
        with pytest.raises(InvalidArgument):
            make(letters + other)


def test_a_signature_is_made_for_versions_since_2015_04_05() -> None:
    assert "sv=2015-04-05&" in make_share_sas(KEY, "share", now=START, version="2015-04-05").token
    with pytest.raises(InvalidArgument, match="2015-04-05 or later"):
        make_share_sas(KEY, "share", now=START, version="2015-04-04")


@pytest.mark.parametrize("method", ["DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH"])
def test_a_rule_for_other_origins_may_name_any_method_that_the_service_knows(method: str) -> None:
    rules = [CorsRule(("https://a.example",), (method.lower(),))]
    assert f"<AllowedMethods>{method}<".encode() in bytes(service.set_service_properties(cors=rules).body[0])
    asked = service.preflight_service("https://a.example", method.lower())
    assert ("Access-Control-Request-Method", method) in asked.headers


@pytest.mark.parametrize(
    ("offset", "length", "header"),
    [(None, None, None), (None, 5, "bytes=0-4"), (3, None, "bytes=3-"), (0, None, "bytes=0-"), (3, 5, "bytes=3-7")],
)
def test_ranges_are_listed_from_an_offset_or_the_start_to_a_length_or_the_end(offset, length, header) -> None:
    assert dict(ranges.list_ranges("share", F, offset=offset, length=length).headers).get("x-ms-range") == header


@pytest.mark.parametrize("smb", [SmbSettings(permission="O:S"), SmbSettings(permission_key="1*2")])
def test_a_permission_of_either_form_goes_with_the_copy_mode_override_and_with_no_other(smb: SmbSettings) -> None:
    operation = copying.start_copy("share", F, URL, smb=smb, permission_copy_mode="override")
    assert ("x-ms-file-permission-copy-mode", "override") in operation.headers
    with pytest.raises(InvalidArgument, match="permission_copy_mode"):
        copying.start_copy("share", F, URL, smb=smb, permission_copy_mode="source")


@pytest.mark.parametrize("nfs", [NfsSettings(owner=1), NfsSettings(group=1), NfsSettings(owner=1, group=1)])
def test_an_owner_or_a_group_goes_with_the_owners_copy_mode_override(nfs: NfsSettings) -> None:
    operation = copying.start_copy("share", F, URL, nfs=nfs, owner_copy_mode="override")
    assert ("x-ms-file-owner-copy-mode", "override") in operation.headers
    with pytest.raises(InvalidArgument, match="owner_copy_mode"):
        copying.start_copy("share", F, URL, nfs=nfs, owner_copy_mode="source")


def test_numbers_in_one_piece_are_sent_from_where_they_lie() -> None:
    numbers = array("I", [1, 2])
    (body,) = ranges.put_range("share", F, 0, memoryview(numbers)).body
    assert isinstance(body, memoryview)
    assert body.obj is numbers


def test_handles_below_a_directory_are_listed_and_closed_only_where_that_is_asked_for() -> None:
    for make in (
        handles.list_directory_handles,
        lambda *place, **how: handles.close_directory_handles(*place, "*", **how),
    ):
        assert ("x-ms-recursive", "false") in make("share", ()).headers
        assert ("x-ms-recursive", "true") in make("share", (), recursive=True).headers


@pytest.mark.parametrize(
    "operation",
    [
        directories.list_directory("share", ()),
        directories.get_directory_properties("share", ()),
        handles.list_directory_handles("share", ()),
        handles.close_directory_handles("share", (), "*"),
    ],
)
def test_a_bearer_token_for_the_root_directory_is_one_for_directories(operation: Operation[object]) -> None:
    tokens = Token(type("Tokens", (), {"get_token": print})())
    request = request_of(operation, credential=tokens, token="t", api_version="2022-11-02")
    assert ("Authorization", "Bearer t") in request.headers


CHOICES = [
    (lambda value: shares.create_share("share", access_tier=value), ("TransactionOptimized", "Hot", "Cool", "Premium")),
    (lambda value: shares.create_share("share", enabled_protocols=value), ("SMB", "NFS")),
    (lambda value: shares.create_share("share", root_squash=value), ("NoRootSquash", "RootSquash", "AllSquash")),
    (lambda value: shares.delete_share("share", delete_snapshots=value), ("include", "include-leased")),
    (lambda value: files.create_file("share", F, 0, property_semantics=value), ("New", "Restore")),
    (lambda value: files.create_file("share", F, 0, file_type=value), ("Regular", "Directory", "SymLink")),
    (lambda value: permissions.get_permission("share", "1*2", permission_format=value), ("Sddl", "Binary")),
    (lambda value: copying.start_copy("share", F, URL, permission_copy_mode=value), ("source",)),
    (
        lambda value: files.create_file("share", F, 0, smb=SmbSettings(attributes=value)),
        (
            "None",
            "ReadOnly",
            "Hidden",
            "System",
            "Directory",
            "Archive",
            "Temporary",
            "Offline",
            "NotContentIndexed",
            "NoScrubData",
        ),
    ),
]


@pytest.mark.parametrize(("make", "word"), [(make, word) for make, words in CHOICES for word in words])
def test_each_word_that_the_service_knows_is_taken_in_any_case_and_sent_as_the_service_spells_it(make, word) -> None:
    for spelled in (word, word.lower(), word.upper()):
        assert word in dict(make(spelled).headers).values()


@pytest.mark.parametrize("word", ["Timestamps", "Etag", "Attributes", "PermissionKey"])
def test_each_part_of_an_entry_that_the_service_knows_can_be_asked_for(word: str) -> None:
    assert ("include", word) in directories.list_directory("share", (), include=word.lower()).query


def test_a_request_is_not_for_backup_unless_that_is_said() -> None:
    plain = Context(endpoint=ENDPOINT, credential=KEY, now=START, client_request_id=GUID)
    assert "x-ms-file-request-intent" not in dict(build(files.get_file("share", F), plain).headers)
    assert plain.api_version == DEFAULT_API_VERSION


def test_a_snapshot_travels_as_it_came() -> None:
    assert ("sharesnapshot", SNAPSHOT) in files.get_file("share", F, snapshot=SNAPSHOT).query
    assert ("x-ms-lease-id", GUID) in files.get_file("share", F, lease_id=GUID).headers
