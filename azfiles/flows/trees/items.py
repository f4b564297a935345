"""Doing one step of a plan. A step, how it is done and where are values, so this can be done in any process."""

from __future__ import annotations

from dataclasses import replace

from azfiles.core import directories
from azfiles.errors import NotFound
from azfiles.flows.call import call
from azfiles.flows.deleting import delete_file
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.making import make_directory
from azfiles.flows.targets import Target
from azfiles.flows.trees.comparing import same_content
from azfiles.flows.trees.copies import copy_file
from azfiles.flows.trees.fetching import fetch_file
from azfiles.flows.trees.handling import Handling, LocalFolder, Places, Root, below
from azfiles.flows.trees.names import Path, path_of
from azfiles.flows.trees.sending import send_file
from azfiles.models import TreeAction, TreeStep


def settled(places: Places, step: TreeStep) -> Flow[TreeStep]:
    """The step that it comes to: one that compares is to be a transfer, or to be none, by what the contents are."""
    if step.action is not TreeAction.COMPARE:
        return step
    if (yield from same_content(places, path_of(step.path))):
        return replace(step, action=TreeAction.KEEP, replaces=False, why="")
    return replace(step, action=TreeAction.TRANSFER)


def perform(places: Places, handling: Handling, step: TreeStep) -> Flow[int]:
    """Do one step; the result is how many bytes were transferred. Raises what went wrong."""
    path = path_of(step.path)
    destination = places.destination
    match step.action:
        case TreeAction.MAKE_DIRECTORY:
            yield from _make_directory(destination, path)
        case TreeAction.DELETE_FILE:
            yield from _delete_file(destination, path, handling)
        case TreeAction.DELETE_DIRECTORY:
            yield from _delete_directory(destination, path)
        case TreeAction.TRANSFER:
            return (yield from _transfer(places, handling, step, path))
        case TreeAction.COMPARE | TreeAction.KEEP | TreeAction.SKIP | TreeAction.FAIL:
            pass
    return 0


def _transfer(places: Places, handling: Handling, step: TreeStep, path: Path) -> Flow[int]:
    source, destination = places.source, places.destination
    if isinstance(source, LocalFolder) and isinstance(destination, Target):
        return (yield from send_file(source.at(path), below(destination, path), step, handling, is_nfs=places.is_nfs))
    if isinstance(source, Target) and isinstance(destination, LocalFolder):
        return (yield from fetch_file(below(source, path), destination.at(path), step, handling, is_nfs=places.is_nfs))
    if isinstance(source, Target) and isinstance(destination, Target):
        return (
            yield from copy_file(below(source, path), below(destination, path), step, handling, is_nfs=places.is_nfs)
        )
    raise TypeError("a transfer is from one side to the other, or inside the service")


def _make_directory(root: Root, path: Path) -> Flow[None]:
    if isinstance(root, LocalFolder):
        place = root.at(path)
        yield from on_disk("make directory", lambda disk: disk.make_directory(place))
        return
    yield from make_directory(below(root, path), with_parents=not path)


def _delete_file(root: Root, path: Path, handling: Handling) -> Flow[None]:
    if isinstance(root, LocalFolder):
        place = root.at(path)
        yield from on_disk("remove", lambda disk: disk.remove(place))
        return
    target = below(root, path)
    try:
        yield from delete_file(target, ignore_readonly=handling.ignore_readonly)
    except NotFound:
        return  # gone it is


def _delete_directory(root: Root, path: Path) -> Flow[None]:
    if isinstance(root, LocalFolder):
        place = root.at(path)
        yield from on_disk("remove", lambda disk: disk.remove(place))
        return
    target = below(root, path)
    try:
        yield from call(target.session, directories.delete_directory(target.share, target.path))
    except NotFound:
        return


__all__ = ["perform", "settled"]
