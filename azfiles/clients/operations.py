"""What can be done with each kind of resource: one line for each operation, blocking and async alike."""

from __future__ import annotations

from azfiles.clients.descriptors import listing, operation, stream
from azfiles.clients.workers import spreading
from azfiles.core import copying, directories, files, handles, leases, links, ranges, service, shares
from azfiles.flows import copying as copies
from azfiles.flows import handles as handling
from azfiles.flows import leasing, renaming, signing
from azfiles.flows import links as linking
from azfiles.flows.call import on_path, on_service, on_share
from azfiles.flows.deleting import delete_file
from azfiles.flows.downloading import download, download_to, get_parts
from azfiles.flows.locking import finding
from azfiles.flows.making import make_directories
from azfiles.flows.reading import get, get_range
from azfiles.flows.stat import stat
from azfiles.flows.swapping import create_new, update, write_if
from azfiles.flows.transfers.temporary import find_temporary, remove_temporary
from azfiles.flows.trees.copies import copy_to
from azfiles.flows.trees.deleting import delete_tree
from azfiles.flows.trees.leftovers import find_all_temporary, remove_all_temporary
from azfiles.flows.trees.syncing import sync_down, sync_up
from azfiles.flows.trees.transferring import copy_tree, download_tree, upload_tree
from azfiles.flows.trees.walking import walk
from azfiles.flows.uploading import upload
from azfiles.flows.writing import put_range_from_url

_list_shares = on_service(service.list_shares)
_list_directory = on_path(directories.list_directory)
_list_directory_handles = on_path(handles.list_directory_handles)
_list_ranges = on_path(ranges.list_ranges)
_list_file_handles = on_path(handles.list_file_handles)


class ServiceOperations:
    """Operations of an account's file service."""

    __slots__ = ()

    list_shares = listing(_list_shares, lambda page: page.shares, of="ShareItem")
    list_shares_page = operation(_list_shares)
    get_properties = operation(on_service(service.get_service_properties))
    set_properties = operation(on_service(service.set_service_properties))
    preflight = operation(on_service(service.preflight_service))
    make_sas = operation(signing.make_account_sas)
    get_user_delegation_key = operation(signing.get_user_delegation_key)


class ShareOperations:
    """Operations of a share or of a share snapshot."""

    __slots__ = ()

    create = operation(on_share(shares.create_share))
    delete = operation(on_share(shares.delete_share))
    undelete = operation(on_share(shares.undelete_share))
    get_properties = operation(on_share(shares.get_share_properties))
    set_properties = operation(on_share(shares.set_share_properties))
    set_quota = operation(on_share(shares.set_share_quota))
    set_metadata = operation(on_share(shares.set_share_metadata))
    get_metadata = operation(on_share(shares.get_share_metadata))
    get_statistics = operation(on_share(shares.get_share_statistics))
    create_snapshot = operation(on_share(shares.create_share_snapshot))
    get_access_policy = operation(on_share(shares.get_share_access_policy))
    set_access_policy = operation(on_share(shares.set_share_access_policy))
    create_permission = operation(on_share(shares.create_permission))
    get_permission = operation(on_share(shares.get_permission))
    stat = operation(stat)
    acquire_lease = operation(leasing.acquire_share_lease)
    renew_lease = operation(on_share(leases.renew_share_lease))
    change_lease = operation(on_share(leases.change_share_lease))
    release_lease = operation(on_share(leases.release_share_lease))
    break_lease = operation(on_share(leases.break_share_lease))
    find_leases = operation(finding.find_leases)
    break_stale = operation(finding.break_stale)
    make_sas = operation(signing.make_share_sas)
    make_user_delegation_sas = operation(signing.make_user_delegation_share_sas)


class DirectoryOperations:
    """Operations of a directory; the share's root can be listed but neither created nor deleted."""

    __slots__ = ()

    create = operation(on_path(directories.create_directory))
    create_with_parents = operation(make_directories)
    stat = operation(stat)
    delete = operation(on_path(directories.delete_directory))
    get_properties = operation(on_path(directories.get_directory_properties))
    set_metadata = operation(on_path(directories.set_directory_metadata))
    get_metadata = operation(on_path(directories.get_directory_metadata))
    set_smb_properties = operation(on_path(directories.set_directory_smb_properties))
    set_nfs_properties = operation(on_path(directories.set_directory_nfs_properties))
    list = listing(_list_directory, lambda page: page.entries, of="DirectoryEntry | FileEntry")
    list_page = operation(_list_directory)
    rename = operation(renaming.rename_directory)
    list_handles = listing(_list_directory_handles, lambda page: page.handles, of="Handle")
    list_handles_page = operation(_list_directory_handles)
    close_handle = operation(handling.close_directory_handle)
    close_all_handles = operation(handling.close_all_directory_handles)
    find_leases = operation(finding.find_leases)
    break_stale = operation(finding.break_stale)
    find_temporary = operation(find_temporary)
    remove_temporary = operation(remove_temporary)
    find_all_temporary = operation(find_all_temporary)
    remove_all_temporary = operation(remove_all_temporary)
    walk = stream(walk, of="TreeEntry")
    upload_tree = operation(spreading(upload_tree))
    download_tree = operation(spreading(download_tree))
    copy_tree = operation(spreading(copy_tree))
    delete_tree = operation(spreading(delete_tree))
    sync_up = operation(spreading(sync_up))
    sync_down = operation(spreading(sync_down))


class FileOperations:
    """Operations of a file."""

    __slots__ = ()

    create = operation(on_path(files.create_file))
    delete = operation(delete_file)
    get = operation(get)
    get_range = operation(get_range)
    get_properties = operation(on_path(files.get_file_properties))
    set_http_headers = operation(on_path(files.set_file_http_headers))
    resize = operation(on_path(files.resize_file))
    set_smb_properties = operation(on_path(files.set_file_smb_properties))
    set_nfs_properties = operation(on_path(files.set_file_nfs_properties))
    set_metadata = operation(on_path(files.set_file_metadata))
    get_metadata = operation(on_path(files.get_file_metadata))
    put_range = operation(on_path(ranges.put_range))
    clear_range = operation(on_path(ranges.clear_range))
    put_range_from_url = operation(put_range_from_url)
    list_ranges = operation(_list_ranges)
    iterate_ranges = listing(_list_ranges, lambda page: page.in_order, of="Range")
    start_copy = operation(copies.start_copy)
    get_copy_status = operation(copies.get_copy_status)
    copy_to = operation(copy_to)
    abort_copy = operation(on_path(copying.abort_copy))
    rename = operation(renaming.rename_file)
    create_hard_link = operation(linking.create_hard_link)
    create_symbolic_link = operation(on_path(links.create_symbolic_link))
    get_symbolic_link = operation(on_path(links.get_symbolic_link))
    list_handles = listing(_list_file_handles, lambda page: page.handles, of="Handle")
    list_handles_page = operation(_list_file_handles)
    close_handle = operation(handling.close_file_handle)
    close_all_handles = operation(handling.close_all_file_handles)
    preflight = operation(on_path(service.preflight_file))
    acquire_lease = operation(leasing.acquire_file_lease)
    change_lease = operation(on_path(leases.change_file_lease))
    release_lease = operation(on_path(leases.release_file_lease))
    break_lease = operation(on_path(leases.break_file_lease))
    find_lease = operation(finding.find_file_lease)
    break_stale = operation(finding.break_stale_file)
    upload = operation(upload)
    download = operation(download)
    download_to = operation(download_to)
    iterate = listing(get_parts, lambda page: page.parts, of="memoryview")
    update = operation(update)
    write_if = operation(write_if)
    create_new = operation(create_new)
    make_sas = operation(signing.make_file_sas)
    make_user_delegation_sas = operation(signing.make_user_delegation_file_sas)


class LeaseOperations:
    """Operations of a lease that is held by its id."""

    __slots__ = ()

    renew = operation(leasing.renew)
    change = operation(leasing.change)
    release = operation(leasing.release)
    break_ = operation(leasing.break_)


__all__ = [
    "DirectoryOperations",
    "FileOperations",
    "LeaseOperations",
    "ServiceOperations",
    "ShareOperations",
]
