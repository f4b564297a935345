"""Entries that come plainly are read without the parser for all of XML, and mean what that one says they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azfiles.core.documents import parse_listing_page
from azfiles.core.entries import plain_entries
from azfiles.errors import ReplyNotUnderstood
from tests.proof import THOROUGH

SEARCH = settings(max_examples=2000 if THOROUGH else 60, deadline=None, print_blob=True)

TIMES = (
    "<CreationTime>2019-07-07T01:19:34.9839930Z</CreationTime>"
    "<LastAccessTime>2019-07-07T01:19:34.9839931Z</LastAccessTime>"
    "<LastWriteTime>2019-07-07T01:19:35.9839937Z</LastWriteTime>"
    "<ChangeTime>2019-07-07T01:19:36.0000000Z</ChangeTime>"
    "<Last-Modified>Thu, 09 May 2019 01:34:42 GMT</Last-Modified>"
)
ETAG = '<Etag>"0x1"</Etag>'
NAMES = st.sampled_from(
    ["a", "a b.txt", "ü", "]", "%41", "\u2028", "😀", "a&amp;b", "&#65;", "a>b", "<![CDATA[x]]>", "", " "]
)


def document(entries: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ShareName="s"><DirectoryId>9</DirectoryId>'
        f"<Entries>{entries}</Entries><NextMarker>m</NextMarker></EnumerationResults>"
    )


@st.composite
def entry(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["File", "File", "Directory", "Link"]))
    name = draw(st.sampled_from(["<Name>", "<Name>", '<Name Encoded="true">'])) + draw(NAMES) + "</Name>"
    ids = draw(st.sampled_from(["", "<FileId>7</FileId>", "<FileId></FileId>", "<FileId />"]))
    size = draw(
        st.sampled_from(["<Content-Length>12</Content-Length>"] * 3 + ["", "<Content-Length>x</Content-Length>"])
    )
    more = draw(st.sampled_from(["", TIMES + ETAG, ETAG, TIMES.replace("2019-07", "2019-13"), TIMES[:60], ETAG + ETAG]))
    properties = f"<Properties>{size if kind == 'File' else ''}{more}</Properties>"
    rest = draw(
        st.sampled_from(["", "<Attributes>Archive</Attributes><PermissionKey>1*2</PermissionKey>", " ", "<New/>"])
    )
    return f"<{kind}>{name}{ids}{properties}{rest}</{kind}>"


def told(text: str) -> object:
    try:
        return parse_listing_page(text.encode())
    except ReplyNotUnderstood:
        return ReplyNotUnderstood


@given(st.lists(entry(), max_size=4))
@SEARCH
def test_a_page_means_what_the_parser_for_all_of_xml_reads_in_it(entries: list[str]) -> None:
    text = document("".join(entries))
    commented = text.replace("<DirectoryId>", "<!-- x --><DirectoryId>")  # which is never read plainly
    assert plain_entries(commented) is None
    assert told(text) == told(commented)


@given(st.lists(entry(), min_size=1, max_size=3), st.data())
@SEARCH
def test_nor_do_damages_come_out_differently(entries: list[str], data: st.DataObject) -> None:
    text = document("".join(entries))
    place = data.draw(st.integers(0, len(text) - 1))
    piece = data.draw(
        st.sampled_from(["", "<", ">", "/", "&", "\x01", "\uffff", "\r\n", "</Entries>", "<Entries>", "x"])
    )
    text = text[:place] + piece + text[place + data.draw(st.integers(0, 2)) :]
    assert told(text) == told(text + "<!-- x -->")  # which is never read plainly


def test_what_the_service_sends_is_read_plainly() -> None:
    text = document(
        f"<File><Name>a</Name><FileId>7</FileId><Properties><Content-Length>1</Content-Length>{TIMES}{ETAG}</Properties>"
        "<Attributes>Archive</Attributes><PermissionKey>1*2</PermissionKey></File>"
        "<Directory><Name>d</Name><FileId>8</FileId><Properties /></Directory>"
    )
    assert plain_entries(text) is not None


@pytest.mark.parametrize(
    "properties",
    ["<Content-Length>1</Content-Length><-a>x</-a>", f"<Content-Length>{'9' * 5000}</Content-Length>"],
    ids=["a name that XML does not know", "a number that Python does not read"],
)
def test_what_only_looks_plain_is_an_error_as_the_parser_says(properties: str) -> None:
    text = document(f"<File><Name>a</Name><Properties>{properties}</Properties></File>")
    assert plain_entries(text) is None
    assert told(text) is ReplyNotUnderstood


def test_of_two_errors_the_one_in_the_documents_grammar_is_told() -> None:
    times = TIMES.replace("2019-07", "2019-13")
    text = document(f"<Directory><Name>a</Name><Properties>{times}</Properties></Directory>").replace(
        "</NextMarker>", ""
    )
    with pytest.raises(ReplyNotUnderstood, match="not XML"):
        parse_listing_page(text.encode())


@pytest.mark.parametrize("entries", ["", "<File/>", "<File></File>"])
def test_no_entries_are_none(entries: str) -> None:
    found = plain_entries(document(entries))
    assert found is None if entries else found is not None
