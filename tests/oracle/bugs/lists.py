"""Mistakes about lists of shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

from azfiles_sim.model import commands as c
from azfiles_sim.model import service
from azfiles_sim.model.results import SharesPage
from tests.oracle.bugs.placing import Placing, bug, rule


def _page(change: Callable[[SharesPage], SharesPage]) -> Placing:
    def wrong(context, command, real):
        decision = real(context, command)
        return replace(decision, result=change(decision.result))

    return rule(c.ListShares, wrong)


@bug("ShareList")
def a_list_is_ordered_without_dashes() -> Placing:
    return _page(lambda page: replace(page, items=tuple(sorted(page.items, key=lambda one: one.name.replace("-", "")))))


@bug("ShareList")
def a_list_ignores_its_prefix() -> Placing:
    return rule(c.ListShares, lambda context, command, real: real(context, replace(command, prefix="")))


@bug("ShareList")
def a_prefix_ignores_case() -> Placing:
    return rule(
        c.ListShares, lambda context, command, real: real(context, replace(command, prefix=command.prefix.lower()))
    )


@bug("ShareList")
def a_page_repeats_the_last_item() -> Placing:
    def repeated(page: SharesPage) -> SharesPage:
        again = page.next_name is not None and len(page.items) > 1
        return replace(page, next_name=page.items[-1].name) if again else page

    return _page(repeated)


@bug("ShareList")
def a_page_loses_the_item_after_it() -> Placing:
    return _page(lambda page: replace(page, next_name=None if page.next_name is None else f"{page.next_name}0"))


@bug("ShareList")
def a_page_holds_one_more_than_asked() -> Placing:
    real = service.page_size
    return patch.object(service, "page_size", lambda asked: real(asked) + 1)
