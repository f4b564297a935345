"""All stories that are described of the service, by the behaviour that they show: that of 2019, or today's."""

from __future__ import annotations

from . import described_ranges, described_shares, described_sources  # noqa: F401 - their stories put themselves in the lists
from .described_2019 import STORIES_2019
from .described_today import STORIES_TODAY

__all__ = ["STORIES_2019", "STORIES_TODAY"]
