"""What a test does to a simulator behind the service's back: its state, its time, its accounts, its journal."""

from __future__ import annotations

from azfiles_sim.control.controlling import Control
from azfiles_sim.control.differences import Difference
from azfiles_sim.control.folders import FolderError

__all__ = ["Control", "Difference", "FolderError"]
