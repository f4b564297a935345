"""What was worked out once is given again as long as it is kept, and no more is kept than is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim.journal import Entry, Journal
from azfiles_sim.wire.header_names import HEADER_NAMES
from azfiles_sim.wire.kept import LONGEST, MOST, Kept, is_short
from azfiles_sim.wire.query import parse_query
from azfiles_sim.wire.redaction import LONGEST_TOLD, tell_target


def test_a_key_is_worked_out_once_and_a_long_one_each_time() -> None:
    asked: list[str] = []

    def work_out(key: str) -> int:
        asked.append(key)
        return len(key)

    kept = Kept(work_out, short=is_short)
    long = "x" * (LONGEST + 1)
    assert [kept["abc"], kept["abc"], kept[long], kept[long]] == [3, 3, len(long), len(long)]
    assert asked == ["abc", long, long]


def test_of_too_many_keys_all_are_forgotten() -> None:
    kept = Kept(str, short=lambda _: True)
    assert [kept[number] for number in range(3 * MOST)] == [str(number) for number in range(3 * MOST)]
    assert len(kept) <= MOST


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


@given(st.text(max_size=50), st.integers(0, 2))
def test_a_journal_tells_targets_without_secrets_and_cut(text: str, times: int) -> None:
    target = f"/a{text}?sig=secret&b=" + "c" * (times * LONGEST_TOLD)
    journal = Journal()
    journal.note(("id", 1, "GET", target, "a", "", "", 200, "", ("n",)))
    assert journal.entries() == (Entry("id", 1, "GET", tell_target(target), "a", "", "", 200, "", ("n",)),)
    assert "secret" not in journal.entries()[0].target
    held = journal._entries[0]
    assert len(held[3]) <= LONGEST_TOLD
