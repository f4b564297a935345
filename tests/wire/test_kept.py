"""What was worked out once is given again as long as it is kept, and no more is kept than is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim.journal import Entry, Journal
from azfiles_sim.model.commands import GetFileProperties
from azfiles_sim.model.deciding import find_place
from azfiles_sim.wire.forms import FORMS
from azfiles_sim.wire.header_names import HEADER_NAMES
from azfiles_sim.wire.kept import LONGEST, MOST, MOST_PARTS, Kept, is_short, made_of
from azfiles_sim.wire.query import QUERIES, parse_query
from azfiles_sim.wire.redaction import LONGEST_TOLD, tell_target

from .asking import ACCOUNT, NEWEST, Asker, Pairs, content, service_sas


def test_a_key_is_worked_out_once_and_a_long_one_each_time() -> None:
    asked: list[str] = []

    def work_out(key: str) -> int:
        asked.append(key)
        return len(key)

    kept = Kept(work_out, short=is_short)
    long = "x" * (LONGEST + 1)
    assert [kept["abc"], kept["abc"], kept[long], kept[long]] == [3, 3, len(long), len(long)]
    assert asked == ["abc", long, long]
    assert "abc" not in repr(kept)


def test_of_too_many_keys_all_are_forgotten() -> None:
    kept = Kept(str, short=lambda _: True)
    assert [kept[number] for number in range(3 * MOST)] == [str(number) for number in range(3 * MOST)]
    assert len(kept) <= MOST


def test_nothing_is_kept_of_many_short_parts() -> None:
    """A client without any credential may send them, and each takes a hundred times the memory of its letter."""
    few = "&".join("b" * MOST_PARTS)
    many = f"{few}&b"
    few_names = tuple(f"n{number}" for number in range(MOST_PARTS))
    many_names = (*few_names, "more")
    for names, query in ((few_names, few), (many_names, few), (few_names, many)):
        assert HEADER_NAMES[names].lower == names
        assert len(QUERIES[query].pairs) == query.count("b")
        assert FORMS["F3", NEWEST, names, query].holds
    assert (few in QUERIES, many in QUERIES) == (True, False)
    assert (few_names in HEADER_NAMES, many_names in HEADER_NAMES) == (True, False)
    kept = [(names, query) for _, _, names, query in FORMS if names in {few_names, many_names}]
    assert kept == [(few_names, few)]


def test_what_is_raised_is_not_kept() -> None:
    answers = [ValueError(), 5]

    def work_out(_: str) -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    kept = Kept(work_out, short=is_short)
    with pytest.raises(ValueError):
        kept["a"]
    assert kept["a"] == 5


def test_names_of_headers_are_told_apart_whatever_their_case() -> None:
    names = HEADER_NAMES["X-Ms-Meta-Key", "Host", "x-ms-DATE", "x-ms-meta-key", "x-ms-meta"]
    assert names.lower == ("x-ms-meta-key", "host", "x-ms-date", "x-ms-meta-key", "x-ms-meta")
    assert not names.are_unique
    assert names.service == ["x-ms-meta-key", "x-ms-date", "x-ms-meta"]
    assert names.metadata == {"x-ms-meta-key": "Key"}


def test_a_query_gives_the_first_value_of_each_parameter_and_does_not_show_any() -> None:
    query = parse_query("Comp=LIST&a=%2f&a=2&sig=secret&restype=Share&&b")
    assert list(query.items()) == [("comp", "LIST"), ("a", "/"), ("sig", "secret"), ("restype", "Share"), ("b", "")]
    assert (query.comp, query.restype, query.pairs[2]) == ("list", "share", ("a", "2"))
    assert "secret" not in repr(query)


def test_a_file_read_in_any_order_of_forms_is_told_as_one_that_is_read_first() -> None:
    """Headers that were told of a file are told again; each form of telling, and each change, has its own."""
    sas = service_sas("data/d/f", sp="r", rsct="text/x")
    ranged = ("x-ms-range", "bytes=0-3")

    def read(asker: Asker, way: int) -> Pairs:
        match way:
            case 0:
                reply = asker.ask("GET", "/data/d/f")
            case 1:
                reply = asker.ask("GET", "/data/d/f", ranged)
            case 2:
                reply = asker.ask("HEAD", "/data/d/f", version="2018-11-09")
            case 3:
                reply = asker.with_sas("GET", "/data/d/f", sas)
            case _:
                reply = asker.ask("GET", "/data/d?restype=directory&comp=list")
        return [pair for pair in reply.headers if pair[0] != "x-ms-request-id"] + [("body", content(reply))]

    def asker() -> Asker:
        made = Asker().with_share()
        made.ask("PUT", "/data/d/f?comp=properties", ("x-ms-content-md5", "4vxxTEcn7pOV8yTNLn8zHw=="))
        return made

    alone = [read(asker(), way) for way in range(5)]
    together = asker()
    for way in (0, 0, 1, 1, 4, 4, 0, 2, 1, 3, 3, 0, 4, 2, 2, 3):
        assert read(together, way) == alone[way]
    together.advance(1)
    assert together.ask("PUT", "/data/d/f?comp=metadata", ("x-ms-meta-k", "v")).status == 200
    told = dict(read(together, 0))
    assert told["x-ms-meta-k"] == "v"
    assert told["ETag"] != dict(alone[0])["ETag"]


def test_the_headers_of_a_file_are_kept_only_of_those_that_are_read_again() -> None:
    """What is kept of each file takes more memory than its entry, and reading a whole share once is no reason to keep it."""
    asker = Asker().with_share()
    place = GetFileProperties(account=ACCOUNT, version=NEWEST, share="data", path=("d", "f"))
    kept = []
    told = []
    for _ in range(4):
        told.append([pair for pair in asker.ask("GET", "/data/d/f").headers if pair[0] != "x-ms-request-id"])
        node = find_place(asker.simulator._service.store.view(), place).node
        assert node is not None
        kept.append(len(made_of(node, ("Content-MD5", NEWEST))))
    assert kept[0] == 0 < kept[1] == kept[2] == kept[3]
    assert told[0] == told[1] == told[2] == told[3]


@given(st.text(max_size=50), st.integers(0, 2))
def test_a_journal_tells_targets_without_secrets_and_cut(text: str, times: int) -> None:
    target = f"/a{text}?sig=secret&b=" + "c" * (times * LONGEST_TOLD)
    journal = Journal()
    journal.append(("id", 1, "GET", target, "a", "", "", 200, "", ("n",)))
    assert journal.entries() == (Entry("id", 1, "GET", tell_target(target), "a", "", "", 200, "", ("n",)),)
    assert "secret" not in journal.entries()[0].target
    held = journal._entries[0]
    assert len(held[3]) <= LONGEST_TOLD
