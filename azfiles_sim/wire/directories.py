"""Directory operations: from headers to commands. Their replies are in ``paths``, listings in ``listing``."""

from __future__ import annotations

from azfiles_sim.model.commands import (
    CreateDirectory,
    DeleteDirectory,
    GetDirectory,
    SetDirectoryMetadata,
    SetDirectoryProperties,
)
from azfiles_sim.wire.call import Call
from azfiles_sim.wire.headers import read_metadata, snapshot_query
from azfiles_sim.wire.paths import is_restored, target_path
from azfiles_sim.wire.smb import CREATE_WORDS, SET_WORDS, read_nfs, read_smb


def read_create(call: Call) -> CreateDirectory:
    return CreateDirectory(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        metadata=read_metadata(call) or (),
        smb=read_smb(call, CREATE_WORDS, mandatory=True),
        nfs=read_nfs(call),
        exact=is_restored(call),
    )


def read_get(call: Call) -> GetDirectory:
    return GetDirectory(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        snapshot=snapshot_query(call),
    )


def read_delete(call: Call) -> DeleteDirectory:
    return DeleteDirectory(account=call.account, version=call.version, share=call.share, path=target_path(call))


def read_set_properties(call: Call) -> SetDirectoryProperties:
    return SetDirectoryProperties(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        smb=read_smb(call, SET_WORDS, mandatory=True),
        nfs=read_nfs(call),
    )


def read_set_metadata(call: Call) -> SetDirectoryMetadata:
    return SetDirectoryMetadata(
        account=call.account,
        version=call.version,
        share=call.share,
        path=target_path(call),
        metadata=read_metadata(call) or (),
    )
