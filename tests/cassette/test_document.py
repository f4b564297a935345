"""The cassette file: vcrpy is the referee of the format, and nothing damaged passes."""

from __future__ import annotations

import builtins
import contextlib
import gc
import json
import os
import stat
import string
from pathlib import Path

import pytest
import vcr.serialize
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.request import Request as VcrRequest
from vcr.serializers import jsonserializer, yamlserializer

from azfiles.cassette.document import parse_cassette, read_cassette
from azfiles.cassette.interactions import Interaction, RecordedRequest, RecordedResponse
from azfiles.cassette.writing import render_cassette, write_cassette
from azfiles.errors import CassetteError
from tests.cassette.builders import interaction

BOM_XML = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><Error><Code>ShareNotFound</Code></Error>'

texts = st.text(st.characters(codec="utf-8"), max_size=30)
header_values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
header_names = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
header_lists = st.dictionaries(header_names, header_values, max_size=4).map(
    lambda found: tuple({name.lower(): (name, value) for name, value in found.items()}.values())
)
bodies = st.one_of(st.binary(max_size=60), texts.map(str.encode), st.just(BOM_XML))
interactions = st.lists(
    st.builds(
        Interaction,
        st.builds(
            RecordedRequest, st.sampled_from(["GET", "PUT"]), texts.map("https://h/".__add__), header_lists, bodies
        ),
        st.builds(RecordedResponse, st.integers(100, 599), header_values, header_lists, bodies),
    ),
    max_size=3,
)


def vcr_load(data: bytes):
    """What vcrpy reads, in the shape of ours."""
    requests, responses = vcr.serialize.deserialize(data.decode("ascii"), yamlserializer)
    return [
        (
            one.method,
            one.uri,
            one.body or b"",
            dict(one.headers),
            answer["status"],
            answer["headers"],
            answer["body"]["string"],
        )
        for one, answer in zip(requests, responses, strict=True)
    ]


def as_vcr_sees(found: list[Interaction]):
    return [
        (
            one.request.method,
            one.request.uri,
            one.request.body,
            dict(one.request.headers),
            {"code": one.response.status, "message": one.response.reason},
            {name: [value] for name, value in one.response.headers},
            one.response.body,
        )
        for one in found
    ]


@given(interactions)
def test_what_we_write_reads_back_equal(found: list[Interaction]):
    assert parse_cassette(render_cassette(found), source="x") == found


@given(interactions)
def test_vcrpy_loads_what_we_write(found: list[Interaction]):
    assert vcr_load(render_cassette(found)) == as_vcr_sees(found)


@given(interactions)
def test_we_load_what_vcrpy_writes(found: list[Interaction]):
    written = vcr.serialize.serialize(
        {
            "requests": [
                VcrRequest(one.request.method, one.request.uri, one.request.body, dict(one.request.headers))
                for one in found
            ],
            "responses": [
                {
                    "status": {"code": one.response.status, "message": one.response.reason},
                    "headers": {name: [value] for name, value in one.response.headers},
                    "body": {"string": one.response.body},
                }
                for one in found
            ],
        },
        yamlserializer,
    )
    loaded = parse_cassette(written.encode(), source="x")
    assert as_vcr_sees(loaded) == as_vcr_sees(found)


def loads_or_complains(data: bytes) -> int | None:
    """The number of interactions, or nothing where a ``CassetteError`` came; any other error passes through."""
    with contextlib.suppress(CassetteError):
        return len(parse_cassette(data, source="x"))
    return None


@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_whatever_the_file_holds_it_is_a_cassette_or_a_cassette_error(data: bytes):
    assert loads_or_complains(data) in {None, 0}


@given(interactions, st.data())
def test_a_cassette_with_one_byte_changed_is_a_cassette_or_a_cassette_error(found: list[Interaction], data):
    written = bytearray(render_cassette(found))
    written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.sampled_from(b"-:{}[]\"'!&*|> \n\t0a\xff"))
    loaded = loads_or_complains(bytes(written))
    assert loaded is None or loaded <= len(found)


def test_a_header_sent_twice_keeps_both_values():
    found = [Interaction(RecordedRequest("GET", "https://h/", (("A", "1"), ("a", "2"))), RecordedResponse(200, "OK"))]
    (loaded,) = parse_cassette(render_cassette(found), source="x")
    assert loaded.request.headers == (("A", "1"), ("A", "2"))


def test_text_is_written_as_text_with_its_bom_and_binary_as_binary():
    written = render_cassette([interaction("PUT", "/s/f?comp=range", body=b"\xff\x00", content=BOM_XML)])
    assert b"!!binary" in written
    assert b'"\\ufeff<?xml' in written
    assert parse_cassette(written, source="x")[0].response.body == BOM_XML


def test_a_whole_recording_without_its_last_line_is_refused_wherever_it_is_cut():
    written = render_cassette([interaction("GET", f"/s/f{number}", content=b"abc") for number in range(3)])
    complete = written.rstrip()
    for size in range(len(complete)):
        with pytest.raises(CassetteError, match=r"x\.yaml"):
            parse_cassette(complete[:size], source="x.yaml")


JSON_CASSETTE = {
    "version": 1,
    "interactions": [
        {
            "request": {"method": "GET", "uri": "https://h/s/f", "body": "\U0001f600", "headers": {"A": ["1"]}},
            "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "\U0001f600"}},
        }
    ],
}


def test_a_json_cassette_of_vcrpy_loads():
    text = json.dumps(JSON_CASSETTE)
    (ours,) = parse_cassette(text.encode(), source="x")
    (request,), (response,) = vcr.serialize.deserialize(text, jsonserializer)
    assert ours.request.body == request.body == "\U0001f600".encode()
    assert ours.response.body == response["body"]["string"]


@pytest.mark.parametrize("size", [1, 20, 100, 200])
def test_a_json_cassette_cut_short_is_refused(size: int):
    with pytest.raises(CassetteError):
        parse_cassette(json.dumps(JSON_CASSETTE).encode()[:size], source="x")


def old(request: str = "", response: str = "") -> bytes:
    """A cassette with the given lines in place of the usual ones."""
    request = request or "{method: GET, uri: 'https://h/', body: null, headers: {}}"
    response = response or "{status: {code: 200, message: OK}, headers: {}, body: {string: ''}}"
    return f"interactions:\n- request: {request}\n  response: {response}\nversion: 1\n".encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("null", b""),
        ("abc", b"abc"),
        ("{string: abc}", b"abc"),
        ("{string: null}", b""),
        ("{base64_string: 'YWJj'}", b"abc"),
        ("!!python/unicode 'abc'", b"abc"),
        ("!!python/str 'abc'", b"abc"),
        ("!!python/tuple [a, !!binary Yg==]", b"ab"),
        ("!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary YWJj, 0, null]}", b"abc"),
        ("!!python/object/new:_io.BytesIO {state: null}", b""),
        ("!!python/object/apply:builtins.iter {args: !!python/tuple [[a, b]]}", b"ab"),
        ("!!python/object/apply:builtins.iter {}", b""),
    ],
)
def test_request_bodies_of_older_vcrpy_releases_are_understood(body: str, expected: bytes):
    (found,) = parse_cassette(old(f"{{method: PUT, uri: 'https://h/', body: {body}, headers: {{}}}}"), source="x")
    assert found.request.body == expected


def test_a_header_value_that_is_not_a_list_is_one_value():
    (found,) = parse_cassette(
        old("{method: PUT, uri: 'https://h/', headers: {A: b, C: !!binary ZA==}}", "{status: {code: 200}, body: a}"),
        source="x",
    )
    assert found.request.headers == (("A", "b"), ("C", "d"))
    assert found.response == RecordedResponse(200, "", (), b"a")


def test_the_flat_form_that_vcrpy_once_had_for_httpx_is_understood():
    (found,) = parse_cassette(old(response="{status_code: 404, headers: {A: [b]}, content: abc}"), source="x")
    assert found.response == RecordedResponse(404, "", (("A", "b"),), b"abc")


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"just words", "text, not a mapping"),
        (b"- 1\n- 2\n", "a list, not a mapping"),
        (b"{}", "no interactions"),
        (b"null", "nothing, not a mapping"),
        (b"openapi: 3.0.0\npaths: {}\n", "no interactions"),
        (b"interactions: []\n", "no version"),
        (b"interactions: []\nversion: 2\n", "version is 2"),
        (b"interactions: []\nversion: true\n", "version is a truth value"),
        (b"interactions: {}\nversion: 1\n", "a mapping, not a list"),
        (b"interactions: null\nversion: 1\n", "nothing, not a list"),
        (b"interactions: [1]\nversion: 1\n", "interaction 1: it is a number"),
        (b"interactions:\n- {request: {method: GET, uri: u}}\nversion: 1\n", "interaction 1: it has no response"),
        (b"- request: {}\n  response: {}\n", "vcr.migration"),
        (b"interactions: [\n", "not readable as YAML or JSON"),
        (b"interactions: []\n---\nversion: 1\n", "not readable"),
        (old("{uri: 'https://h/'}"), "request has no method"),
        (old("{method: GET}"), "request has no uri"),
        (old("{method: GET, uri: 1}"), "request uri is a number, not text"),
        (old("{method: GET, uri: u, headers: [a]}"), "request headers is a list"),
        (old("{method: GET, uri: u, headers: {1: [a]}}"), "a name that is not text"),
        (old("{method: GET, uri: u, headers: {x-ms-version: [2019-02-02]}}"), "header x-ms-version is a date, not text"),
        (old("{method: GET, uri: u, headers: {A: [1]}}"), "header A is a number, not text; quote it"),
        (old("{method: GET, uri: u, body: {other: a}}"), "request body has no string"),
        (old("{method: GET, uri: u, body: {base64_string: '?'}}"), "not base64"),
        (old("{method: GET, uri: u, body: 1.5}"), "request body is a number"),
        (old("{method: GET, uri: u, body: 2019-99-99}"), "not readable"),
        (old(response="{status: {code: 200, message: OK}, headers: {}}"), "response has no body"),
        (old(response="{headers: {}, body: a}"), "response has no status"),
        (old(response="{status: 200, body: a}"), "response status is a number"),
        (old(response="{status: {code: '200'}, body: a}"), "status code is text"),
        (old(response="{status: {code: 1000}, body: a}"), "status code is 1000"),
        (old(response="{status: {code: true}, body: a}"), "status code is a truth value"),
        (json.dumps({"version": 1, "interactions": [{"request": {"method": "G", "uri": "u", "body": "\ud800"}, "response": {}}]}).encode(), "surrogate"),
    ],
)  # fmt: skip
def test_what_is_not_a_whole_cassette_is_refused_with_the_file_and_the_reason(data: bytes, complaint: str):
    with pytest.raises(CassetteError, match=r"cassette some/file\.yaml: ") as caught:
        parse_cassette(data, source="some/file.yaml")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['true']",
        "!!python/name:os.system ''",
        "!!python/object/new:os.path {}",
        "!x a",
    ],
)
def test_a_tag_that_names_code_is_refused_and_nothing_runs(tag: str):
    with pytest.raises(CassetteError, match="could not determine a constructor"):
        parse_cassette(old(f"{{method: GET, uri: u, body: {tag}}}"), source="x")


def test_an_error_about_damage_quotes_nothing_of_the_file():
    with pytest.raises(CassetteError) as caught:
        parse_cassette(b"interactions:\n  sig: [c2VjcmV0\nversion: }", source="x")
    assert "c2VjcmV0" not in str(caught.value)
    assert "line 3" in str(caught.value)


def test_a_well_formed_cassette_without_interactions_is_read_as_such():
    assert parse_cassette(render_cassette([]), source="x") == []


def test_a_file_that_is_not_there_is_a_cassette_error(tmp_path: Path):
    with pytest.raises(CassetteError, match=r"nowhere\.yaml: there is no such file"):
        read_cassette(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("data", [b"interactions: []\nversion: 1\n", b"interactions: ["])
def test_the_garbage_collector_is_as_before_after_loading(data: bytes, enabled: bool):
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        try:
            parse_cassette(data, source="x")
        except CassetteError:
            assert data.endswith(b"[")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


def test_without_pyyaml_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name == "yaml":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(CassetteError, match=r"azfiles-toolkit\[recording\]"):
        parse_cassette(b"interactions: []\nversion: 1\n", source="x")


def test_a_pyyaml_without_its_c_part_does_too(monkeypatch: pytest.MonkeyPatch):
    from azfiles.cassette import loading

    found = [interaction("GET", "/s/f", content=BOM_XML)]
    with monkeypatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader")
        patch.delattr(yaml, "CSafeDumper")
        loading._loader.cache_clear()
        assert parse_cassette(render_cassette(found), source="x") == found
    loading._loader.cache_clear()


def test_writing_makes_folders_and_leaves_nothing_but_the_file(tmp_path: Path):
    path = tmp_path / "deep" / "er" / "a.yaml"
    write_cassette(path, [interaction("GET", "/s/f")])
    write_cassette(path, [])
    assert read_cassette(path) == []
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path: Path):
    path = tmp_path / "a.yaml"
    was = os.umask(0o027)
    try:
        write_cassette(path, [])
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o600)
        write_cassette(path, [])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(was)


def test_a_symbolic_link_to_a_cassette_stays_one(tmp_path: Path):
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    write_cassette(tmp_path / "link.yaml", [])
    assert (tmp_path / "link.yaml").is_symlink()
    assert read_cassette(tmp_path / "real.yaml") == []


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.yaml"
    write_cassette(path, [interaction("GET", "/s/f")])
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CassetteError, match="cannot be written: No space left on device"):
        write_cassette(path, [])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
