"""What the tests of locks of files and of shares have in common: exploring seeds and counting what happened in them, and
histories that are written by hand.
"""

from __future__ import annotations

from collections import Counter

from azfiles_sim.explore.checker import check
from azfiles_sim.explore.checker import history as h
from azfiles_sim.explore.composing import compose
from azfiles_sim.explore.running import run
from tests.explore.exploring import nothing_found
from tests.proof import FOLDER, PROVING, Count, text


def explore(kind, scale, part, seeds, tell):
    """Run a part of so many seeds, none of which may fail. What ``tell`` counts in their histories is added up, kept under
    ``kind``, and returned.
    """
    first = part * seeds
    count = Count(f"{kind}-{part}", first, folder=FOLDER if PROVING else None)
    figures = count.figures
    while figures["seeds"] < seeds:
        seed = first + figures["seeds"]
        result = nothing_found(seed, scale, f"--{kind.replace('_', '-')}")
        assert len(result.program.clients) == 5
        figures["seeds"] += 1
        figures["requests"] += result.requests
        figures["lost requests and replies"] += len(result.diary)
        figures["violations"] += 0  # the first would have failed
        figures += tell(result.history)
        if figures["seeds"] % 50 == 0:
            count.save()
    count.save()
    print(text({kind: figures}), end="")
    return figures


def tell_kept(action):
    """How a holder fared, in the words of the figures."""
    told = Counter({"holders never held up" if action.steady else "holders held up or killed": 1})
    told["locks lost"] += action.lost
    return told


def tell_count(outcome):
    """What came of counting under a lock, in the words of the figures."""
    return Counter(
        {{h.Done: "counts", h.Refused: "late writes refused"}.get(type(outcome), "counts without an answer"): 1}
    )


def kinds_of_steps(scale):
    return {step.kind for seed in range(30) for client in compose(seed, scale).clients for step in client.steps}


def violations(scale, first):
    """What is found wrong from a seed on, as texts."""
    return (str(run(compose(seed, scale)).violation) for seed in range(first, first + 40))


def entry(number, action, outcome=None, *, invoked=None, completed=None, client=1):
    """An entry of a history, done unless ``outcome`` says otherwise, in the order of the numbers unless times are given."""
    invoked = 10 * number if invoked is None else invoked
    outcome = h.Done(h.Told()) if outcome is None else outcome
    return h.Entry(client, f"{client}.{number}", action, invoked, completed or invoked + 5, outcome)


def check_verdict(entries, wrong):
    """The judge finds ``wrong`` in a history, or nothing where that is None."""
    violation = check(entries, {})
    assert (violation is None) == (wrong is None), violation
    assert wrong is None or wrong in str(violation)
