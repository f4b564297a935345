"""Azure Files for fsspec, and so for pandas, Dask, pyarrow and universal_pathlib (needs the extra ``fsspec``)."""

from azfiles.filesystem.system import AzureFilesFileSystem

__all__ = ["AzureFilesFileSystem"]
