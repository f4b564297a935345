"""A small, naive model of the service: dictionaries, byte arrays, and the rules as the documents state them.

It shares no code with the simulator and was written without looking at it, from the public documents and recordings.
Every method is one operation, with the arguments that ``Driver`` has too. It returns what the answer should show,
raises ``Refusal`` where the service refuses, and ``Unknown``, before anything changes, where nobody has verified what
it does. Paths are names joined by slashes; shares are labels; a snapshot is its number in the run.
"""

from __future__ import annotations

from azfiles_sim.testing.model.entities import Directory, File, Lease, Metadata, Share, walk
from azfiles_sim.testing.model.files import Files
from azfiles_sim.testing.model.shares import Shares


class Model(Shares, Files):
    """Everything that the service is known to do with shares, directories and files.

    ``real_time`` is for a service whose clock nobody moves: what depends on time is then unknown.
    """


__all__ = ["Directory", "File", "Lease", "Metadata", "Model", "Share", "walk"]
