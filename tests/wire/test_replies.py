"""Replies as they are on the wire: headers, documents byte for byte, framing."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from .asking import ACCOUNT, BOM, CREATE, NEWEST, UPDATE, Asker, code, content, header, xml

OLD = "2018-11-09"
DECLARATION = BOM + b'<?xml version="1.0" encoding="utf-8"?>'
ACL = "/data?restype=share&comp=acl"
LISTING = "/data?restype=directory&comp=list"
ENDPOINT = f'ServiceEndpoint="http://127.0.0.1:10004/{ACCOUNT}/"'.encode()


def test_an_error_is_a_document_with_bom_three_message_lines_and_its_message_as_the_reason() -> None:
    reply = Asker().ask("GET", "/gone?restype=share", version=OLD)
    request_id = header(reply, "x-ms-request-id")
    assert (
        content(reply)
        == DECLARATION
        + (
            "<Error><Code>ShareNotFound</Code><Message>The specified share does not exist.\n"
            f"RequestId:{request_id}\nTime:2026-05-04T03:02:01.0000000Z</Message></Error>"
        ).encode()
    )
    assert list(reply.headers) == [
        ("Content-Length", "217"),
        ("Content-Type", "application/xml"),
        ("x-ms-error-code", "ShareNotFound"),
        ("Server", "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0"),
        ("x-ms-request-id", request_id),
        ("x-ms-version", OLD),
        ("Date", "Mon, 04 May 2026 03:02:01 GMT"),
    ]
    assert reply.reason == "The specified share does not exist."


def test_a_range_past_the_end_says_the_size() -> None:
    reply = Asker().with_share().ask("GET", "/data/d/f", ("x-ms-range", "bytes=1024-"))
    assert (reply.status, code(reply), header(reply, "Content-Range")) == (416, "InvalidRange", "bytes */1024")


def test_a_share_list_in_the_oldest_version_is_byte_for_byte_the_recorded_form() -> None:
    asker = Asker()
    for name in ("alpha", "beta", "gamma"):
        asker.ask("PUT", f"/{name}?restype=share", ("x-ms-meta-a", "<&>"))
    reply = asker.ask("GET", "/?comp=list&prefix=&maxresults=2&include=metadata", version=OLD)
    tags = [header(asker.ask("GET", f"/{name}?restype=share"), "ETag") or "" for name in ("alpha", "beta")]
    when = "Mon, 04 May 2026 03:02:01 GMT"
    shares = "".join(
        f"<Share><Name>{name}</Name><Properties><Last-Modified>{when}</Last-Modified><Etag>{tag}</Etag><Quota>5120</Quota>"
        "</Properties><Metadata><a>&lt;&amp;&gt;</a></Metadata></Share>"
        for name, tag in zip(("alpha", "beta"), tags, strict=True)
    ).encode()
    assert content(reply) == (
        DECLARATION + b"<EnumerationResults " + ENDPOINT + b"><MaxResults>2</MaxResults><Shares>" + shares
        + f"</Shares><NextMarker>/{ACCOUNT}/gamma</NextMarker></EnumerationResults>".encode()
    )  # fmt: skip
    assert (header(reply, "Content-Type"), header(reply, "Transfer-Encoding")) == ("application/xml", "chunked")
    assert header(reply, "Content-Length") is None
    rest = asker.ask("GET", f"/?comp=list&marker=%2F{ACCOUNT}%2Fgamma&prefix=g", version=OLD)
    document = xml(rest)
    assert [child.tag for child in document] == ["Prefix", "Marker", "Shares", "NextMarker"]
    assert [name.text for name in document.iter("Name")] == ["gamma"]


def test_a_share_list_in_the_newest_version_has_the_newer_properties_in_order() -> None:
    asker = Asker()
    asker.ask("PUT", "/data?restype=share", ("x-ms-access-tier", "hot"))
    lease = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "15"))
    asker.ask("PUT", "/data?restype=share&comp=lease", *lease)
    asker.ask("PUT", "/data?restype=share&comp=snapshot")
    document = xml(asker.ask("GET", "/?comp=list&include=snapshots,metadata"))
    snapshot, share = document.iter("Share")
    assert [child.tag for child in snapshot] == ["Name", "Snapshot", "Properties", "Metadata"]
    assert [(child.tag, child.text) for child in share.iterfind("Properties/*")] == [
        ("Last-Modified", "Mon, 04 May 2026 03:02:01 GMT"),
        ("Etag", header(asker.ask("GET", "/data?restype=share"), "ETag")),
        ("LeaseStatus", "locked"),
        ("LeaseState", "leased"),
        ("LeaseDuration", "fixed"),
        ("Quota", "5120"),
        ("AccessTier", "Hot"),
        ("AccessTierChangeTime", "Mon, 04 May 2026 03:02:01 GMT"),
        ("DefaultEncryptionScope", "$account-encryption-key"),
        ("DenyEncryptionScopeOverride", "false"),
    ]
    assert snapshot.find("Properties/AccessTier") is None
    assert content(Asker().ask("GET", "/?comp=list")).endswith(b"><Shares /><NextMarker /></EnumerationResults>")


def test_a_directory_list_in_the_oldest_version_is_byte_for_byte_the_recorded_form() -> None:
    asker = Asker().with_share()
    for name in ("filea1", "filea2"):
        asker.ask("PUT", f"/data/{name}", *CREATE)
    reply = asker.ask("GET", f"{LISTING}&maxresults=2", version=OLD)
    assert content(reply) == (
        DECLARATION + b"<EnumerationResults " + ENDPOINT + b' ShareName="data" DirectoryPath=""><MaxResults>2</MaxResults>'
        b"<Entries><Directory><Name>d</Name><Properties /></Directory><File><Name>filea1</Name><Properties>"
        b"<Content-Length>1024</Content-Length></Properties></File></Entries><NextMarker>1!8!ZmlsZWEy</NextMarker>"
        b"</EnumerationResults>"
    )  # fmt: skip
    rest = asker.ask("GET", f"{LISTING}&marker=1%218%21ZmlsZWEy&prefix=file", version=OLD)
    assert content(rest).endswith(
        b' DirectoryPath=""><Prefix>file</Prefix><Marker>1!8!ZmlsZWEy</Marker><Entries><File><Name>filea2</Name><Properties>'
        b"<Content-Length>1024</Content-Length></Properties></File></Entries><NextMarker /></EnumerationResults>"
    )
    empty = asker.ask("GET", f"{LISTING}&prefix=zzz", version=OLD)
    assert b"<Entries />" in content(empty)


def test_a_directory_list_shows_what_include_asks_for_in_the_recorded_order() -> None:
    asker = Asker().with_share()
    snapshot = header(asker.ask("PUT", "/data?restype=share&comp=snapshot"), "x-ms-snapshot") or ""
    target = (
        f"/data/d?restype=directory&comp=list&include=Timestamps,Etag,Attributes,PermissionKey&sharesnapshot={snapshot}"
    )
    document = xml(asker.ask("GET", target))
    assert (document.get("ShareSnapshot"), document.get("DirectoryPath"), document.get("Encoded")) == (
        snapshot,
        "d",
        None,
    )
    assert [child.tag for child in document] == ["DirectoryId", "Entries", "NextMarker"]
    file = next(iter(document.iter("File")))
    assert [child.tag for child in file] == ["Name", "FileId", "Properties", "Attributes", "PermissionKey"]
    head = asker.ask("HEAD", "/data/d/f")
    assert file.findtext("FileId") == header(head, "x-ms-file-id")
    assert file.findtext("Attributes") == "Archive"
    assert file.findtext("PermissionKey") == header(head, "x-ms-file-permission-key")
    assert [(child.tag, child.text) for child in file.iterfind("Properties/*")] == [
        ("Content-Length", "1024"),
        ("CreationTime", header(head, "x-ms-file-creation-time")),
        ("LastAccessTime", header(head, "x-ms-file-creation-time")),
        ("LastWriteTime", header(head, "x-ms-file-last-write-time")),
        ("ChangeTime", header(head, "x-ms-file-change-time")),
        ("Last-Modified", header(head, "Last-Modified")),
        ("Etag", header(head, "ETag")),
    ]


def test_names_that_xml_cannot_hold_are_percent_encoded_and_marked_from_2021_12_02_on() -> None:
    asker = Asker().with_share()
    assert asker.ask("PUT", "/data/%EF%BF%BF?restype=directory").status == 201
    assert asker.ask("PUT", "/data/%EF%BF%BF/a%EF%BF%BE", *CREATE).status == 201
    target = "/data/%EF%BF%BF?restype=directory&comp=list&prefix=a%EF%BF%BE"
    document = xml(asker.ask("GET", target))
    assert (document.get("Encoded"), document.get("DirectoryPath")) == ("true", "%EF%BF%BF")
    for element in (document.find("Prefix"), next(document.iter("Name"))):
        assert element is not None
        assert (element.get("Encoded"), element.text) == ("true", "a%EF%BF%BE")
    old = xml(asker.ask("GET", target, version="2021-08-06"))
    assert next(old.iter("Name")).text == "a\ufffd"


def test_range_lists_handles_and_statistics_are_documents() -> None:
    asker = Asker().with_share()
    ranges = asker.ask("GET", "/data/d/f?comp=rangelist")
    assert content(ranges).startswith(DECLARATION + b"<Ranges><Range><Start>0</Start><End>")
    assert (header(ranges, "x-ms-content-length"), header(ranges, "Transfer-Encoding")) == ("1024", "chunked")
    asker.ask("PUT", "/data/d/f?comp=range", ("x-ms-write", "clear"), ("x-ms-range", "bytes=0-1023"))
    assert content(asker.ask("GET", "/data/d/f?comp=rangelist", ("Range", "bytes=0-99"))) == DECLARATION + b"<Ranges />"
    statistics = asker.ask("GET", "/data?restype=share&comp=stats")
    assert content(statistics).startswith(DECLARATION + b"<ShareStats><ShareUsageBytes>")
    assert header(statistics, "ETag") is None


def test_open_handles_are_listed_by_page_and_closed() -> None:
    asker = Asker().with_share()
    first = asker.simulator.open_handle(ACCOUNT, "data")
    second = asker.simulator.open_handle(
        ACCOUNT, "data", "d/f", client_ip="10.0.0.7:5000", client_name="pc", access_rights=("Read", "Write")
    )
    target, recursive = "/data?comp=listhandles", ("x-ms-recursive", "True")
    page = asker.ask("GET", f"{target}&maxresults=1", recursive, version=OLD)
    document = xml(page)
    marker = document.findtext("NextMarker") or ""
    handle = next(document.iter("Handle"))
    assert [(child.tag, child.text) for child in handle] == [
        ("HandleId", str(first)),
        ("Path", None),
        ("FileId", "0"),
        ("ParentId", "0"),
        ("SessionId", "9385737614310506553"),
        ("ClientIp", "127.0.0.1:50000"),
        ("OpenTime", "Mon, 04 May 2026 03:02:01 GMT"),
    ]
    rest = xml(asker.ask("GET", f"{target}&marker={marker}", recursive))
    handle = next(rest.iter("Handle"))
    assert [child.tag for child in rest] == ["Marker", "Entries", "NextMarker"]
    assert (handle.findtext("HandleId"), handle.findtext("Path")) == (str(second), "d/f")
    assert [right.text for right in handle.iter("AccessRight")] == ["Read", "Write"]
    assert handle.findtext("ClientName") == "pc"
    one = asker.ask("PUT", "/data/d/f?comp=forceclosehandles", ("x-ms-handle-id", str(second)))
    assert header(one, "x-ms-number-of-handles-closed") == "1"
    closed = asker.ask("PUT", "/data?comp=forceclosehandles", ("x-ms-handle-id", "*"), recursive, version=OLD)
    assert header(closed, "x-ms-number-of-handles-closed") == "1"
    assert header(closed, "x-ms-number-of-handles-failed") is None
    assert b"<Entries />" in content(asker.ask("GET", target, recursive))


def test_access_policies_come_back_with_seven_digits_and_without_what_is_empty() -> None:
    asker = Asker().with_share()
    body = (
        "<?xml version='1.0' encoding='utf-8'?>\n<SignedIdentifiers><SignedIdentifier><Id>testid</Id><AccessPolicy>"
        "<Start>2019-05-09T01:33:47Z</Start><Expiry>2019-05-09</Expiry><Permission>rw</Permission></AccessPolicy>"
        "</SignedIdentifier><SignedIdentifier><Id>empty</Id><AccessPolicy><Start /></AccessPolicy></SignedIdentifier>"
        "</SignedIdentifiers>"
    )
    written = asker.ask("PUT", ACL, body=body.encode())
    assert (written.status, header(written, "ETag") is not None) == (200, True)
    reply = asker.ask("GET", ACL)
    assert content(reply) == DECLARATION + (
        b"<SignedIdentifiers><SignedIdentifier><Id>testid</Id><AccessPolicy><Start>2019-05-09T01:33:47.0000000Z</Start>"
        b"<Expiry>2019-05-09T00:00:00.0000000Z</Expiry><Permission>rw</Permission></AccessPolicy></SignedIdentifier>"
        b"<SignedIdentifier><Id>empty</Id></SignedIdentifier></SignedIdentifiers>"
    )
    assert header(reply, "ETag") == header(written, "ETag")
    asker.ask("PUT", ACL)
    assert content(asker.ask("GET", ACL)) == DECLARATION + b"<SignedIdentifiers />"


ONE = "<SignedIdentifier><Id>{}</Id>{}</SignedIdentifier>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("no xml", "InvalidXmlDocument"),
        ("<SignedIdentifiers>", "InvalidXmlDocument"),
        ("<Other />", "InvalidXmlDocument"),
        ("<!DOCTYPE a><SignedIdentifiers />", "InvalidXmlDocument"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><SignedIdentifiers>&b;</SignedIdentifiers>', "InvalidXmlDocument"),
        ("<?xml version='1.0' encoding='klingon'?><SignedIdentifiers />", "InvalidXmlDocument"),
        (f"{'<a>' * 40}{'</a>' * 40}", "InvalidXmlDocument"),
        ("<SignedIdentifiers><Other /></SignedIdentifiers>", "InvalidXmlDocument"),
        (f"<SignedIdentifiers>{ONE.format('a', '') * 2}</SignedIdentifiers>", "InvalidXmlDocument"),
        (f"<SignedIdentifiers>{''.join(ONE.format(i, '') for i in range(6))}</SignedIdentifiers>", "InvalidXmlDocument"),
        (f"<SignedIdentifiers>{ONE.format('x' * 65, '')}</SignedIdentifiers>", "InvalidXmlDocument"),
        (f"<SignedIdentifiers>{ONE.format('', '')}</SignedIdentifiers>", "InvalidXmlDocument"),
        ("<SignedIdentifiers><SignedIdentifier /></SignedIdentifiers>", "MissingRequiredXmlNode"),
        (f"<SignedIdentifiers>{ONE.format('a', '<Colour />')}</SignedIdentifiers>", "UnsupportedXmlNode"),
        (f"<SignedIdentifiers>{ONE.format('a', '<AccessPolicy><Colour /></AccessPolicy>')}</SignedIdentifiers>", "UnsupportedXmlNode"),
        (f"<SignedIdentifiers>{ONE.format('a', '<AccessPolicy><Start>x</Start></AccessPolicy>')}</SignedIdentifiers>", "InvalidXmlNodeValue"),
        (f"<SignedIdentifiers>{ONE.format('a', '<AccessPolicy><Permission>x</Permission></AccessPolicy>')}</SignedIdentifiers>", "InvalidXmlNodeValue"),
    ],
)  # fmt: skip
def test_a_policy_document_that_is_not_one_is_refused(body: str, expected: str) -> None:
    reply = Asker().with_share().ask("PUT", ACL, body=body.encode())
    assert (reply.status, code(reply)) == (400, expected)


def test_permissions_travel_as_json_the_key_in_a_header_and_no_content_type_on_the_way_back() -> None:
    asker = Asker().with_share()
    target = "/data?restype=share&comp=filepermission"
    sddl = "O:S-1-5-21-1-2-3-4G:S-1-5-21-1-2-3-513D:AI(A;;FA;;;SY)"
    made = asker.ask("PUT", target, body=json.dumps({"permission": sddl, "format": "sddl"}).encode())
    key = header(made, "x-ms-file-permission-key") or ""
    assert (made.status, header(made, "Transfer-Encoding"), header(made, "ETag")) == (201, "chunked", None)
    got = asker.ask("GET", target, ("x-ms-file-permission-key", key))
    assert content(got).startswith(b'{"permission":"O:S-1-5-21-1-2-3-4G:')
    assert header(got, "Content-Type") is None
    assert header(got, "Content-Length") == str(len(content(got)))
    for body in (b"", b"[]", b"{}", b'{"permission":1}', b"\xff", b"[" * 100000):
        assert code(asker.ask("PUT", target, body=body)) == "InvalidInput"


def test_a_whole_file_and_a_range_have_their_own_status_and_hash_headers() -> None:
    asker = Asker().with_share()
    asker.ask("PUT", "/data/d/f?comp=properties", ("x-ms-content-md5", "c3RvcmVk"), ("x-ms-content-type", "text/plain"),
              ("x-ms-content-language", "de"), ("x-ms-content-encoding", "x"), ("x-ms-cache-control", "no-cache"),
              ("x-ms-content-disposition", "inline"))  # fmt: skip
    whole = asker.ask("GET", "/data/d/f")
    assert (whole.status, header(whole, "Content-MD5"), header(whole, "Content-Range")) == (200, "c3RvcmVk", None)
    assert (header(whole, "Accept-Ranges"), header(whole, "x-ms-type"), len(content(whole))) == ("bytes", "File", 1024)
    part = asker.ask(
        "GET", "/data/d/f", ("Range", "bytes=9-9"), ("x-ms-range", "bytes=0-3"), ("x-ms-range-get-content-md5", "true")
    )
    assert (part.status, part.reason, content(part)) == (206, "Partial Content", b"abcd")
    assert header(part, "Content-Range") == "bytes 0-3/1024"
    assert header(part, "x-ms-content-md5") == "c3RvcmVk"
    assert header(part, "Content-MD5") == base64.b64encode(hashlib.md5(b"abcd").digest()).decode()
    head = asker.ask("HEAD", "/data/d/f")
    assert (head.status, header(head, "Content-Length"), head.body) == (200, "1024", ())
    assert header(head, "Accept-Ranges") is None
    for reply in (whole, part, head):
        assert header(reply, "Content-Type") == "text/plain"
        assert header(reply, "Content-Language") == "de"
        assert header(reply, "Content-Encoding") == "x"
        assert header(reply, "Cache-Control") == "no-cache"
        assert header(reply, "Content-Disposition") == "inline"


def test_a_plain_content_type_on_create_becomes_the_files_type() -> None:
    asker = Asker().with_share()
    asker.ask("PUT", "/data/g", *CREATE, ("Content-Type", "application/xml"))
    assert header(asker.ask("HEAD", "/data/g"), "Content-Type") == "application/xml"
    asker.ask("PUT", "/data/g", *CREATE, ("Content-Type", "application/xml"), ("x-ms-content-type", "a/b"))
    assert header(asker.ask("HEAD", "/data/g"), "Content-Type") == "a/b"


def test_writes_say_encrypted_and_a_clear_does_not() -> None:
    asker = Asker().with_share()
    update = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd")
    clear = asker.ask("PUT", "/data/d/f?comp=range", ("x-ms-write", "clear"), ("x-ms-range", "bytes=0-3"))
    mark = "x-ms-request-server-encrypted"
    assert (header(update, mark), header(update, "Content-MD5")) == ("true", "4vxxTEcn7pOV8yTNLn8zHw==")
    assert (header(clear, mark), header(clear, "Content-MD5"), clear.status) == (None, None, 201)
    for target, method in (("/data/d/f", "HEAD"), ("/data/d?restype=directory", "GET")):
        assert header(asker.ask(method, target), "x-ms-server-encrypted") == "true"


def test_file_lease_replies_are_chunked_and_share_lease_replies_are_not() -> None:
    asker = Asker().with_share()
    acquire = (("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1"))
    for target, framing in (
        ("/data/d/f?comp=lease", ("chunked", None)),
        ("/data?restype=share&comp=lease", (None, "0")),
    ):
        taken = asker.ask("PUT", target, *acquire)
        assert (header(taken, "Transfer-Encoding"), header(taken, "Content-Length")) == framing
        assert (taken.status, header(taken, "x-ms-lease-id") is not None) == (201, True)
        again = asker.ask("PUT", target, *acquire)
        assert (again.status, code(again)) == (409, "LeaseAlreadyPresent")
        broken = asker.ask("PUT", target, ("x-ms-lease-action", "break"))
        assert (broken.status, header(broken, "x-ms-lease-time"), header(broken, "x-ms-lease-id")) == (202, "0", None)
    assert header(asker.ask("HEAD", "/data/d/f"), "x-ms-lease-state") == "broken"
    assert header(asker.ask("GET", "/data?restype=share"), "x-ms-lease-state") == "broken"


def test_every_state_of_a_share_lease_is_shown() -> None:
    asker = Asker().with_share()
    target = "/data?restype=share&comp=lease"

    def shown() -> tuple[str | None, ...]:
        reply = asker.ask("GET", "/data?restype=share")
        return tuple(header(reply, f"x-ms-lease-{name}") for name in ("status", "state", "duration"))

    assert shown() == ("unlocked", "available", None)
    asker.ask("PUT", target, ("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "15"))
    assert shown() == ("locked", "leased", "fixed")
    asker.advance(16)
    assert shown() == ("unlocked", "expired", None)
    asker.ask("PUT", target, ("x-ms-lease-action", "acquire"), ("x-ms-lease-duration", "-1"))
    assert shown() == ("locked", "leased", "infinite")
    asker.ask("PUT", target, ("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "10"))
    assert shown() == ("locked", "breaking", None)
    asker.advance(11)
    assert shown() == ("unlocked", "broken", None)


def test_a_copy_is_told_in_headers_and_cannot_be_aborted_afterwards() -> None:
    asker = Asker().with_share()
    source = ("x-ms-copy-source", f"http://127.0.0.1/{ACCOUNT}/data/d/f")
    made = asker.ask("PUT", "/data/g", source)
    copy_id = header(made, "x-ms-copy-id")
    head = asker.ask("HEAD", "/data/g")
    assert (header(head, "x-ms-copy-id"), header(head, "x-ms-copy-progress")) == (copy_id, "1024/1024")
    assert header(head, "x-ms-copy-completion-time") == "Mon, 04 May 2026 03:02:01 GMT"
    assert header(head, "x-ms-copy-status-description") is None
    reply = asker.ask("PUT", f"/data/g?comp=copy&copyid={copy_id}", ("x-ms-copy-action", "abort"))
    assert (reply.status, code(reply)) == (409, "NoPendingCopyOperation")


def test_an_aborted_copy_is_204_without_a_length() -> None:
    from azfiles_sim.model.results import Done
    from azfiles_sim.wire.copying import render_abort

    asker = Asker()
    asker.ask("GET", "/?comp=list")
    answer = render_abort(None, Done())  # type: ignore[arg-type] - it looks at neither
    assert (answer.status, answer.headers) == (204, [])


def test_a_directory_is_renamed_with_what_the_request_sets() -> None:
    asker = Asker().with_share()
    source = ("x-ms-file-rename-source", f"http://127.0.0.1/{ACCOUNT}/data/d")
    reply = asker.ask("PUT", "/data/e?restype=directory&comp=rename", source, ("x-ms-file-attributes", "Hidden"))
    assert (reply.status, header(reply, "x-ms-file-attributes")) == (200, "Hidden | Directory")
    assert asker.ask("HEAD", "/data/e/f").status == 200


def test_directory_and_metadata_replies_have_no_more_than_they_should() -> None:
    asker = Asker().with_share()
    asker.ask("PUT", "/data/d?restype=directory&comp=metadata", ("x-ms-meta-a", "1"))
    asker.ask("PUT", "/data/d/f?comp=metadata", ("x-ms-meta-b", "2"))
    for method, target, name in (
        ("GET", "/data/d?restype=directory&comp=metadata", "x-ms-meta-a"),
        ("HEAD", "/data/d/f?comp=metadata", "x-ms-meta-b"),
    ):
        reply = asker.ask(method, target, version=NEWEST)
        names = [pair[0] for pair in reply.headers]
        assert names[:4] == ["Content-Length", "ETag", "Last-Modified", name]
        assert header(reply, "x-ms-file-id") is None
    assert asker.ask("PUT", "/data/d?restype=directory&comp=properties", ("x-ms-file-attributes", "None")).status == 200
    assert asker.ask("PUT", "/data?restype=share&comp=properties", ("x-ms-share-quota", "7")).status == 200
    assert header(asker.ask("GET", "/data?restype=share"), "x-ms-share-quota") == "7"
    assert asker.ask("DELETE", "/data/d/f").status == 202
    assert asker.ask("DELETE", "/data/d?restype=directory").status == 202
    assert asker.ask("DELETE", "/data?restype=share", ("x-ms-delete-snapshots", "include-leased")).status == 202


def test_a_file_shows_its_metadata_and_preserved_attributes_stay() -> None:
    asker = Asker().with_share()
    asker.ask("PUT", "/data/d/f?comp=properties", ("x-ms-file-attributes", "readonly | hidden"))
    asker.ask(
        "PUT",
        "/data/d/f?comp=properties",
        ("x-ms-file-attributes", "preserve"),
        ("x-ms-file-creation-time", "Preserve"),
    )
    asker.ask("PUT", "/data/d/f?comp=properties", ("x-ms-file-attributes", "ReadOnly|Archive|Offline"))
    head = asker.ask("HEAD", "/data/d/f")
    assert header(head, "x-ms-file-attributes") == "ReadOnly | Archive | Offline"
    asker.ask("PUT", "/data/g", *CREATE, ("x-ms-meta-Key", "value"))
    assert header(asker.ask("HEAD", "/data/g"), "x-ms-meta-Key") == "value"


def test_a_copy_that_is_not_complete_shows_no_completion_time_but_its_description() -> None:
    from dataclasses import replace

    from azfiles_sim import IN_PROCESS, Request
    from azfiles_sim.model.commands import GetFileProperties
    from azfiles_sim.model.deciding import find_place
    from azfiles_sim.model.entities import CopyRecord, File
    from azfiles_sim.wire.call import read_call
    from azfiles_sim.wire.paths import read_headers

    asker = Asker().with_share()
    view = asker.simulator._service.store.view()
    node = find_place(view, GetFileProperties(account=ACCOUNT, version=NEWEST, share="data", path=("d", "f"))).node
    assert isinstance(node, File)
    failed = replace(node, copy=CopyRecord("id", "https://a/b", "failed", 5, 10, None, "500 gone"))
    call = read_call(Request("HEAD", "/"), IN_PROCESS, view, asker.clock.now())
    shown = dict(read_headers(call, failed))
    assert (shown["x-ms-copy-progress"], shown["x-ms-copy-status-description"]) == ("5/10", "500 gone")
    assert "x-ms-copy-completion-time" not in shown


def test_a_reconnected_handle_shows_when() -> None:
    from azfiles_sim import IN_PROCESS, Request
    from azfiles_sim.model.entities import Handle
    from azfiles_sim.model.results import HandlesPage
    from azfiles_sim.wire.call import read_call
    from azfiles_sim.wire.handles import render_list

    handle = Handle(1, "d", 2, 3, 4, "10.0.0.1:5", 0, last_reconnect=10_000_000)

    asker = Asker()
    request = Request("GET", "/?comp=listhandles")
    call = read_call(request, IN_PROCESS, asker.simulator._service.store.view(), asker.clock.now())
    answer = render_list(call, HandlesPage((handle,), None))
    assert b"<LastReconnectTime>Mon, 01 Jan 0001 00:00:01 GMT</LastReconnectTime>" in b"".join(answer.body)


def test_without_range_md5_a_write_tells_a_hash_only_where_it_was_sent_one() -> None:
    asker = Asker(range_md5=False).with_share()
    plain = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd")
    assert (plain.status, header(plain, "Content-MD5")) == (201, None)
    right = ("Content-MD5", "4vxxTEcn7pOV8yTNLn8zHw==")
    assert header(asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, right, body=b"abcd"), right[0]) == right[1]
    refused = asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, right, body=b"abcx")
    assert (refused.status, code(refused)) == (400, "Md5Mismatch")
    asker.simulator = asker.simulator.fork()
    assert header(asker.ask("PUT", "/data/d/f?comp=range", *UPDATE, body=b"abcd"), "Content-MD5") is None
