"""Plans in TOML and JSON: what they mean, what is said where something is wrong, and back again."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azfiles_sim.faults import (
    CutBody,
    DelayReply,
    DelayRequest,
    Drip,
    FlipReplyBit,
    FlipRequestBit,
    LoseLease,
    LoseReply,
    LoseRequest,
    PlanError,
    Refuse,
    Reset,
    Restart,
    Rule,
    Script,
    SkewClock,
    WrongLength,
    document_of,
    read_plan,
    script_of,
)
from azfiles_sim.faults.outcomes import WORDS
from azfiles_sim.wire.operations import OPERATIONS

SECONDS = st.floats(0, 1000)
OUTCOMES = st.one_of(
    st.builds(DelayRequest, SECONDS),
    st.builds(LoseRequest),
    st.builds(FlipRequestBit, st.none() | st.integers(0, 99)),
    st.builds(
        Refuse,
        st.sampled_from(["ServerBusy", "InternalError"]),
        st.none() | st.integers(400, 599),
        st.none() | st.integers(0, 99),
        st.booleans(),
    ),
    st.builds(LoseLease, st.none() | st.just("data/f"), st.sampled_from(["broken", "expired"])),
    st.builds(SkewClock, st.floats(-1000, 1000)),
    st.builds(Restart, SECONDS, st.booleans()),
    st.builds(DelayReply, SECONDS),
    st.builds(LoseReply),
    st.builds(Reset, st.booleans()),
    st.builds(CutBody, st.integers(0, 99), st.booleans()),
    st.builds(FlipReplyBit, st.none() | st.integers(0, 99)),
    st.builds(WrongLength, st.integers(1, 99) | st.integers(-99, -1)),
    st.builds(Drip, st.floats(0.5, 1000)),
)
RULES = st.builds(
    Rule,
    OUTCOMES,
    st.lists(st.sampled_from(sorted(OPERATIONS)), max_size=2).map(tuple),
    st.none() | st.just("data/**"),
    st.none() | st.just("devstoreaccount1"),
    st.lists(st.integers(1, 9), max_size=2).map(tuple),
    st.floats(0, 1),
    st.none() | st.integers(1, 9),
    st.floats(0, 10),
    st.none() | st.floats(11, 99),
)
SCRIPTS = st.builds(Script, st.lists(RULES, max_size=3).map(tuple), st.integers(), st.booleans())


@given(SCRIPTS)
def test_every_script_is_a_document_and_back_also_by_way_of_json(script):
    document = document_of(script)
    assert script_of(document) == script
    assert script_of(json.loads(json.dumps(document))) == script


def test_every_fault_has_a_word_and_every_field_can_be_read():
    built = {Drip: {"bytes_per_s": 1}, WrongLength: {"by": 1}, Refuse: {"code": "ServerBusy"}}
    timed = (DelayRequest, DelayReply, SkewClock)
    for word, kind in WORDS.items():
        needed = built.get(kind, {"seconds": 1} if kind in timed else {})
        [rule] = script_of({"rules": [{"fault": word, **needed}]}).rules
        assert type(rule.outcome) is kind
        for field in fields(kind):
            with pytest.raises(PlanError, match=rf"rule 1: {field.name} "):
                script_of({"rules": [{"fault": word, **needed, field.name: []}]})


def test_a_file_is_toml_or_json(tmp_path):
    expected = Script((Rule(LoseReply(), ("Put Range*",), nth=(2,)),), seed=5)
    toml, as_json = tmp_path / "plan.toml", tmp_path / "plan.JSON"
    toml.write_text('seed = 5\n[[rules]]\nfault = "lose_reply"\noperation = "Put Range*"\nnth = 2\n')
    as_json.write_text('{"seed": 5, "rules": [{"fault": "lose_reply", "operation": ["Put Range*"], "nth": [2]}]}')
    assert read_plan(toml) == read_plan(as_json) == expected


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "a plan is a table of keys and values"),
        ({"rule": []}, "the plan has no 'rule': rules, not 'rule'"),
        ({"rules": {}}, "rules is a list"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"by_name": 1}, "by_name is true or false"),
        ({"rules": ["x"]}, "rule 1: it is a table of keys and values"),
        ({"rules": [{}]}, "rule 1: fault is one of delay_request, lose_request, flip_request_bit, refuse, "),
        ({"rules": [{"fault": "drop"}]}, ", not 'drop'"),
        ({"rules": [{"fault": "lose_replies"}]}, "rule 1: fault is lose_reply or "),
        ({"rules": [{"fault": "lose_reply"}, {"fault": "refuse"}]}, "rule 2: refuse needs code"),
        ({"rules": [{"fault": "lose_reply", "seconds": 1}]}, "rule 1: a rule of lose_reply has no 'seconds': "),
        ({"rules": [{"fault": "lose_reply", "operation": "Put Rang"}]}, "rule 1: operation is the number or name of "),
        ({"rules": [{"fault": "lose_reply", "operation": 8}]}, "rule 1: operation is a text"),
        ({"rules": [{"fault": "lose_reply", "nth": [True]}]}, "rule 1: nth is a whole number or a list of such"),
        ({"rules": [{"fault": "lose_reply", "probability": "1"}]}, "rule 1: probability is a number"),
        ({"rules": [{"fault": "lose_reply", "probability": 2}]}, "rule 1: probability is from 0 to 1"),
        ({"rules": [{"fault": "refuse", "code": "Busy"}]}, "rule 1: the service has no error code 'Busy'"),
        ({"rules": [{"fault": "restart", "down_s": -1}]}, "rule 1: down_s is from 0 to ten years"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_the_rule_and_what_would_do(document, says):
    with pytest.raises(PlanError) as caught:
        script_of(document)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.toml", "seed ="), ("a.json", "{"), ("a.json", "[" * 100_000), ("a.toml", "rules = 3"), ("a.toml", "\udcff")],
)
def test_a_file_that_is_no_plan_is_named(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert str(caught.value).startswith(f"{path}: ")
