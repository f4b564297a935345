"""What a command itself has to object to, beside what azfiles raises."""

from __future__ import annotations

from azfiles.errors import AzureFilesError


class CommandError(AzureFilesError):
    """It cannot be done as it was asked for: why, what would help, and the exit status."""

    def __init__(self, message: str, *hints: str, status: int) -> None:
        super().__init__(message)
        self.hints = hints
        self.exit_status = status


__all__ = ["CommandError"]
