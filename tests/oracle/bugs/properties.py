"""Mistakes about metadata, headers and ETags."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

from azfiles_sim.model import commands as c
from azfiles_sim.model.deciding import find_place
from azfiles_sim.model.entities import (
    File,
)
from azfiles_sim.pipeline import read_call
from tests.oracle.bugs.placing import Placing, bug, put_file, put_share, rule


@bug("EtagMetadata")
def set_share_metadata_keeps_the_etag() -> Placing:
    def wrong(context, command, real):
        before = context.view.share(command.account, command.share)
        return put_share(real(context, command), lambda share: replace(share, stamp=before.stamp))

    return rule(c.SetShareMetadata, wrong)


@bug("EtagMetadata")
def set_file_metadata_keeps_the_etag() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        return put_file(real(context, command), lambda file: replace(file, stamp=before.stamp))

    return rule(c.SetFileMetadata, wrong)


@bug("EtagMetadata")
def clearing_nothing_keeps_the_etag() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        decision = real(context, command)
        same = isinstance(before, File) and not before.content.written
        return put_file(decision, lambda file: replace(file, stamp=before.stamp)) if same else decision

    return rule(c.ClearRange, wrong)


@bug("EtagMetadata")
def metadata_is_merged_instead_of_replaced() -> Placing:
    def wrong(context, command, real):
        before = context.view.share(command.account, command.share)
        kept = dict(before.metadata if before else ())
        return real(context, replace(command, metadata=tuple({**kept, **dict(command.metadata)}.items())))

    return rule(c.SetShareMetadata, wrong)


@bug("EtagMetadata")
def metadata_names_lose_their_case() -> Placing:
    def wrong(*arguments):
        call = read_call(*arguments)
        call.metadata_names = {name: key.lower() for name, key in call.metadata_names.items()}
        return call

    return patch("azfiles_sim.pipeline.read_call", wrong)


@bug("EtagMetadata")
def headers_are_merged_instead_of_replaced() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node

        def merged(file: File) -> File:
            old = before.http
            given = {name: value for name in old.__slots__ if (value := getattr(file.http, name)) is not None}
            return replace(file, http=replace(old, **given))

        return put_file(real(context, command), merged)

    return rule(c.SetFileProperties, wrong)


@bug("EtagMetadata")
def an_overwritten_file_keeps_its_metadata() -> Placing:
    def wrong(context, command, real):
        before = find_place(context.view, command).node
        kept = {"metadata": before.metadata} if isinstance(before, File) else {}
        return put_file(real(context, command), lambda file: replace(file, **kept))

    return rule(c.CreateFile, wrong)
