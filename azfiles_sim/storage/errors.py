"""Why a folder cannot be used as a store, or can no longer be."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used. The message is one line and names the folder, never what is in it."""


class FolderInUse(StoreError):
    """Another process, or another store of this one, has the folder open."""


class NotAStore(StoreError):
    """The folder holds a database that this program did not make, or that a newer version of it made."""


class StoreFailed(StoreError):
    """Writing failed (a full disk, say). Nothing more is acknowledged; open the folder again to go on."""


class StoreClosed(StoreError):
    """The store was closed; what was read from it lazily can no longer be."""


__all__ = ["FolderInUse", "NotAStore", "StoreClosed", "StoreError", "StoreFailed"]
