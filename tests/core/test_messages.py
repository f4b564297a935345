"""Headers of a response: looked up in whatever case, shown without their values."""

from __future__ import annotations

from azfiles.messages import Headers

HEADERS = Headers(
    [("ETag", "one"), ("x-ms-meta-Key", "a"), ("etag", "two"), ("X-Ms-Meta-other", "b"), ("x-ms-meta", "c")]
)


def test_of_a_name_sent_twice_the_first_value_counts_in_whatever_case() -> None:
    assert (HEADERS.get("etag"), HEADERS.by_name["etag"], HEADERS.get("date")) == ("one", "one", None)


def test_names_of_a_prefix_keep_the_rest_as_it_was_spelled() -> None:
    assert list(HEADERS.with_prefix("x-ms-meta-")) == [("Key", "a"), ("other", "b")]
    assert list(HEADERS.with_prefix("x-ms-copy-")) == []


def test_a_value_is_not_shown() -> None:
    assert "one" not in repr(HEADERS)
