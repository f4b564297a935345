"""The fast reader never reads a text otherwise than PyYAML does: it is equal to it, or it refuses."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcr.serializers import yamlserializer

from azfiles.cassette.yaml_blocks import UnusualYaml, read_blocks

tricky = st.sampled_from(
    ["null", "yes", "12", "-3", "1.50", "007", "0x1f", "1e3", "2019-02-02", "1:30", "a: b", "a #b", "- a", "a:", "'", '"',
     "\\", "a\nb", " a", "a ", "", "~", "=", "<<", "[a]", "{a: b}", "x" * 200 + " " + "y" * 90, "\ufeff<?xml?>", "é", "\x7f",
     "#", "a'b", "!!binary", "|", "&a", "*a", "%", "@", "`", "?", "? a", ", a", "\x85", "\u2028"]
)  # fmt: skip
texts = st.one_of(tricky, st.text(string.printable, max_size=120), st.text(st.characters(codec="utf-8"), max_size=20))
scalars = st.one_of(texts, st.none(), st.booleans(), st.integers(-5, 600), st.binary(max_size=200))
keys = st.one_of(st.text(string.ascii_letters + "-_.", min_size=1, max_size=12), tricky)
documents = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
        max_leaves=12,
    ),
    max_size=5,
)


def read(text: str):
    return read_blocks(text.splitlines(keepends=True) if text.isascii() else iter([text]))


# Drawing documents takes long on a busy machine; that is no reason to try fewer.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(documents, st.sampled_from([False, None]), st.sampled_from([40, 80, 10_000]))
def test_what_pyyaml_dumps_is_read_as_pyyaml_loads_it_or_refused(document, flow, width):
    text = yaml.dump(document, Dumper=yaml.CSafeDumper, default_flow_style=flow, width=width)
    try:
        found = read(text)
    except UnusualYaml:
        return
    assert found == document


@given(st.text("ab-:'\"\\ \n[]{},#!|>&*?%12~=", max_size=40))
def test_any_text_is_read_as_pyyaml_loads_it_or_refused(text: str):
    try:
        found = read(text)
    except UnusualYaml:
        return
    assert found == yaml.load(text, Loader=yaml.CSafeLoader)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "a:\n- b\n- c: 1\n  d: e\n- 'f'\n",
        "a: {b: [c, 'd e'], f: {}, g: []}\n",
        "a: one\n  two\n  three\nb: null\n",
        "a: 'one\n  two ''three'''\nb: \"x\\\n  \\ y \\n z\n  w\"\n",
        "# a comment\na: !!binary |\n  /wD+\n",
        "a:\nb: -3\nc: 1.5\nd: 'x'\n",
    ],
)
def test_the_styles_of_cassettes_are_read(text: str):
    assert read(text) == yaml.load(text, Loader=yaml.CSafeLoader)


def test_a_cassette_that_vcrpy_writes_is_not_refused():
    def headers(number: int):  # not the same objects again, or PyYAML writes aliases
        return {
            "Accept": ["*/*"],
            "User-Agent": ["w" * 30 + " " + "v" * 60 + " end"],
            "ETag": ['"0x8D"'],
            "N": [f"1{number}"],
        }

    interactions = [
        {
            "request": {"method": "PUT", "uri": "https://h/s?a=b", "body": None, "headers": headers(1)},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": headers(2),
                "body": {"string": body},
            },
        }
        for body in ("", "text", '\ufeff<?xml version="1.0"?>' + "<a>b c</a>" * 30, bytes(range(256)))
    ]
    text = yamlserializer.serialize({"version": 1, "interactions": interactions})
    assert read(text) == yamlserializer.deserialize(text)


@pytest.mark.parametrize("text", ["a: &x b\n", "a: *x\n", "? a\n: b\n", "a: !!str b\n", "a: |\n  b\n", "- a\n", "a", "",
                                  "a: b # c\n", "a: [b,\n  c]\n", "a: 2019-02-02\n", "a: 0x1f\n", "yes: a\n", "a: b\r\n",
                                  "a: é\n", "a: b\n\nc: d\n", "--- a\n", "a: !!binary |\n  /wD\n", "a: '\n"])  # fmt: skip
def test_what_it_does_not_know_exactly_is_refused(text: str):
    with pytest.raises(UnusualYaml):
        read(text)


def test_a_large_binary_block_comes_in_pieces():
    data = bytes(range(256)) * 4000
    pieces: list[int] = []

    def take(parts):
        found = list(parts)
        pieces.extend(map(len, found))
        return b"".join(found)

    lines = yaml.dump({"a": data, "b": 1}, Dumper=yaml.CSafeDumper).splitlines(keepends=True)
    assert read_blocks(lines, take) == {"a": data, "b": 1}
    assert len(pieces) > 3
