"""Awkward values: what requests are spoilt with."""

from __future__ import annotations

from typing import Final

from azfiles_sim.wire.api_versions import KNOWN
from tests.versions.examples import LEASE, OTHER_LEASE, SDDL, SOURCE
from tests.wire.asking import ACCOUNT

NUMBERS: Final = (
    "", "0", "-0", "-1", "+1", "1", "007", "3", "512", "1024", "4194304", "4194305", "4398046511104", "4398046511105",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 30, "9" * 5000, "1e3", "1.0", "0x10", "1_000",
    "\u0661\u0662\u0663", "\uff11\uff12", " 1", "1 ", "NaN", "inf", "true", "1,2",
)  # fmt: skip
RANGES: Final = (
    "", "bytes", "bytes=", "bytes=-", "bytes=0", "bytes=0-", "bytes=-1", "bytes=0-0", "bytes=0-3", "bytes=3-0", "bytes=1023-1024",
    "bytes=1024-1027", "bytes=0-99999999999999999999", "bytes=99999999999999999999-", "bytes=0-3,5-6", "bytes=0-3, 4-5",
    "bytes=a-b", "bytes=0x0-0x3", "bytes=\u0660-\u0663", "bytes = 0-3", "bytes=0 - 3", "BYTES=0-3", "Bytes=0-3", "items=0-3", "bytes=0-4194304",
    "bytes=0-4194303", "bytes=--3", "bytes=0--3", "bytes=+0-3", "bytes=0-3-5", "bytes=0-" + "9" * 5000, "0-3", "bytes 0-3/4",
)  # fmt: skip
TIMES: Final = (
    "", "now", "Now", "NOW", "preserve", "inherit", "source", "2026-05-04T03:02:01.0000000Z", "2026-05-04T03:02:01Z",
    "2026-05-04", "0000-00-00T00:00:00.0000000Z", "0001-01-01T00:00:00.0000000Z", "9999-12-31T23:59:59.9999999Z",
    "10000-01-01T00:00:00.0000000Z", "2026-13-01T00:00:00.0000000Z", "2026-02-30T00:00:00.0000000Z",
    "2026-05-04T24:00:00.0000000Z", "2026-05-04T03:02:61.0000000Z", "2026-05-04T03:02:01.00000000000Z",
    "2026-05-04T03:02:01.0000000+01:00", "\uff12\uff10\uff12\uff16-05-04T03:02:01.0000000Z", "Mon, 04 May 2026 03:02:01 GMT",
    "Mon, 32 May 2026 03:02:01 GMT", "1601-01-01T00:00:00.0000000Z", "-2026-05-04T03:02:01.0000000Z",
)  # fmt: skip
GUIDS: Final = (
    "", LEASE, OTHER_LEASE, LEASE.upper(), f"{{{LEASE}}}", LEASE.replace("-", ""), LEASE[:-1], LEASE + "0", "x" * 36, "*",
    "urn:uuid:" + LEASE, "00000000-0000-0000-0000-000000000000", "é" * 36,
)  # fmt: skip
URLS: Final = (
    "", SOURCE, f"/{ACCOUNT}/data/d/f", "http://", "http:///", "https://[::1", "http://[::1]/a", "http://a:b/c", "http://a:99999/b",
    "http://127.0.0.1:0/x", f"http://user:pass@127.0.0.1/{ACCOUNT}/data/d/f", f"http://127.0.0.1/{ACCOUNT}/data/d/f?sharesnapshot=x",
    f"http://127.0.0.1/{ACCOUNT}/data/d/f?sig=x&sr=f", f"http://127.0.0.1/{ACCOUNT}/data/d/f#part", "ftp://127.0.0.1/a/b/c",
    f"http://127.0.0.1/{ACCOUNT}", f"http://127.0.0.1/{ACCOUNT}/", f"http://127.0.0.1/{ACCOUNT}/data",
    f"http://127.0.0.1/{ACCOUNT}/data/%zz", f"http://127.0.0.1/{ACCOUNT}/data/%ff%fe", f"http://127.0.0.1/{ACCOUNT}/data/{'d/' * 300}",
    f"http://127.0.0.1/{ACCOUNT}/data/../data/d/f", "http://127.0.0.1/nobody/data/d/f", "http://a.file.core.windows.net/data/f",
    f"http://{ACCOUNT}.blob.core.windows.net/data/f", "http://x." + "y" * 3000, "javascript:1", "http://\u0000/", "http://é.example/ü",
    f"http://127.0.0.1/{ACCOUNT}/data/d/f?{'a=b&' * 500}", "http://127.0.0.1:http/x", "//127.0.0.1/x", "\\\\server\\share",
)  # fmt: skip
PERMISSIONS: Final = (
    "", SDDL, "inherit", "preserve", "source", "O:", "O:XX", "O:BAG:BAD:(A;;FA;;;WD", "D:" + "(A;;FA;;;WD)" * 800, "(" * 9000,
    "O:S-1-5-21-1-2-3-4G:BA", "O:S-1-" + "9" * 400, "D:P(A;OICI;FA;;;SY)S:", "AQAEgA==", "not base64!", "\u0000", "é",
    "4010187179898695473*11459378189709739967", "1*1", "*", "1*", "99999999999999999999999*1", "\u0661*\u0661",
)  # fmt: skip
WORDS: Final = (
    "", "true", "True", "false", "yes", "0", "1", "update", "clear", "acquire", "break", "renew", "change", "release", "abort",
    "file", "File", "directory", "SMB", "NFS", "Hot", "Premium", "Cold", "include", "include-leased", "source", "override", "Binary",
    "Sddl", "backup", "Archive", "ReadOnly|Hidden", "Archive|", "|", "Directory", "None|None", "Bogus", "*", "*,*", "é", "\u0000", "a\r\nb: c",
    "x" * 9000, "\t", "\x7f", "XSM/1.0; properties=crc64", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAA", "=", "Restore", "New",
    "RootSquash", "0755", "9999", "text/plain", "gzip", "bytes",
)  # fmt: skip
VERSIONS: Final = (
    *KNOWN, "", "2027-01-05", "2014-02-14", "2020-01-01", "2026-13-01", "newest", "\uff12\uff10\uff12\uff16-10-06", "2026-10-06 ", "9999-99-99",
    "2026-10-06, 2026-10-06", "0000-00-00", "x" * 5000,
)  # fmt: skip
SEGMENTS: Final = (
    "", ".", "..", "...", "a.", "a..", "a ", "%20", "%", "%zz", "%0", "%00", "%2F", "%2f..%2f", "%5C", "\\", "%ff%fe", "%ED%A0%80", "%F0%9F%98%80",
    "%EF%BF%BF", "%E2%80%AE", "d", "f", "D", "F", "e\u0301", "é", "ß", "\u0131", "*", "a*b", "a:b", 'a"b', "a<b", "a|b", "a%3Fb", "a%23b", "a+b",
    "a" * 255, "a" * 256, "a" * 3000, "CON", "LPT1", "NUL.txt", "PRN", "$MFT", "$root", "$logs", "-a", "a--b", "ab", "x" * 64, "AB", "\u0000",
    "\ud800", "a\tb", "a\nb", "\x7f", "%25", "%252F", "~", "'", "(", ")", "[", "]", "{}", "^", "`", ";", "@", "&", "=", "d%2Ff", "1.2.3.4",
)  # fmt: skip
PARAMETERS: Final = (
    "restype", "comp", "timeout", "prefix", "marker", "maxresults", "include", "sharesnapshot", "prevsharesnapshot", "copyid",
    "api-version", "snapshot", "sv", "sig", "sp", "sr", "se", "st", "si", "ss", "srt", "spr", "sip", "skoid", "RESTYPE", "Comp", "", "é", "unknown",
    "rscc", "rscd", "sddl", "%00", "x" * 2000,
)  # fmt: skip
QUERY_WORDS: Final = (
    *NUMBERS, *TIMES, "share", "directory", "service", "file", "hardlink", "symboliclink", "list", "properties", "metadata", "acl",
    "stats", "snapshot", "undelete", "filepermission", "lease", "listhandles", "forceclosehandles", "rename", "range", "rangelist",
    "copy", "userdelegationkey", "Share", "LIST", "etag,timestamps", "etag,,", ",", "snapshots,metadata,deleted", "everything", "1!4!YQ--",
    "1!4!YQ==", "1!9999999999!a", "1!4!////", "1!8!MS9kL2Y-", "/testaccount/data", "/", "//", "\u0000", "é", "%", LEASE, "a" * 3000,
)  # fmt: skip
HOSTS: Final = (
    "", "127.0.0.1", "localhost:1", f"{ACCOUNT}.file.core.windows.net", f"{ACCOUNT}.file.", f"{ACCOUNT}.blob.core.windows.net", ".file.core",
    "nobody.file.core.windows.net", f"{ACCOUNT}.FILE.core.windows.net:443", "[::1]", "[::1", "a b", "é.file.x", "\u0000", "x" * 5000,
    f"{ACCOUNT}-secondary.file.core.windows.net", "a:b:c", "127.0.0.1:99999", f"{ACCOUNT}.file.core.windows.net.", "..file..",
)  # fmt: skip
METHODS: Final = (
    "GET", "PUT", "HEAD", "DELETE", "POST", "OPTIONS", "PATCH", "MERGE", "TRACE", "CONNECT", "get", "Put", "", "FOO", "GETT", "G T", "PUT\n",
    "é", "\u0000", "X" * 3000, "PROPFIND",
)  # fmt: skip
_LAUGHS: Final = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BODIES: Final = tuple(
    text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    for text in (
        "", " ", "\u0000", "<", "<a", "<a>", "</a>", "<a/>", "<a></b>", "<a/><a/>", "text", "<a b=c/>", "<a b='c' b='d'/>", "<?xml?><a/>",
        "<SignedIdentifiers", "<SignedIdentifiers/>", "<SignedIdentifiers>" + "<SignedIdentifier><Id>a</Id></SignedIdentifier>" * 6,
        "<SignedIdentifiers><SignedIdentifier><Id>a</Id></SignedIdentifier><SignedIdentifier><Id>a</Id></SignedIdentifier></SignedIdentifiers>",
        "<SignedIdentifiers><SignedIdentifier/></SignedIdentifiers>", "<signedidentifiers/>", "<SignedIdentifiers><X/></SignedIdentifiers>",
        f"<SignedIdentifiers><SignedIdentifier><Id>{'a' * 65}</Id></SignedIdentifier></SignedIdentifiers>",
        "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Start>x</Start></AccessPolicy></SignedIdentifier></SignedIdentifiers>",
        "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Permission>xyz</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>",
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]><SignedIdentifiers>&l11;</SignedIdentifiers>',
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 20000}">]><SignedIdentifiers>{"&a;" * 2000}</SignedIdentifiers>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><SignedIdentifiers>&e;</SignedIdentifiers>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x">%p;]><SignedIdentifiers/>', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x"><a/>',
        '<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]><a>&a;</a>', "<a>&undefined;</a>", "<a>&#0;</a>", "<a>&#x110000;</a>", "<a>&#xD800;</a>",
        "<a>" * 3000, "<a>" * 20000 + "</a>" * 20000, "<a " + " ".join(f"x{n}=''" for n in range(5000)) + "/>", "<" + "a" * 100000 + "/>",
        "<![CDATA[<a/>]]>", "<!-- -- --><a/>", "<?a b?><a/>", "<a:b/>", "<a xmlns='x' xmlns='y'/>", "\ufeff<SignedIdentifiers/>",
        '<?xml version="1.0" encoding="utf-16"?><SignedIdentifiers/>', '<?xml version="1.0" encoding="bogus"?><SignedIdentifiers/>',
        '<?xml version="1.0" encoding="utf-7"?><SignedIdentifiers/>', '<?xml version="1.1"?><a>\x01</a>', "<StorageServiceProperties/>",
        "<StorageServiceProperties><Cors><CorsRule/></Cors></StorageServiceProperties>", "<KeyInfo/>", "<KeyInfo><Start/><Expiry/></KeyInfo>",
        "<StorageServiceProperties><HourMetrics><Version>1.0</Version><Enabled>maybe</Enabled></HourMetrics></StorageServiceProperties>",
        f"<StorageServiceProperties><Cors>{'<CorsRule><AllowedOrigins>*</AllowedOrigins></CorsRule>' * 9}</Cors></StorageServiceProperties>",
        "<KeyInfo><Start>x</Start><Expiry>9999-12-31T23:59:59Z</Expiry></KeyInfo>", "{", "{}", "[]", "null", "1" * 5000, '{"permission":1}',
        '{"permission":null}', '{"permission":""}', '{"permission":"x"}', '{"permission":"\\ud800"}', '{"permission":"\\u0000"}', "[" * 20000,
        '{"permission":"O:BAG:BA","format":7}', '{"permission":"AAAA","format":"binary"}', '{"permission":"' + "x" * 20000 + '"}',
        '{"a":' * 5000, "NaN", '{"permission":{"permission":"O:BA"}}', '{"permission":"O:BA","permission":"x"}', "\ud800",
        b"\xff\xfe<\x00a\x00/\x00>\x00", b"\xfe\xff\x00<", b"\xff" * 100, b"\x80", b"<a>\xff</a>", b"\x1f\x8b\x08\x00", bytes(512), bytes(513),
    )
)  # fmt: skip
OVERSIZED: Final = (bytes(4 * 1024 * 1024 + 1), bytes(9 * 1024 * 1024))

BY_HEADER: Final[dict[str, tuple[str, ...]]] = {
    "content-length": NUMBERS,
    "content-md5": WORDS,
    "content-type": WORDS,
    "date": TIMES,
    "expect": ("100-continue", "x"),
    "host": HOSTS,
    "if-match": ("*", '"0x8D"', ""),
    "if-modified-since": TIMES,
    "if-none-match": ("*", '"0x8D"', ""),
    "if-unmodified-since": TIMES,
    "origin": URLS,
    "range": RANGES,
    "transfer-encoding": ("chunked", "gzip, chunked", "identity", ""),
    "x-forwarded-proto": ("http", "https", "ftp", ""),
    "x-ms-copy-source": URLS,
    "x-ms-date": TIMES,
    "x-ms-file-change-time": TIMES,
    "x-ms-file-creation-time": TIMES,
    "x-ms-file-last-write-time": TIMES,
    "x-ms-file-permission": PERMISSIONS,
    "x-ms-file-permission-key": PERMISSIONS,
    "x-ms-file-rename-source": URLS,
    "x-ms-lease-id": GUIDS,
    "x-ms-proposed-lease-id": GUIDS,
    "x-ms-range": RANGES,
    "x-ms-source-lease-id": GUIDS,
    "x-ms-destination-lease-id": GUIDS,
    "x-ms-source-range": RANGES,
    "x-ms-version": VERSIONS,
}
"""Headers with values of their kind; every other header gets a number or a word."""
