"""Every public method of the official Python SDK, blocking and async, in process and over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from .sdk_kit import CLIENTS, COLOURS, WAYS, in_process, public_methods
from .sdk_stories import STORIES, a_download_notices_that_the_file_has_changed

pytestmark = [
    pytest.mark.filterwarnings(
        "ignore:Sending a large body directly with raw bytes:ResourceWarning"
    ),  # the SDK does so
    pytest.mark.filterwarnings("ignore:get_ranges:DeprecationWarning"),  # public all the same
]

# Over HTTP the async client leaks the connection on which it notices a change.
IN_PROCESS_ONLY = {a_download_notices_that_the_file_has_changed}
ACTED = [
    pytest.param(story, way, id=f"{story.__name__}-{way}")
    for story in STORIES
    for way in WAYS
    if way == "in process" or story not in IN_PROCESS_ONLY
]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(("story", "way"), ACTED)
def test_the_story_ends_as_it_would_on_azure(story, way, colour):
    async def act() -> None:
        async with WAYS[way](colour) as kit:
            await story(kit)

    asyncio.run(act())


@pytest.mark.parametrize("colour", COLOURS)
def test_no_public_method_is_left_uncalled(colour):
    async def act() -> set[tuple[str, str]]:
        called: set[tuple[str, str]] = set()
        for story in STORIES:
            async with in_process(colour) as kit:
                await story(kit)
                called |= kit.called
        return called

    public = set().union(*map(public_methods, CLIENTS))
    assert public - asyncio.run(act()) == set()
